"""Packs: what rollouts on a packed stream say is what they say on the original, with no file of it at hand."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.cli import app
from dataclaw.corpus.packs.corpus_pack import read_pack
from dataclaw.corpus.packs.corpus_packer import Packing, hold_pack, pack_corpus
from dataclaw.corpus.packs.likely_calls import LikelyPlaces, following_calls
from dataclaw.errors import ConfigError, OwnedError, UsageError
from dataclaw.files import is_vacant, owned_folder
from dataclaw.streams import open_stream
from dataclaw.tools import pictures
from dataclaw.tools.cache import Cache, fingerprint
from dataclaw.types import Action, Anchor, Decision, Stream
from tests.corpus.made import DOMAINS, Kept, begun, called, pictured, rollout

pytestmark = pytest.mark.timeout(300)  # a corpus is built first


class Script:
    """Answers what was answered before."""

    name = "script"

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers

    def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
        return [Decision(self.answers[len(scene.state.turns) // 2]) for scene in scenes]

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No small picture of an original stream is remembered."""
    monkeypatch.setattr(pictures, "_store", type(pictures._store)(96_000_000))


def test_traces_play_again_word_for_word(kept: Kept) -> None:
    pack = kept.read()
    asks = pack.requests(part=None)
    assert {ask.id for ask in asks} == set(kept.traces)
    assert {ask.domain for ask in asks} == {"education", "aigc"}
    for ask in asks:
        state, session, _ = begun(pack, ask)
        answers = [m["content"] for m in kept.traces[ask.id] if m["role"] == "assistant"]
        assert rollout(state, session, Script(answers)) == kept.traces[ask.id]
    assert not pack.missed_calls


def test_the_planner_says_what_it_says_of_the_original(kept: Kept) -> None:
    pack = kept.read()
    for ask in pack.requests(part=None):
        state, session, _ = begun(pack, ask)
        assert rollout(state, session, Planner()) == kept.planned[ask.id]
    assert not pack.missed_calls


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
    everything = pack.requests(part=None)
    assert {ask.part for ask in everything} == {"training", "validation"}
    assert [*pack.requests(), *pack.requests(part="validation")] != []
    assert len(pack.requests()) + len(pack.requests(part="validation")) == len(everything)
    assert {(a.domain, a.task) for a in pack.requests("education", "concept_qa", None)} == {("education", "concept_qa")}
    assert pack.requests("gui") == []
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
    ask = pack.requests("education", part=None)[0]
    found = called(pack, ask, "list_events", t0=1.0, t1=9.0)
    assert [anchor.id for anchor in found.anchors] == ["e1", "e2"] or found.anchors
    assert not pack.missed_calls


def test_a_call_that_needs_pictures_fails_like_a_tool_and_is_counted(kept: Kept) -> None:
    pack = kept.read()
    ask = pictured(pack)
    box = [0, 0, 40, 40]
    said = called(pack, ask, "picture_look", frames=[0], box=box)
    assert said == "picture_look is not available for this call. Use other tools."
    assert called(pack, ask, "picture_look", frames=[99]).startswith("frame 99 is not among")
    assert pack.missed_calls == {"picture_look": 1}

    whole = read_pack(kept.folder, media=kept.corpus)
    found = called(whole, ask, "picture_look", frames=[0], box=box)
    state, _, domain = begun(whole, ask)
    stream = open_stream(str(kept.corpus / whole.manifest.streams[ask.stream].media))
    original = Session(stream, domain.task(ask.task), Cache(kept.corpus / "other.sqlite"))
    action = Action("picture_look", {"frames": [0], "box": box})
    assert found == original.use(replace(state, pending=action, phase="use_tools"))[0]
    assert not whole.missed_calls


def test_likely_calls_ask_about_frames_and_spans_that_results_name() -> None:
    places = LikelyPlaces(2)
    places.take([Anchor("", "slide", "a", 1.0, 3.0, frame=4, source="find_slides", attrs={"frames": [4, 7]})])
    places.take([Anchor("", "camera", "b", 2.0, 2.5, source="track_motion")])
    tools = DOMAINS["aigc"].task("video_generation_segment").tools
    stream = Stream("s", "video", "s", "s", "mp4", 5.0)
    looks = [call.args for call in following_calls(tools["picture_look"], stream, places)]
    assert looks == [{"frames": [4]}, {"frames": [7]}]
    assert {"frame": 7, "region": "full"} in [call.args for call in following_calls(tools["read_text"], stream, places)]
    spans = [call.args for call in following_calls(tools["track_motion"], stream, places)]
    assert spans == [{"t0": 2.0, "t1": 2.5}]
    assert not list(following_calls(tools["crop"], stream, places)), "nobody knows which box"


def test_likely_calls_are_in_the_pack(kept: Kept) -> None:
    pack = kept.read()
    assert called(pack, pictured(pack), "picture_look", frames=[1]).anchors
    assert not pack.missed_calls


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
    assert whole.missed_calls == {"picture_look": 1}
    with pytest.raises(UsageError, match="no folder of media"):
        read_pack(kept.folder, media=tmp_path / "none")


def test_the_reference_is_for_rewards_only(kept: Kept) -> None:
    pack = kept.read()
    ask = pack.requests(part=None)[0]
    _, session, domain = begun(pack, ask)
    assert session.reference is None
    assert pack.session(ask, domain, reference=True).reference == ask.reference


def test_references_of_another_schema_are_refused(kept: Kept) -> None:
    pack = kept.read()
    ask = pack.requests("education", part=None)[0]
    task = replace(DOMAINS["education"].task(ask.task), schema={"type": "object"})
    with pytest.raises(ConfigError, match="another schema of education"):
        pack.session(ask, replace(DOMAINS["education"], tasks={ask.task: task}))


def test_equal_corpora_give_equal_packs(kept: Kept, tmp_path: Path) -> None:
    for name in ("a", "b"):
        list(pack_corpus(kept.corpus, tmp_path / name, Packing(likely=True, shard_bytes=60_000)))
    names = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert len(names) > 2  # more than one shard
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in names)
    assert all((tmp_path / "a" / name).stat().st_size <= 60_000 for name in names if name.endswith(".zip"))
    assert len(read_pack(tmp_path / "a").requests(part=None)) == len(kept.traces)


def test_reading_a_pack_loads_no_graph_and_no_provider(kept: Kept) -> None:
    code = (
        "import sys; from pathlib import Path; from dataclaw.corpus.packs.corpus_pack import read_pack;"
        "from dataclaw.plugins import load_domain; pack = read_pack(Path(sys.argv[1]));"
        "ask = pack.requests(part=None)[0];"
        "pack.session(ask, load_domain(ask.domain));"
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
    assert {ask.domain for ask in read_pack(tmp_path / "p").requests(part=None)} == {"education"}


def test_two_do_not_pack_into_one_folder(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    with owned_folder(tmp_path), pytest.raises(OwnedError, match="writes into this folder"), hold_pack(tmp_path):
        raise AssertionError("it is held")
    assert (tmp_path / "manifest.json").is_file()
    with hold_pack(tmp_path):
        assert is_vacant(tmp_path)
    assert list(tmp_path.iterdir()) == []


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
