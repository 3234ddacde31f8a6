from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.serve.view.index import Query, RunIndex, match_of
from dataclaw.types import Json


def row(number: int, **more: Json) -> dict[str, Json]:
    stream = {"id": f"{number:04}", "name": f"clip {number}", "path": f"in/clip{number}.mp4", "format": "video"}
    verdict = {"total": number / 10, "scores": {"order": 1.0, "evidence": 0.5 if number % 2 else 1.0, "none": None}}
    made = {"id": f"s{number}", "domain": "gui" if number < 5 else "daily", "task": f"t{number % 3}", "stream": stream}
    said = {"question": f"What happens {number}?", "answer": {"steps": [{"text": f"Opens “Café {number}”"}]}}
    return {**made, **said, "verdict": verdict, "made_by": {"repairs": number % 2}, **more}


def rejection(number: int) -> dict[str, Json]:
    stream = {"id": None, "name": "broken.zip", "path": "in/broken.zip"}
    told = {"reason": "the archive ends early.", "draft": None, "verdict": None}
    return {"id": f"r{number}", "domain": None, "task": None, "stream": stream, **told}


def write(folder: Path, samples: list[Json], rejected: list[Json], artifacts: list[Json] | None = None) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in (("samples", samples), ("rejected", rejected), ("artifacts", artifacts or [])):
        lines = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in rows)
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture
def index(tmp_path: Path) -> RunIndex:
    write(tmp_path / "run", [row(n) for n in range(10)], [rejection(1)])
    found = RunIndex(tmp_path / "run", tmp_path / "cache")
    assert found.refresh()
    return found


def ids(index: RunIndex, **query: Json) -> list[str]:
    return [one["id"] for one in index.page(Query(**query), 0, 100)[1]]


def test_rows_are_filtered_by_each_field_and_by_all_together(index: RunIndex):
    assert len(ids(index)) == 11
    assert ids(index, kind="rejected") == ["r1"]
    assert ids(index, domain="daily") == ["s5", "s6", "s7", "s8", "s9"]
    assert ids(index, task="t0") == ["s0", "s3", "s6", "s9"]
    assert ids(index, rule="evidence") == ["s1", "s3", "s5", "s7", "s9"]
    assert ids(index, rule="order") == []
    assert ids(index, source="video", low=0.25, high=0.5) == ["s3", "s4", "s5"]
    assert ids(index, stream="in/clip4.mp4") == ["s4"]
    assert ids(index, domain="daily", rule="evidence", low=0.7) == ["s7", "s9"]


def test_rows_are_sorted_and_paged(index: RunIndex):
    assert ids(index, sort="best")[:3] == ["s9", "s8", "s7"]
    assert ids(index, sort="worst")[:2] == ["s0", "s1"]
    assert ids(index, sort="worst")[-1] == "r1"
    total, rows = index.page(Query(), 4, 3)
    assert total == 11
    assert [one["id"] for one in rows] == ["s4", "s5", "s6"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cafe 7", ["s7"]),
        ("OPENS", 10),
        ("ope", 10),
        ("clip3", ["s3"]),
        ("archive", ["r1"]),
        ("nothing", 0),
        ("“—”", 0),
    ],
)
def test_words_are_found_without_case_accents_or_endings(index: RunIndex, text: str, found: list[str] | int):
    here = ids(index, text=text)
    assert (len(here) if isinstance(found, int) else here) == found


@pytest.mark.parametrize("text", ['"', "a OR b", "NEAR(", "text:x", "*", "') --", "a AND NOT b"])
def test_a_search_is_words_and_no_query_language(index: RunIndex, text: str):
    assert index.page(Query(text=text), 0, 5)[0] == 0
    assert "'" not in match_of(text)


def test_scripts_without_spaces_are_searched_by_any_part(tmp_path: Path):
    write(tmp_path / "run", [row(1, question="打开购物车并付款")], [])
    index = RunIndex(tmp_path / "run", tmp_path / "cache")
    index.refresh()
    assert ids(index, text="购物车") == ["s1"]
    assert ids(index, text="车购") == []


def test_a_sample_knows_its_neighbours_in_the_list_that_is_shown(index: RunIndex):
    assert index.near(Query(rule="evidence", sort="best"), "s5") == {"at": 2, "before": "s7", "after": "s3"}
    assert index.near(Query(rule="evidence"), "s1") == {"at": 0, "after": "s3"}
    assert index.near(Query(rule="evidence"), "s2") == {}


def test_a_record_is_read_whole_and_only_while_its_file_is_the_same(index: RunIndex):
    found = index.find("s3")
    assert found is not None
    assert index.record(found) == row(3)
    text = (index.root / "samples.jsonl").read_text(encoding="utf-8").replace("What happens 3", "What HAPPENS 3")
    (index.root / "samples.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="changed"):
        index.record(found)


def test_the_index_is_kept_and_made_anew_when_the_run_changes(index: RunIndex, tmp_path: Path):
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    before = file.stat().st_mtime_ns
    assert not index.refresh()
    again = RunIndex(index.root, tmp_path / "cache")
    assert again.refresh()
    assert file.stat().st_mtime_ns == before, "another start takes what is there"
    write(index.root, [row(n) for n in range(9)], [])
    assert index.refresh()
    assert len(ids(index)) == 9


def test_a_damaged_index_is_made_anew(index: RunIndex, tmp_path: Path):
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    index.close()
    file.write_bytes(b"no database at all")
    again = RunIndex(index.root, tmp_path / "cache")
    again.refresh()
    assert len(ids(again)) == 11


def test_broken_lines_are_named_and_the_others_are_shown(tmp_path: Path):
    bad = [row(1), '{"id": "half', {"id": "x"}, row(2, verdict={"total": 7}), "[" * 3000, row(3)]
    write(tmp_path / "run", bad, [], ["{}", {"sample": "s1"}])
    index = RunIndex(tmp_path / "run", tmp_path / "cache")
    index.refresh()
    assert ids(index) == ["s1", "s3"]
    places = [line.split(": ")[0] for line in index.broken]
    assert places == ["samples.jsonl:2", "samples.jsonl:3", "samples.jsonl:4", "samples.jsonl:5", "artifacts.jsonl:1"]
    assert "domain" in index.broken[1]


def test_a_run_without_rows_is_an_empty_list(tmp_path: Path):
    write(tmp_path / "run", [], [])
    index = RunIndex(tmp_path / "run", tmp_path / "cache")
    index.refresh()
    assert index.page(Query(), 0, 10) == (0, [])
    assert index.facets()["totals"] == [0] * 20


def test_reviews_are_a_filter_and_outdated_when_the_record_is_another(index: RunIndex):
    hashes = {one["id"]: one["hash"] for one in index.page(Query(), 0, 100)[1]}
    index.set_reviews([("s1", hashes["s1"], "accepted"), ("s2", "other", "edited"), ("gone", "x", "accepted")])
    index.set_reviews([("s3", hashes["s3"], "flagged"), ("s4", hashes["s4"], "none")])
    assert ids(index, review="accepted") == ["s1"]
    assert ids(index, review="outdated") == ["s2"]
    assert len(ids(index, review="none")) == 8
    assert index.ids(["flagged", "accepted"]) == ["s1", "s3"]
    assert index.facets()["reviews"] == {"accepted": 1, "flagged": 1, "outdated": 1}


def test_artifacts_of_a_sample_are_found(tmp_path: Path):
    media = [{"sample": "s1", "n": 1}, {"sample": "s1", "n": 2}, {"sample": "s2", "n": 3}]
    write(tmp_path / "run", [row(1), row(2), row(3)], [], media)
    index = RunIndex(tmp_path / "run", tmp_path / "cache")
    index.refresh()
    assert [[json.loads(line)["n"] for line in index.artifacts(name)] for name in ("s1", "s2", "s3")] == [
        [1, 2],
        [3],
        [],
    ]
