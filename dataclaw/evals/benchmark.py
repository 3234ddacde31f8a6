"""What a benchmark is: items with their streams in one folder, and a manifest that knows every byte of them.

DIR/
  manifest.json        what it was made of, and the sha256 of every other file
  val.jsonl            one item a line: a stream, an intent, a task, and the reference draft with its anchors
  intent.jsonl         one underspecified request a line; there is no single right answer
  scenes/<lot>/        the streams, as worlds made them (their truth beside them, which no policy sees)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, cast

from pydantic import TypeAdapter

from dataclaw.agent.runtime import Runtime
from dataclaw.agent.session import Session
from dataclaw.corpus.packs.benchmark_pack import BenchPack, digest_of, read_bench_pack
from dataclaw.domain import Domain, Task
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.evals.metrics import CitedDraft, DraftSetting
from dataclaw.files import TEMPORARY
from dataclaw.schema import schema_hash
from dataclaw.streams import open_stream
from dataclaw.strict import load_json
from dataclaw.types import Anchor, Json, Span, Stream

FORMAT = 1
"""Version of the folder's layout."""
MANIFEST, SCENES = "manifest.json", "scenes"
SetName: TypeAlias = Literal["val", "intent"]
SETS: tuple[SetName, ...] = ("val", "intent")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BenchItem:
    """Something to do, with the stream it is to be done with.

    Attributes:
        id: `<lot>-<task>-<number of the ask>`.
        domain: the domain that is asked.
        task: the task, "" where the request does not say and the router decides.
        stream: path of the stream in the benchmark's folder.
        stream_id: hash of the stream's content.
        kind: the stream's kind.
        lot: what the scene was drawn from: world, seed, difficulty, split.
        intent: the user's words.
        style: how they are said.
        language: "en" or "zh".
        template: what they were made from.
        schema: hash of the task's schema that the reference was written for, "" without one.
        window: `(t0, t1)` [s] of the stream.
        frames: number of sampled frames.
        labels: labels of the stream's parts.
        reference: the reference draft, None where there is no single one.
        anchors: what the reference cites, by id.
        evidence: ids that prove each place of the reference, by JSON pointer.
        sources: what the scene is made of, by kind of source.
    """

    id: str
    domain: str
    task: str
    stream: str
    stream_id: str
    kind: str
    lot: Mapping[str, Json]
    intent: str
    style: str
    language: str
    template: str
    schema: str
    window: Span
    frames: int
    labels: tuple[str, ...]
    reference: Json
    anchors: Mapping[str, Anchor]
    evidence: Mapping[str, Sequence[str]]
    sources: Mapping[str, Sequence[str]]

    @property
    def scene(self) -> str:
        """Name of the scene's folder; items of one scene are not independent."""
        return Path(self.stream).parts[1]

    def to_json(self) -> dict[str, Json]:
        """Plain JSON; of the anchors only what is not a default."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**plain, "anchors": anchors_json(self.anchors)}

    def cited_reference(self) -> CitedDraft:
        """The reference for the metrics."""
        return CitedDraft(self.reference, self.anchors)

    def setting(self, domain: Domain) -> DraftSetting:
        """What drafts of this item are read against.

        Raises:
            ConfigError: the task's schema is not the one that the reference was written for.
        """
        schema = domain.task(self.task).schema
        if schema_hash(schema) != self.schema:
            raise ConfigError(
                f"was written for another schema of {self.domain}.{self.task} "
                f"({self.schema}, now {schema_hash(schema)}).",
                place=self.id,
                remedy="Build the benchmark anew, or use the version of DataClaw that its manifest names.",
            )
        return DraftSetting(schema, self.frames, self.window, self.labels)


@dataclass(frozen=True)
class Benchmark:
    """A benchmark that was read and found whole.

    Attributes:
        root: its folder.
        manifest: what it was made of.
        digest: sha256 over the hashes of all files: names this very benchmark.
        pack: the pack that it is read from, None where the benchmark itself is here.
    """

    root: Path
    manifest: Mapping[str, Json]
    digest: str
    pack: BenchPack | None = None

    def items(self, name: SetName = "val") -> list[BenchItem]:
        """The items of one set, in order.

        Raises:
            ConfigError: it has no such set, or a line is damaged.
        """
        return [_item(line, f"{name}.jsonl:{number}") for number, line in self.lines(name)]

    def lines(self, name: SetName) -> Iterator[tuple[int, str]]:
        """The lines of a set that are not empty, with their numbers.

        Raises:
            ConfigError: it has no such set.
        """
        text = self.pack.text(name) if self.pack else _text(self.root / f"{name}.jsonl")
        yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line)

    def open(self, item: BenchItem, domain: Domain) -> Stream:
        """The stream of an item.

        Raises:
            StreamError: it cannot be read, or reads differently than when the benchmark was made.
        """
        if self.pack:
            stream = self.pack.stream(item.scene)
        else:
            stream = open_stream(str(self.root / item.stream), loaders=domain.loaders)
        frames = len(stream.frames.times) if stream.frames else 0
        if stream.id != item.stream_id or frames != item.frames:
            raise StreamError(
                f"reads as {stream.id} with {frames} frames, not as {item.stream_id} with {item.frames}.",
                place=item.stream,
                remedy="Use the version of DataClaw that the manifest names, or build the benchmark anew.",
            )
        return stream

    def session(self, item: BenchItem, stream: Stream, task: Task, runtime: Runtime) -> Session:
        """Where rollouts of an item happen.

        Args:
            item: the item.
            stream: its stream, as `open` gave it.
            task: the task.
            runtime: what remembers results of tools, which engines they have, and who chooses.

        Raises:
            ConfigError, StreamError: as `open`.
        """
        if self.pack:
            return replace(self.pack.session(item.scene, task), chooser=runtime.chooser)
        return Session(stream, task, runtime.cache, ocr=runtime.ocr, chooser=runtime.chooser)


def read_bench(root: Path, *, check: bool = True) -> Benchmark:
    """The benchmark in a folder, or in a pack of one.

    Args:
        root: its folder.
        check: compare every file with the manifest.

    Raises:
        ConfigError: there is none, it is of another format, or a file was changed, is missing or is not in the
            manifest; every one is named with both hashes.
    """
    file = root / MANIFEST
    try:
        manifest = cast("dict[str, Json]", load_json(file.read_bytes()))
        if manifest.get("holds"):
            return _in_pack(root, check=check)
        known = cast("dict[str, str]", manifest["files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        remedy = "Build one: dataclaw bench build --out DIR"
        raise ConfigError(f"no benchmark: {error}.", place=str(file), remedy=remedy) from None
    if manifest.get("format") != FORMAT:
        raise ConfigError(f"format {manifest.get('format')!r}, this release reads {FORMAT}.", place=str(file),
                          remedy="Build the benchmark anew.")  # fmt: skip
    problems = list(_differences(root, known)) if check else []
    if problems:
        told = "\n  ".join(problems[:20]) + (f"\n  and {len(problems) - 20} more" if len(problems) > 20 else "")
        raise ConfigError(f"does not hold what its manifest says:\n  {told}\n", place=str(root),
                          remedy="Get the benchmark again; numbers of a changed one mean nothing.")  # fmt: skip
    return Benchmark(root, manifest, digest_of(known))


def _in_pack(root: Path, *, check: bool) -> Benchmark:
    pack = read_bench_pack(root)
    if check:
        pack.check()
    return Benchmark(root, {**pack.manifest.bench, "files": pack.manifest.hashes}, pack.manifest.digest, pack)


def _differences(root: Path, known: Mapping[str, str]) -> Iterator[str]:
    there = set(benchmark_files(root))
    for name, digest in known.items():
        if name not in there:
            yield f"{name}: missing, sha256 {digest}"
        elif (found := sha256(root / name)) != digest:
            yield f"{name}: changed, sha256 {found}, not {digest}"
    yield from (f"{name}: not in the manifest" for name in sorted(there - set(known)))


def benchmark_files(root: Path) -> list[str]:
    """Names of the files that belong to a benchmark, all but the manifest; hidden files and folders do not."""
    found = (path.relative_to(root) for path in sorted(root.rglob("*")) if path.is_file())
    return [
        name.as_posix()
        for name in found
        if not any(part.startswith(".") for part in name.parts) and str(name) != MANIFEST and name.suffix != TEMPORARY
    ]


def sha256(path: Path) -> str:
    """Hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def anchors_json(anchors: Mapping[str, Anchor]) -> dict[str, Json]:
    """Anchors as plain JSON, without what is a default."""
    return {
        name: {k: v for k, v in asdict(anchor).items() if k != "id" and v not in (None, "", {})}
        for name, anchor in anchors.items()
    }


def load_anchors(said: Mapping[str, Any]) -> dict[str, Anchor]:
    """The anchors that `anchors_json` gave.

    Raises:
        ValueError: they are none.
    """
    return {
        name: _adapter(Anchor).validate_python({"id": name, "kind": "", "content": "", **a}) for name, a in said.items()
    }


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}.", place=str(file), remedy="Build the benchmark anew.") from None


def _item(line: str, place: str) -> BenchItem:
    try:
        said = load_json(line)
        return _adapter(BenchItem).validate_python({**said, "anchors": load_anchors(said["anchors"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"no item: {str(error)[:300]}.", place=place, remedy="Build the benchmark anew.") from None


def set_name(name: str) -> SetName:
    """The set of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in SETS:
        raise UsageError(f"no set {name!r}.", remedy=f"There is {' and '.join(SETS)}.")
    return name
