"""Packs: what rollouts on a packed stream say is what they say on the original, with no file of it at hand."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from dataclaw.agent.batch import run_batch
from dataclaw.agent.policy.base import Scene
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.steps import Decision, State
from dataclaw.agent.workshop import Workshop
from dataclaw.cli import app
from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import export
from dataclaw.corpus.pack import Pack, PackedAsk, read_pack
from dataclaw.corpus.packing import Packing, pack_corpus
from dataclaw.corpus.traces import trace_of
from dataclaw.errors import ConfigError, StreamError, UsageError
from dataclaw.plugins import Domain, load_domain
from dataclaw.streams import open_stream
from dataclaw.tools import pictures
from dataclaw.tools.cache import Cache, fingerprint
from dataclaw.types import Action, Json
from dataclaw.worlds import register

register("tiny", "tests.evals.tiny")
CONFIG = CorpusConfig(
    worlds=["tiny", "cuts", "darkroom"],
    streams=2,
    asks=8,
    detours=0.5,
    near=1.0,
    validation=0.5,
    first_seed=1,
    difficulties=[2, 3],
)
DOMAINS = {name: load_domain(name) for name in ("education", "aigc")}
Messages = list[dict[str, Json]]
pytestmark = pytest.mark.timeout(300)  # a corpus is built first


class Script:
    """Answers what was answered before."""

    name = "script"

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers

    def decide(self, scenes: Sequence[Scene]) -> list[Decision]:
        return [Decision(self.answers[len(scene.state.turns) // 2]) for scene in scenes]

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Kept:
    """A pack, and what is known of the corpus that it was made of, which is gone."""

    folder: Path
    corpus: Path  # a copy; the pack's own was removed
    traces: dict[str, Messages]
    planned: dict[str, Messages]
    fingerprints: dict[str, Json]

    def read(self) -> Pack:
        return read_pack(self.folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    root = tmp_path_factory.mktemp("packs")
    corpus, folder = root / "corpus", root / "pack"
    assert not [unit.failure for unit in build(CONFIG, corpus) if unit.failure]
    export(CONFIG, corpus)
    news = list(pack_corpus(corpus, folder, Packing(likely=True)))
    assert len(news) == 6
    assert not [one.left_out for one in news if one.left_out]
    traces: dict[str, Messages] = {}
    for name in ("traces", "validation_traces"):
        lines = (corpus / "export" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        traces |= {row["id"]: row["messages"] for row in map(json.loads, lines)}
    pack = read_pack(folder)
    planned: dict[str, Messages] = {}
    prints: dict[str, Json] = {}
    for ask in pack.asks(part=None):
        stream = open_stream(str(corpus / pack.manifest.streams[ask.stream].media))
        prints[ask.stream] = fingerprint(stream)
        shop = Workshop(stream, DOMAINS[ask.domain].task(ask.task), Cache(corpus / "tools.sqlite"))
        planned[ask.id] = rollout(pack.state(ask, DOMAINS[ask.domain]), shop, Planner())
    shutil.move(corpus, root / "copy")
    return Kept(folder, root / "copy", traces, planned, prints)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No small picture of an original stream is remembered."""
    monkeypatch.setattr(pictures, "_store", type(pictures._store)(96_000_000))


def rollout(state: State, shop: Workshop, policy: Any) -> Messages:
    (done,) = run_batch([(state, shop)], policy)
    return trace_of(done, shop)


def begun(pack: Pack, ask: PackedAsk) -> tuple[State, Workshop, Domain]:
    domain = DOMAINS[ask.domain]
    return pack.state(ask, domain), pack.workshop(ask, domain), domain


def called(pack: Pack, ask: PackedAsk, tool: str, **args: Json) -> Any:
    state, shop, _ = begun(pack, ask)
    return shop.use(replace(state, pending=Action(tool, args), phase="use_tools"))[0]


def pictured(pack: Pack) -> PackedAsk:
    """An ask about a pair of pictures."""
    return next(ask for ask in pack.asks("aigc", part=None) if pack.stream(ask.stream).frames is not None)


def test_traces_play_again_word_for_word(kept: Kept) -> None:
    pack = kept.read()
    asks = pack.asks(part=None)
    assert {ask.id for ask in asks} == set(kept.traces)
    assert {ask.domain for ask in asks} == {"education", "aigc"}
    for ask in asks:
        state, shop, _ = begun(pack, ask)
        answers = [m["content"] for m in kept.traces[ask.id] if m["role"] == "assistant"]
        assert rollout(state, shop, Script(answers)) == kept.traces[ask.id]
    assert not pack.missed


def test_the_planner_says_what_it_says_of_the_original(kept: Kept) -> None:
    pack = kept.read()
    for ask in pack.asks(part=None):
        state, shop, _ = begun(pack, ask)
        assert rollout(state, shop, Planner()) == kept.planned[ask.id]
    assert not pack.missed


def test_a_packed_stream_is_the_stream_without_its_truth(kept: Kept) -> None:
    pack = kept.read()
    for key, known in pack.manifest.streams.items():
        stream = pack.stream(key)
        assert fingerprint(stream) == kept.fingerprints[key]
        assert stream.id == known.id
        assert stream.path == f"{kept.folder}#{key}"
        assert not stream.annotations
        original = open_stream(str(kept.corpus / known.media))
        assert (stream.events, stream.duration, stream.clock) == (original.events, original.duration, original.clock)
        assert json.dumps(stream.meta) == json.dumps(original.meta)


def test_asks_come_by_domain_task_and_part(kept: Kept) -> None:
    pack = kept.read()
    everything = pack.asks(part=None)
    assert {ask.part for ask in everything} == {"training", "validation"}
    assert [*pack.asks(), *pack.asks(part="validation")] != []
    assert len(pack.asks()) + len(pack.asks(part="validation")) == len(everything)
    assert {(a.domain, a.task) for a in pack.asks("education", "concept_qa", None)} == {("education", "concept_qa")}
    assert pack.asks("gui") == []
    ask = everything[0]
    assert ask.reference
    assert ask.anchors
    assert all(anchor.id == name for name, anchor in ask.anchors.items())
    assert ask.origin["world"] in {"tiny", "cuts", "darkroom"}


def test_frames_are_thumbnails(kept: Kept) -> None:
    pack = kept.read()
    stream = pack.stream(pictured(pack).stream)
    original = open_stream(str(kept.corpus / pack.manifest.streams[pictured(pack).stream].media))
    assert stream.frames is not None
    assert original.frames is not None
    small, whole = stream.frames.read([1])[0], original.frames.read([1])[0]
    assert small.shape == whole.shape
    assert np.abs(small.astype(float) - whole.astype(float)).mean() < 12
    with pytest.raises(IndexError):
        stream.frames.read([99])


def test_a_call_that_needs_no_pictures_is_computed(kept: Kept) -> None:
    pack = kept.read()
    ask = pack.asks("education", part=None)[0]
    found = called(pack, ask, "list_events", t0=1.0, t1=9.0)
    assert [anchor.id for anchor in found.anchors] == ["e1", "e2"] or found.anchors
    assert not pack.missed


def test_a_call_that_needs_pictures_fails_like_a_tool_and_is_counted(kept: Kept) -> None:
    pack = kept.read()
    ask = pictured(pack)
    box = [0, 0, 40, 40]
    said = called(pack, ask, "picture_look", frames=[0], box=box)
    assert said == "picture_look is not available for this call. Use other tools."
    assert called(pack, ask, "picture_look", frames=[99]).startswith("frame 99 is not among")
    assert pack.missed == {"picture_look": 1}

    whole = read_pack(kept.folder, media=kept.corpus)
    found = called(whole, ask, "picture_look", frames=[0], box=box)
    state, _, domain = begun(whole, ask)
    stream = open_stream(str(kept.corpus / whole.manifest.streams[ask.stream].media))
    original = Workshop(stream, domain.task(ask.task), Cache(kept.corpus / "other.sqlite"))
    action = Action("picture_look", {"frames": [0], "box": box})
    assert found == original.use(replace(state, pending=action, phase="use_tools"))[0]
    assert not whole.missed


def test_other_media_are_not_taken(kept: Kept, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pack = kept.read()
    ask = pictured(pack)
    media = pack.manifest.streams[ask.stream].media
    other = next(s.media for k, s in pack.manifest.streams.items() if s.kind == "edit" and k != ask.stream)
    shutil.copytree(kept.corpus / other, tmp_path / media)
    whole = read_pack(kept.folder, media=tmp_path)
    with caplog.at_level(logging.WARNING):
        assert "not available" in called(whole, ask, "picture_look", frames=[0], box=[0, 0, 40, 40])
    assert "are not the media of" in caplog.text
    assert whole.missed == {"picture_look": 1}
    with pytest.raises(UsageError, match="no folder of media"):
        read_pack(kept.folder, media=tmp_path / "none")


def test_the_reference_is_for_rewards_only(kept: Kept) -> None:
    pack = kept.read()
    ask = pack.asks(part=None)[0]
    _, shop, domain = begun(pack, ask)
    assert shop.reference is None
    assert pack.workshop(ask, domain, reference=True).reference == ask.reference


def test_references_of_another_schema_are_refused(kept: Kept) -> None:
    pack = kept.read()
    ask = pack.asks("education", part=None)[0]
    task = replace(DOMAINS["education"].task(ask.task), schema={"type": "object"})
    with pytest.raises(ConfigError, match="another schema of education"):
        pack.workshop(ask, replace(DOMAINS["education"], tasks={ask.task: task}))


def test_equal_corpora_give_equal_packs(kept: Kept, tmp_path: Path) -> None:
    for name in ("a", "b"):
        list(pack_corpus(kept.corpus, tmp_path / name, Packing(likely=True, shard_bytes=60_000)))
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert len(names) > 2  # more than one shard
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    assert all((tmp_path / "a" / name).stat().st_size <= 60_000 for name in names if name.endswith(".zip"))
    assert len(read_pack(tmp_path / "a").asks(part=None)) == len(kept.traces)


def test_reading_a_pack_loads_no_graph_and_no_provider(kept: Kept) -> None:
    code = (
        "import sys; from pathlib import Path; from dataclaw.corpus.pack import read_pack;"
        "from dataclaw.plugins import load_domain; pack = read_pack(Path(sys.argv[1])); ask = pack.asks(part=None)[0];"
        "pack.workshop(ask, load_domain(ask.domain));"
        "print([m for m in ('langgraph', 'pydantic_ai', 'torch', 'openai') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code, kept.folder], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_the_command_packs(kept: Kept, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["corpus", "pack", "--out", str(tmp_path / "p"), "-d", "education", "--thumbnails", "0", str(kept.corpus)]
    )
    assert done.exit_code == 0, done.output
    assert "2 streams" in done.output
    assert {ask.domain for ask in read_pack(tmp_path / "p").asks(part=None)} == {"education"}


def test_what_is_no_pack_is_not_overwritten(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds 'mine\.txt', which is of no pack"):
        list(pack_corpus(kept.corpus, tmp_path))
    with pytest.raises(ConfigError, match="no corpus"):
        list(pack_corpus(tmp_path, tmp_path / "new"))
    with pytest.raises(UsageError, match="nothing is exported for these domains"):
        list(pack_corpus(kept.corpus, tmp_path / "new", Packing(domains=["gui"])))


def test_a_stream_that_changed_since_is_left_out(kept: Kept, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(kept.corpus, corpus)
    victim = sorted((corpus / "scenes").glob("tiny*/*.srt"))[0]
    victim.write_text(victim.read_text(encoding="utf-8").replace("People", "Persons"), encoding="utf-8")
    news = list(pack_corpus(corpus, tmp_path / "p", Packing(domains=["education"])))
    assert [bool(one.left_out) for one in news] == [True, False]
    assert "when the corpus was built" in news[0].left_out
    assert list(read_pack(tmp_path / "p").manifest.left_out) == [news[0].key]


# Damage and malice


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Path:
    shutil.copytree(kept.folder, tmp_path / "pack")
    return tmp_path / "pack"


def rewrite(folder: Path, change: Callable[[str, bytes], Iterator[tuple[str, bytes]]]) -> None:
    """Change members of the shard and sign it again, as an attacker can."""
    shard = folder / "streams-0000.zip"
    with zipfile.ZipFile(shard) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(shard, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            for new, changed in change(name, data):
                archive.writestr(new, changed)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    data = shard.read_bytes()
    manifest["files"]["streams-0000.zip"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def everything(folder: Path) -> None:
    pack = read_pack(folder)
    for ask in pack.asks(part=None):
        pack.workshop(ask, DOMAINS[ask.domain])
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
        (lambda m: json.dumps(m | {"format": 2}), "format 2, this release reads 1"),
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


BAD_CALL = {"key": "0" * 64, "tool": "list_events", "result": '{"note": 1}'}
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
    "a bomb": (lambda n, d: iter([(n, b" " * 20 * 2**20 if n.endswith("stream.json") else d)]), "more than 200 times its size"),
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
