"""A plugin's loader gets what nothing else reads: it takes no built-in format, and says what it would have read."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dataclaw.errors import StreamError
from dataclaw.plugins.code import claimed_anyway
from dataclaw.streams import Sampling, open_stream
from dataclaw.streams.loader import Loader
from dataclaw.streams.sources import survey
from dataclaw.types import Stream

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "examples" / "traces" / "shop_and_mail"
CUT = ROOT / "examples" / "cuts" / "violin_workshop.edl"


def taking(path: Path, index: int, sampling: Sampling) -> Stream:
    return Stream("00" * 8, "gui", path.name, str(path), "taken", 1.0)


ALL = Loader("all", "gui", lambda path: True, taking, owner="greedy")
DIARY = Loader(
    "diary", "gui", lambda path: path.suffix == ".json" and '"diary"' in path.read_text(), taking, owner="one"
)


def test_a_loader_that_claims_everything_takes_no_built_in_format(tmp_path: Path) -> None:
    cut = shutil.copy(CUT, tmp_path)
    trace = tmp_path / "trace"
    shutil.copytree(TRACE, trace)
    for path in (cut, trace):
        assert open_stream(str(path), loaders=[ALL]).format == open_stream(str(path)).format
    taken = [reader.name for reader in survey([trace, cut], loaders=[ALL]).roots.values() if reader]
    assert "greedy.all" not in taken


def test_a_loader_gets_a_json_file_of_its_own_kind_beside_those_that_are_read_anyway(tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"diary": []}))
    shutil.copytree(TRACE, tmp_path / "trace")
    found = survey([tmp_path], loaders=[DIARY]).roots
    assert {reader.name for root, reader in found.items() if reader and root == page} == {"one.diary"}
    assert len(found) == 2
    assert open_stream(str(page), loaders=[DIARY]).format == "taken"


def test_two_plugins_that_claim_one_path_are_both_named(tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text('{"diary": []}')
    with pytest.raises(
        StreamError, match=r"diary \(plugin one\) and diary \(plugin two\) both claim it.*plugins\.toml"
    ):
        open_stream(str(page), loaders=[DIARY, replace(DIARY, owner="two")])


def test_loaders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text('{"diary": []}')
    other = replace(DIARY, owner="two", claims=lambda path: False, open=lambda *_: pytest.fail("the other's"))
    (reader,) = survey([page], loaders=[DIARY, other]).roots.values()
    assert open_stream(page, loaders=[DIARY, other], reader=reader).format == "taken"


def test_a_refusal_names_the_formats_of_plugins(tmp_path: Path) -> None:
    text = tmp_path / "words.txt"
    text.write_text("no trace")
    with pytest.raises(StreamError, match=r"is text, but no known trace format.*do not claim it: diary \(plugin one\)"):
        open_stream(str(text), loaders=[DIARY])
    with pytest.raises(StreamError, match="no known trace format") as refused:
        open_stream(str(text))
    assert "plugin" not in str(refused.value)


def test_what_claims_nothing_in_particular_is_found_out() -> None:
    assert claimed_anyway(ALL) == "an empty file"
    assert claimed_anyway(replace(ALL, claims=lambda path: path.is_dir())) == "an empty folder"
    assert claimed_anyway(DIARY) == ""
