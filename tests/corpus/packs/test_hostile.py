"""Packs that are damaged, or made by somebody who means no good, are refused by name."""

from __future__ import annotations

import hashlib
import json
import logging
import lzma
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dataclaw.corpus.packs.corpus_pack import read_pack
from dataclaw.corpus.packs.shards import file_of
from dataclaw.corpus.packs.xz import decompress, pack_lines, read_lines
from dataclaw.errors import ConfigError, StreamError
from dataclaw.tools import pictures
from tests.corpus.made import DOMAINS, Kept, called, pictured

pytestmark = pytest.mark.timeout(300)  # a corpus is built first


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No small picture of an original stream is remembered."""
    monkeypatch.setattr(pictures, "_store", type(pictures._store)(96_000_000))


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Path:
    shutil.copytree(kept.folder, tmp_path / "pack")
    return tmp_path / "pack"


def rewrite(folder: Path, change: Callable[[str, bytes], Iterator[tuple[str, bytes]]]) -> None:
    """Change members of the shard and sign it again, as an attacker can."""
    shard = folder / "streams-0000.zip"
    with zipfile.ZipFile(shard) as archive:
        members = [(name.removesuffix(".xz"), lzma.decompress(archive.read(name))) for name in archive.namelist()]
    with zipfile.ZipFile(shard, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            for new, changed in change(name, data):
                archive.writestr(f"{new}.xz", lzma.compress(changed))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    data = shard.read_bytes()
    manifest["files"]["streams-0000.zip"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def everything(folder: Path) -> None:
    pack = read_pack(folder)
    for ask in pack.requests(part=None):
        pack.session(ask, DOMAINS[ask.domain])
    for key in pack.manifest.streams:
        frames = pack.stream(key).frames
        if frames is not None:
            frames.read(range(len(frames.times)))


def test_changed_and_missing_shards_are_named(copy: Path) -> None:
    shard = copy / "streams-0000.zip"
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(ConfigError, match=r"streams-0000\.zip: was changed: sha256"):
        everything(copy)
    shard.write_bytes(data[:1000])
    with pytest.raises(ConfigError, match=r"was changed: 1,000 bytes, not"):
        everything(copy)
    shard.unlink()
    with pytest.raises(ConfigError, match=r"streams-0000\.zip: cannot be read"):
        everything(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: "[]", "format None"),
        (lambda m: "{", "no pack: is not JSON"),
        (lambda m: json.dumps(m | {"format": 1}), "format 1, this release reads 2"),
        (lambda m: json.dumps(m | {"holds": "benchmark"}), "a pack of a benchmark, not of a corpus"),
        (lambda m: json.dumps(m | {"extra": 1}), "extra"),
        (lambda m: json.dumps(m | {"files": {"../../x.zip": {"bytes": 1, "sha256": "0" * 64}}}), "files"),
        (lambda m: json.dumps(m | {"files": {}}), "names no hash of streams-0000.zip"),
    ],
)
def test_a_damaged_manifest_is_refused(copy: Path, change: Callable[[dict[str, Any]], str], said: str) -> None:
    file = copy / "manifest.json"
    file.write_text(change(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_pack(copy)
    with pytest.raises(ConfigError, match="no pack"):
        read_pack(copy / "nothing")


def edited(what: str, edit: Callable[[Any], Any]) -> Callable[[str, bytes], Iterator[tuple[str, bytes]]]:
    def change(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
        yield name, json.dumps(edit(json.loads(data))).encode() if name.endswith(what) else data

    return change


BAD_CALL = {"key": "0" * 16, "tool": "list_events", "result": '{"note": 1}'}
DAMAGE: dict[str, tuple[Callable[[str, bytes], Iterator[tuple[str, bytes]]], str]] = {
    "not JSON": (lambda n, d: iter([(n, b"{" if n.endswith("stream.json") else d)]), "is not JSON"),
    "no calls": (lambda n, d: iter([] if n.endswith("calls.json") else [(n, d)]), "has no member"),
    "pictures cut": (lambda n, d: iter([(n, d[:-5] if n.endswith("frames.bin") else d)]), "bytes instead of"),
    "no pictures": (lambda n, d: iter([(n, b"\0" * len(d) if n.endswith("frames.bin") else d)]), "not a picture"),
    "a wrong type": (edited("stream.json", lambda s: s | {"duration": "5"}), "duration"),
    "no time": (edited("stream.json", lambda s: s | {"duration": 1e999}), "cannot be used"),
    "a huge picture": (
        edited("stream.json", lambda s: s | {"grid": {"times": [0.0], "size": [10**6, 10**6], "thumbnails": []}}),
        "over the limit",
    ),
    "times that fall": (
        edited("stream.json", lambda s: s | {"grid": {"times": [1.0, 0.0], "size": [9, 9], "thumbnails": []}}),
        "rising numbers",
    ),
    "an event of no frame": (
        edited("stream.json", lambda s: s | {"events": [{"index": 0, "kind": "a", "t0": 0, "t1": 1, "frame": 10**9}]}),
        "names no frame",
    ),
    "series without bytes": (
        edited(
            "stream.json",
            lambda s: s | {"series": [{"name": "a", "columns": ["x"], "units": ["m"], "rows": 10**12}]},
        ),
        "series.bin",
    ),
    "a result of no tool": (edited("calls.json", lambda c: [*c, BAD_CALL]), "is damaged"),
    "calls of no list": (edited("calls.json", lambda c: {}), "is damaged"),
    "an ask elsewhere": (edited("asks.json", lambda a: [a[0] | {"stream": "../x"}, *a[1:]]), "of another stream"),
    "an ask of no window": (edited("asks.json", lambda a: [a[0] | {"window": [1]}, *a[1:]]), "is damaged"),
    "a member outside": (lambda n, d: iter([(n, d), (f"../../{n}", d)]), "outside the archive"),
    "deep nesting": (lambda n, d: iter([(n, b"[" * 100_000 if n.endswith("calls.json") else d)]), "is damaged"),
    "a bomb": (lambda n, d: iter([(n, b" " * 65 * 2**20 if n.endswith("stream.json") else d)]), "unpacks to more than"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_hostile_pack_is_refused_by_name(copy: Path, name: str) -> None:
    change, said = DAMAGE[name]
    rewrite(copy, change)
    with pytest.raises(StreamError, match=said) as caught:
        everything(copy)
    assert caught.value.place


@pytest.mark.parametrize("media", ["../secret", "/etc", "a/../../b", "scenes/\0"])
def test_media_are_looked_for_below_the_given_folder_only(
    kept: Kept, copy: Path, tmp_path: Path, media: str, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    for stream in manifest["streams"].values():
        stream["media"] = media
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "root").mkdir()
    pack = read_pack(copy, media=tmp_path / "root")
    ask = pictured(pack)
    with caplog.at_level(logging.WARNING):
        assert "not available" in called(pack, ask, "picture_look", frames=[0], box=[0, 0, 40, 40])
    assert "not a path inside" in caplog.text


def sign(folder: Path) -> None:
    """Say in the manifest what the shard is, as an attacker can."""
    file = folder / "manifest.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["files"]["streams-0000.zip"] = file_of(folder / "streams-0000.zip").model_dump()
    file.write_text(json.dumps(said), encoding="utf-8")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_inside_the_zip_file_is_refused_unopened(copy: Path, method: int) -> None:
    shard = copy / "streams-0000.zip"
    with zipfile.ZipFile(shard) as archive:
        name = archive.namelist()[0]
    with zipfile.ZipFile(shard, "w", method) as archive:
        archive.writestr(name, bytes(8 * 2**20))
    sign(copy)
    with pytest.raises(StreamError, match=f"packed by method {method}, not deflated"):
        everything(copy)


def test_unpacking_takes_no_more_memory_than_is_said(copy: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 * 2**20}]
    huge = lzma.compress(b"[]", filters=filters)
    with pytest.raises(StreamError, match="emory"):
        decompress(huge, 10, "p")
    small = lzma.compress(bytes(100))
    assert decompress(small, 100, "p") == bytes(100)
    for data, said in ((small[:-4], "ends too early"), (small + b"x", "behind its end"), (b"x" * 40, "is damaged")):
        with pytest.raises(StreamError, match=said):
            decompress(data, 100, "p")
    with pytest.raises(StreamError, match="more than 99 bytes"):
        decompress(small, 99, "p")


def test_lines_come_one_by_one_within_limits(tmp_path: Path) -> None:
    file = tmp_path / "a.xz"
    assert pack_lines(file, [b"one\n", b"\n", b"two"]) == 8
    assert list(read_lines(file, 8)) == [b"one\n", b"\n", b"two"]
    with pytest.raises(StreamError, match="more than 7 bytes"):
        list(read_lines(file, 7))
    file.write_bytes(lzma.compress(bytes(40 * 2**20)))
    with pytest.raises(StreamError, match="has a line of more than"):
        list(read_lines(file, 2**30))


def test_traces_are_compared_with_the_manifest(copy: Path) -> None:
    file = copy / "traces.jsonl.xz"
    assert json.loads(next(iter(read_pack(copy).traces("training"))))["messages"]
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(ConfigError, match=r"traces\.jsonl\.xz: was changed"):
        read_pack(copy).traces("training")
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="not a regular file"):
        read_pack(copy).traces("training")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "evil.jsonl"])
def test_a_manifest_names_no_files_of_its_own(copy: Path, name: str) -> None:
    file = copy / "manifest.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    said["traces"] = {name: said["traces"]["training"]}
    file.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(ConfigError, match="traces"):
        read_pack(copy)
