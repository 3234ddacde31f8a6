"""Which loader takes what: each file one, nothing that is another's, and never a crash."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import discover, open_stream
from dataclaw.streams.registry import builtin, claimant

LOADERS = tuple(loader for loader in builtin() if loader.kind in {"edit", "timeline"})
SUFFIXES = (".png", ".json", ".otio", ".edl", ".xml", ".xmp", "")
HEADS = st.sampled_from(
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b'{"OTIO_SCHEMA": "Timeline.1"',
        b"TITLE: x\n001 R V C ",
        b"<xmeml",
        b'{"1": {"class_type": "A", "inputs": {}}}',
        b'xmlns:darktable="http://darktable.sf.net/"',
    ]
)


@settings(deadline=None)
@given(head=HEADS, tail=st.binary(max_size=60), suffix=st.sampled_from(SUFFIXES))
def test_no_content_crashes_a_claim_and_what_is_claimed_opens_or_says_why(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"claimed{suffix}"
    path.write_bytes(head + tail)
    loader = claimant(path, LOADERS)
    if loader is None:
        return
    assert loader.count(path) >= 1
    try:
        stream = open_stream(path)
    except StreamError:
        return
    assert stream.kind == loader.kind


def test_other_json_is_not_taken(tmp_path: Path) -> None:
    for k, value in enumerate([{"nodes": [], "links": []}, {"a": {"b": 1}}, [1], {"class_type": "A", "inputs": {}}]):
        path = tmp_path / f"{k}.json"
        path.write_text(json.dumps(value))
        assert claimant(path, LOADERS) is None


def test_pipes_and_folders_named_like_files_are_not_taken(tmp_path: Path) -> None:
    for suffix in SUFFIXES[:-1]:
        os.mkfifo(tmp_path / f"pipe{suffix}")
        (tmp_path / f"folder{suffix}").mkdir()
        assert claimant(tmp_path / f"pipe{suffix}", LOADERS) is None
        assert claimant(tmp_path / f"folder{suffix}", LOADERS) is None


@pytest.mark.shared
def test_every_real_file_has_one_loader(shared: Path) -> None:
    roots = discover([shared / "aigc"])
    taken = {str(root): claimant(getattr(root, "path", root), builtin()) for root in roots}
    assert len(roots) == 7 + 2 + 8 + 7 + 10
    assert all(loader is not None and loader in LOADERS for loader in taken.values())
    assert not any("scribble" in root or "yosemite" in root for root in taken)


@pytest.mark.shared
def test_no_gui_trace_is_taken(shared: Path) -> None:
    assert not any(loader.claims(path) for path in (shared / "gui").rglob("*") for loader in LOADERS)
