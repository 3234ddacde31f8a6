from __future__ import annotations

import json
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import pytest

from dataclaw.serve.problem import RefusedError
from dataclaw.serve.view.reviews import Review, ReviewFile


def said(sample: str = "s1", **more: str) -> Review:
    return Review.now(sample=sample, of="h1", **{"action": "accept", **more})


def test_the_last_line_about_a_sample_counts(tmp_path: Path):
    file = ReviewFile(tmp_path)
    first, second = said(comment="good"), said(action="reject")
    file.add(first, after="")
    file.add(second, after=first.id)
    assert file.refresh() == {"s1"}
    assert file.last["s1"] == second
    lines = [json.loads(line) for line in file.path.read_text().splitlines()]
    assert [line["action"] for line in lines] == ["accept", "reject"]
    assert lines[0]["comment"] == "good"
    assert set(lines[1]) == {"id", "sample", "of", "action", "time"}


def test_who_has_not_seen_the_last_review_is_refused_and_nothing_is_written(tmp_path: Path):
    mine, theirs = ReviewFile(tmp_path), ReviewFile(tmp_path)
    theirs.add(said(who="Ada", action="reject"), after="")
    before = mine.path.read_bytes()
    with pytest.raises(RefusedError, match="Ada has reviewed this sample meanwhile") as refused:
        mine.add(said(), after="")
    assert refused.value.status is HTTPStatus.CONFLICT
    assert mine.path.read_bytes() == before
    assert mine.refresh() == {"s1"}, "what the refusal read is told to who asks next"
    mine.add(said(), after=mine.last["s1"].id)
    assert len(mine.path.read_bytes().splitlines()) == 2


def test_of_many_who_write_at_once_one_wins(tmp_path: Path):
    files = [ReviewFile(tmp_path) for _ in range(12)]

    def write(file: ReviewFile) -> bool:
        try:
            file.add(said(comment="x" * 5000), after="")
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(write, files)) == 1
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda i: files[i].add(said(f"t{i}", comment="y" * 5000), after=""), range(12)))
    fresh = ReviewFile(tmp_path)
    fresh.refresh()
    assert len(fresh.last) == 13
    assert fresh.broken == []


def test_what_a_kill_left_of_a_line_is_named_and_hurts_no_other(tmp_path: Path):
    file = ReviewFile(tmp_path)
    file.add(said("a"), after="")
    with file.path.open("ab") as stream:
        stream.write(b'{"id": "x", "sample": "b", "of')
    again = ReviewFile(tmp_path)
    assert again.refresh() == {"a"}
    again.add(said("c"), after="")
    assert again.refresh() == {"c"}
    assert again.broken == ["reviews.jsonl:2: EOF while parsing a string at line 1 column 30"]
    assert set(again.last) == {"a", "c"}


def test_a_full_disk_is_told_and_leaves_the_file_as_it_was(tmp_path: Path):
    file = ReviewFile(tmp_path)
    file.add(said("a"), after="")
    before = file.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        with pytest.raises(RefusedError, match="could not be written") as refused:
            file.add(said("b"), after="")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.status is HTTPStatus.INSUFFICIENT_STORAGE
    assert file.path.read_bytes() == before
    file.add(said("b"), after="")
    file.refresh()
    assert set(file.last) == {"a", "b"}


def test_a_link_out_of_the_folder_is_not_written_through(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.write_text("")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "reviews.jsonl").symlink_to(outside)
    with pytest.raises(RefusedError, match="could not be written"):
        ReviewFile(tmp_path / "run").add(said(), after="")
    assert outside.read_text() == ""


def test_a_file_that_was_replaced_is_read_from_its_start(tmp_path: Path):
    file = ReviewFile(tmp_path)
    file.add(said("a"), after="")
    file.add(said("b"), after="")
    file.refresh()
    file.path.write_text("")
    file.refresh()
    assert file.last == {}


def test_the_page_about_output_names_every_field_of_a_review():
    page = (Path(__file__).parents[3] / "docs" / "output.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", page.partition("## A review\n")[2], re.MULTILINE)
    assert told == list(Review.model_fields)
