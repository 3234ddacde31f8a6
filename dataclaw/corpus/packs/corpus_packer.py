"""Writing packs of corpora: streams, requests, tool results and traces as a few files (`corpus_pack` reads them).

Equal corpora give equal bytes: nothing is written but what is in the corpus, in the order of its streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw.agent.steps import SUBMIT, State, parse_action
from dataclaw.corpus.build import read_record
from dataclaw.corpus.config import stored_settings
from dataclaw.corpus.packs.corpus_pack import REQUESTS, TRACES, CorpusManifest, Part
from dataclaw.corpus.packs.shards import SHARD, PackedLines, ShardWriter, file_of
from dataclaw.corpus.packs.stream_packer import Packing, PackProgress, PackRequest, StreamPacker
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.corpus.packs.xz import pack_lines
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.files import OWNER, owned_folder
from dataclaw.plugins import installed_loaders
from dataclaw.streams import open_stream
from dataclaw.streams.loader import Loader
from dataclaw.tools.cache import Cache, anchor_of
from dataclaw.types import Action, Intent, Json, Stream

PARTS: tuple[Part, ...] = ("training", "validation")
PACK_FILE = rf"{SHARD}|^[a-z_]+\.jsonl\.xz$"
"""Names of what is in a pack, beside the manifest."""


def pack_corpus(corpus: Path, out: Path, packing: Packing | None = None) -> Iterator[PackProgress]:
    """Pack what a corpus exports; there is no pack before this has ended.

    Nothing is written into the corpus; results of tools are remembered where every run does, so that packing again is
    fast.

    Args:
        corpus: folder of the corpus, exported.
        out: folder of the pack; a pack that is there is replaced.
        packing: what is packed, and how.

    Yields:
        News of every stream with a request that is exported.

    Raises:
        ConfigError: there is no corpus, or it has no export.
        UsageError: the folder holds something else, or there is nothing to pack.
        OwnedError: somebody writes into the folder.
    """
    packing = packing or Packing()
    config, wanted = stored_settings(corpus), _exported_samples(corpus)
    loaders = installed_loaders()
    with hold_pack(out):
        packer = StreamPacker(packing, ShardWriter(out, packing.shard_bytes), Cache(first=corpus / "tools.sqlite"))
        for key in sorted(file.stem for file in (corpus / "done").glob("*.json")):
            requests = _exported_requests(read_record(corpus, key) or {}, wanted, packing.domains)
            if requests:
                yield _pack_unit(packer, corpus, key, requests, loaders)
        if not packer.streams and not packer.left_out:
            raise UsageError("nothing is exported for these domains.", place=str(corpus), remedy="See: report.md")
        settings = {key: value for key, value in config.items() if key not in ("paths", "base_url")}
        traces = {part: _traces(corpus, out, part, packing.domains) for part in PARTS}
        packer.write_manifest(CorpusManifest, "corpus", out, corpus=settings, traces=traces)


@contextmanager
def hold_pack(out: Path) -> Generator[None]:
    """Hold a folder for a pack; another one in it is removed, its manifest first, so that a half is never a whole.

    Raises:
        UsageError: something else is there.
        OwnedError: somebody writes into it.
    """
    _files_of_pack(out)
    with owned_folder(out):
        for file in sorted(_files_of_pack(out), key=lambda file: file.name != MANIFEST):
            file.unlink()
        yield
        (out / OWNER).unlink()  # equal packs are equal files, whoever made them


def _files_of_pack(out: Path) -> list[Path]:
    """Files of the pack that is there, if one is.

    Raises:
        UsageError: something else is there.
    """
    there = sorted(file for file in out.iterdir() if file.name != OWNER) if out.is_dir() else []
    strange = [file.name for file in there if file.name != MANIFEST and not re.match(PACK_FILE, file.name)]
    if strange or (out.exists() and not out.is_dir()):
        named = strange[0] if strange else "a file"
        raise UsageError(f"holds {named!r}, which is of no pack.", place=str(out), remedy="Name a new folder.")
    return there


@dataclass(frozen=True, slots=True)
class _ExportedRequest:
    """An exported request: its row in the pack, the actions that its rollout took, and where its stream lies."""

    row: Mapping[str, Any]
    actions: tuple[Action, ...]
    path: str
    stream: str


def _pack_unit(
    packer: StreamPacker, corpus: Path, key: str, requests: Sequence[_ExportedRequest], loaders: Sequence[Loader]
) -> PackProgress:
    path = requests[0].path

    def read() -> Stream:
        stream = open_stream(str(corpus / path), loaders=loaders)
        if stream.id != requests[0].stream:
            raise StreamError(
                f"reads as {stream.id}, not as {requests[0].stream} as when the corpus was built.",
                place=key,
                remedy="Build the corpus anew, or pack it with the version that built it.",
            )
        return stream

    media = path if not Path(path).is_absolute() else Path(path).name
    members = {REQUESTS: json.dumps([request.row for request in requests], ensure_ascii=False).encode()}
    return packer.pack(key, media, read, lambda _: [_pack_request(packer, request) for request in requests], members)


def _pack_request(packer: StreamPacker, request: _ExportedRequest) -> PackRequest:
    row = request.row
    task = packer.domain(row["domain"]).task(row["task"])
    window = (row["window"][0], row["window"][1])
    state = State(row["id"], task.domain, task.name, Intent(row["intent"]), window, budget=task.budget)
    return PackRequest(
        row["part"], task, state, request.actions, [anchor_of(anchor) for anchor in row["anchors"].values()]
    )


def _traces(corpus: Path, out: Path, part: Part, domains: Sequence[str]) -> PackedLines:
    """Pack the traces of a part, line by line as they are exported."""
    source, target = corpus / "export" / TRACES[part], out / f"{TRACES[part]}.xz"
    try:
        with source.open("rb") as lines:
            size = pack_lines(target, (line for line in lines if not domains or json.loads(line)["domain"] in domains))
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = f"Write it: dataclaw corpus export --out {corpus}"
        raise ConfigError(f"no traces: {error}.", place=str(source), remedy=remedy) from None
    return PackedLines(**file_of(target).model_dump(), unpacked=size)


def _exported_samples(corpus: Path) -> dict[str, Part]:
    """Ids of the samples that are exported, and for what."""
    found: dict[str, Part] = {}
    for part in PARTS:
        file = corpus / "export" / f"{part}_samples.jsonl"
        try:
            with file.open(encoding="utf-8") as lines:
                found |= {str(json.loads(line)["id"]): part for line in lines if line.strip()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            remedy = f"Write it: dataclaw corpus export --out {corpus}"
            raise ConfigError(f"no export: {error}.", place=str(file), remedy=remedy) from None
    return found


def _exported_requests(
    record: Mapping[str, Any], wanted: Mapping[str, Part], domains: Sequence[str]
) -> list[_ExportedRequest]:
    """The exported requests of a unit."""
    if record.get("failure") or not record:
        return []
    drafts = {row["id"]: row["draft"] for row in record["drafts"]}
    traces = {row["id"]: row["messages"] for row in record["traces"]}
    places = {row["id"]: row for row in record["candidates"]}
    samples = [row["sample"] for row in record["validated"] if row["sample"] and row["sample"]["id"] in wanted]
    return [
        _ExportedRequest(
            _row(record["key"], sample, drafts[sample["id"]], wanted[sample["id"]]),
            tuple(_actions(traces[sample["id"]])),
            places[sample["id"]]["path"],
            places[sample["id"]]["stream"],
        )
        for sample in samples
        if not domains or sample["domain"] in domains
    ]


def _row(key: str, sample: Mapping[str, Any], draft: Json, part: Part) -> dict[str, Json]:
    return {
        "id": sample["id"],
        "domain": sample["domain"],
        "task": sample["task"],
        "intent": sample["intent"]["text"],
        "window": sample["stream"]["window"],
        "reference": draft,
        "anchors": {name: {"id": name, **anchor} for name, anchor in sample["anchors"].items()},
        "stream": key,
        "part": part,
        "origin": sample.get("origin") or {},
    }


def _actions(messages: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
    for message in messages:
        if message["role"] == "assistant":
            with suppress(ValueError):  # an answer that is no action calls nothing
                action = parse_action(message["content"])
                if action.tool != SUBMIT:
                    yield action
