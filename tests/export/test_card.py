"""The card: counts that are true, and names of strangers that are no Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.export.card import ExportCard
from dataclaw.export.example import Example, ExampleTurn
from dataclaw.export.read import read_samples
from dataclaw.run.report.records import SampleRecord

HOSTILE = "[x](http://evil.example) | <script>alert(1)</script>\n# Title\n```\n![](y) &lt; **b** _i_ `c`"


@pytest.fixture(scope="module")
def sample(runs: dict[str, Path]) -> SampleRecord:
    ((_, found, _),) = read_samples([runs["cut"]])
    return found


def card(sample: SampleRecord, text: str = "fine", *, rows: int = 1, licence: str = "") -> ExportCard:
    made = ExportCard(licence)
    hostile = {"question": text, "answer": text, "intent": sample.intent.model_copy(update={"text": text})}
    hostile |= {"stream": sample.stream.model_copy(update={"name": text, "format": text})}
    known = sample.model_copy(update={**hostile, "made_by": sample.made_by.model_copy(update={"policy": text})})
    for number in range(rows):
        made.add("train", Example(f"r{number}", known, (ExampleTurn("assistant", ()),)))
    return made


def test_names_of_strangers_are_no_markdown(sample: SampleRecord):
    text = card(sample, HOSTILE).text({"train": "data/train.parquet"}, "Title")
    outside = "\n".join(line for line in text.split("\n") if not line.startswith("    "))
    assert "<script" not in outside
    assert "](" not in outside
    assert "```" not in outside
    assert outside.count("\n# ") == 1
    rows = [line for line in outside.split("\n") if line.startswith("|")]
    assert {line.count("|") for line in rows} <= {4, 5}


@given(st.text(max_size=80))
def test_no_text_breaks_out_of_its_line(sample: SampleRecord, text: str):
    plain = card(sample).text({}, "Title").splitlines()
    made = card(sample, text or "x").text({}, "Title")
    headings = [line for line in made.splitlines() if line.startswith(("#", "---", "```", "<"))]
    assert headings == [line for line in plain if line.startswith(("#", "---", "```", "<"))]


def test_a_sample_of_many_rows_counts_once(sample: SampleRecord):
    told = card(sample, rows=3).to_json()
    assert told["samples"] == 1
    assert told["rows"] == [{"side": "train", "domain": "aigc", "task": "edit_plan", "rows": 3}]
    assert all(rule["samples"] == 1 for rule in told["rules"].values())


def test_what_the_user_says_of_licences_stands_there(sample: SampleRecord):
    assert "CC-BY 4.0 of the makers" in card(sample, licence="CC-BY 4.0 of the makers").text({}, "T")
    assert "must say them" in card(sample).text({}, "T")
