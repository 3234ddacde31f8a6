"""Streams of a third party's own format and world, wherever streams are opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.corpus.packs.corpus_pack import read_pack
from dataclaw.errors import StreamError
from dataclaw.plugins import installed_loaders, load_domain
from tests.third_party.conftest import Dataclaw

LIST = "#picked\n2|pear from the wall, basket 1\n9|plum from the old trees, basket 2\n"


@pytest.fixture
def lists(workplace: Path) -> Path:
    folder = workplace / "lists"
    folder.mkdir()
    for name in ("monday", "tuesday"):
        (folder / f"{name}.picked").write_text(f"{LIST}16|quince of {name}, basket 3\n", encoding="utf-8")
    return folder


def rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_loaders_of_installed_domains_are_found(workplace: Path) -> None:
    assert [loader.name for loader in installed_loaders()] == ["picked"]


def test_a_domain_whose_loaders_are_broken_is_left_out(workplace: Path, caplog: pytest.LogCaptureFixture) -> None:
    (workplace / "harvest" / "loaders.py").write_text("1 / 0\n", encoding="utf-8")
    assert installed_loaders() == ()
    assert "loaders of domain harvest are left out: " in caplog.text
    assert "loaders.py:1: ZeroDivisionError" in caplog.text


def test_a_corpus_is_built_of_a_folder_of_its_recordings(workplace: Path, lists: Path, dataclaw: Dataclaw) -> None:
    dataclaw("corpus", "build", "-d", "harvest", "--path", "lists", "--streams", "0", "--out", "corpus")
    made = rows(workplace / "corpus" / "3_drafts.jsonl")
    assert [len(row["draft"]["lines"]) for row in made] == [3, 3]
    assert {row["path"] for row in rows(workplace / "corpus" / "1_candidates.jsonl")} == {
        str(lists / "monday.picked"),
        str(lists / "tuesday.picked"),
    }


def test_its_corpus_is_packed_and_the_pack_finds_the_media(workplace: Path, lists: Path, dataclaw: Dataclaw) -> None:
    dataclaw("corpus", "build", "-d", "harvest", "--path", "lists", "--streams", "1", "--out", "corpus")
    dataclaw("corpus", "pack", "corpus", "--out", "pack")
    pack = read_pack(workplace / "pack", media=workplace / "corpus")
    domain = load_domain("harvest")
    scene = next(one for one in pack.requests(part=None) if one.stream.startswith("orchard"))
    assert pack.stream(scene.stream).kind == "harvest"
    whole = pack.session(scene, domain).media()
    assert whole
    assert whole.format == "picked"


def test_a_folder_without_streams_is_an_error(workplace: Path, dataclaw: Dataclaw) -> None:
    (workplace / "empty").mkdir()
    result = dataclaw("corpus", "build", "-d", "harvest", "--path", "empty", "--streams", "0", code=1)
    assert isinstance(result.exception, StreamError)
    assert "empty: no stream in it" in str(result.exception)


def test_a_corpus_of_which_nothing_came_is_an_error(workplace: Path, dataclaw: Dataclaw) -> None:
    (workplace / "bad.picked").write_text("#picked\nsoon|pear\n", encoding="utf-8")
    result = dataclaw("corpus", "build", "-d", "harvest", "--path", "bad.picked", "--streams", "0", code=1)
    assert "Nothing passed. corpus/report.md says why" in result.output
    assert "no time." in (workplace / "corpus" / "report.md").read_text(encoding="utf-8")


def test_a_world_writes_its_own_format(workplace: Path, dataclaw: Dataclaw) -> None:
    assert "Picking lists of an" in dataclaw("world", "list").output
    said = dataclaw("world", "make", "orchard", "--seed", "3", "--difficulty", "1", "--out", "w").output
    assert "orchard-train-1-000003.picked: harvest, " in said
    assert "10 events" in said


def test_an_intent_alone_is_explored(workplace: Path, dataclaw: Dataclaw) -> None:
    words = ("explore", "-d", "harvest", "-i", "list what was picked", "--count", "1", "--model", "planner")
    dataclaw(*words, "--out", "explored")
    (sample,) = rows(workplace / "explored" / "samples.jsonl")
    assert len(sample["answer"]["lines"]) == 11
