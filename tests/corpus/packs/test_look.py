"""A pack brings what the verifier's own look finds, whatever the expert called."""

from __future__ import annotations

from pathlib import Path

from dataclaw.corpus.packs.session import PackedSession
from dataclaw.corpus.packs.shards import Shards, ShardWriter
from dataclaw.corpus.packs.stream_codec import unpack_stream
from dataclaw.corpus.packs.stream_packer import OCR, Packing, PackRequest, StreamPacker
from dataclaw.corpus.packs.tool_results import PackedResults, read_calls
from dataclaw.kit.fixtures import MemoryCache, begin, fixtures_of, stream_of
from dataclaw.kit.new_domain import new_domain
from dataclaw.plugins import load_domain


def test_the_look_is_packed_with_a_cold_cache_and_answered_without_pictures(tmp_path: Path) -> None:
    new_domain("shop", tmp_path, reads="video")
    domain = load_domain(str(tmp_path / "shop"))
    (row,), task = fixtures_of(domain), domain.task("list_moments")
    asked = [PackRequest("training", task, begin(task, row, task.budget))]
    (tmp_path / "pack").mkdir()
    shards = ShardWriter(tmp_path / "pack", 1_000_000)
    told = StreamPacker(Packing(side=0), shards, MemoryCache()).pack(
        "k", "", lambda: stream_of(row), lambda _: asked, {}
    )
    shards.close()
    assert (told.left_out, told.calls) == ("", 1)

    with Shards(tmp_path / "pack", shards.files).open("streams-0000.zip") as read:
        bare = unpack_stream(lambda name: read("k", name, 10**7), "k")
        calls = read("k", "calls.json", 10**7).decode()
    known = PackedResults(read_calls(calls, "k"))
    look = PackedSession(bare, task, known, ocr=OCR).facts((0.0, 8.0)).look
    assert look is not None
    assert ([anchor.t1 for anchor in look.anchors], look.error) == ([2, 4, 6], "")
    empty = PackedSession(bare, task, PackedResults({}), ocr=OCR).facts((0.0, 8.0)).look
    assert empty is not None
    assert "detect_changes is not available" in empty.error, "pictures that another stream left behind are not its own"
