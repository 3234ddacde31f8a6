"""Models that see in training: real tools on a recorded screen, and updates that see what the rollouts saw."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from dataclaw.agent.batch import run_batch  # noqa: E402
from dataclaw.agent.policy import make_policy  # noqa: E402
from dataclaw.agent.policy.hf import Hf  # noqa: E402
from dataclaw.agent.policy.planner import Planner  # noqa: E402
from dataclaw.agent.session import Session  # noqa: E402
from dataclaw.agent.steps import State, action_text  # noqa: E402
from dataclaw.config import ModelOptions  # noqa: E402
from dataclaw.corpus.unit import trace_of  # noqa: E402
from dataclaw.errors import ConfigError, DataClawError  # noqa: E402
from dataclaw.models import chatml  # noqa: E402
from dataclaw.models.adapter_folder import RECORD  # noqa: E402
from dataclaw.models.vision import Image, ImagePatches  # noqa: E402
from dataclaw.planning import CHOOSE  # noqa: E402
from dataclaw.plugins import load_domain  # noqa: E402
from dataclaw.streams import open_stream  # noqa: E402
from dataclaw.tools.cache import Cache  # noqa: E402
from dataclaw.train import grpo as loop  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.corpus_streams import Illustrations  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.objective import logprobs, tokens_of  # noqa: E402
from dataclaw.train.record import differences, essence  # noqa: E402
from dataclaw.train.rollout import Rollout, Trajectory, roll, trajectories  # noqa: E402
from dataclaw.train.rows import pack_row  # noqa: E402
from dataclaw.train.sft import sft  # noqa: E402
from dataclaw.train.tokens import TraceEncoder, TrainingExample, read_examples  # noqa: E402
from dataclaw.train.trainee import load  # noqa: E402
from dataclaw.train.workers import Workers  # noqa: E402
from dataclaw.types import Action, Intent  # noqa: E402
from tests.train.corpora import write  # noqa: E402
from tests.train.led import BAD, Trie, tokeniser_of  # noqa: E402
from tests.train.tiny import tiny_model  # noqa: E402
from tests.train.tiny_vision import seeing_model, seeing_tokeniser  # noqa: E402

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"
NEW = ("images", "image_side", "frames")
LOOK = action_text(Action("sample_frames", {"count": 2}))
Planned = tuple[State, list[str], list[dict[str, Any]]]
CLOSER = action_text(Action("crop", {"frame": 3, "box": [200, 100, 700, 400]}))


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """What the planner does with the shipped recording: its end, its turns with two looks before, and its trace."""
    domain = load_domain("gui")
    task, stream = domain.task("how_to"), open_stream(str(TRACE), loaders=domain.loaders)
    session = Session(stream, task, Cache(tmp_path_factory.mktemp("tools") / "tools.sqlite"))
    begun = State("rec-1", "gui", "how_to", Intent("how is this done"), (0.0, stream.duration), budget=task.budget)
    end = run_batch([(begun, session)], Planner())[0]
    told = [turn for turn in end.turns if turn.action and turn.action.tool != CHOOSE]
    said = [LOOK, CLOSER, *(turn.text for turn in told)]
    return end, said, trace_of(end, session)


@pytest.fixture(scope="module")
def corpus(planned: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of that recording: one ask for rollouts, its trace, and the same trace for validation."""
    end, _, messages = planned
    out = tmp_path_factory.mktemp("corpus")
    names = {"id": "rec-1", "domain": "gui", "task": "how_to"}
    ask = names | {"intent": end.intent.text, "path": str(TRACE), "window": list(end.window)}
    ask |= {"origin": {"difficulty": 1}}
    trace = names | {"detour": "", "messages": messages}
    (out / "export").mkdir()
    write(out / "1_candidates.jsonl", [ask, ask | {"id": "rec-2"}])
    write(out / "3_drafts.jsonl", [{"id": "rec-1", "draft": end.drafts[-1].draft}])
    write(out / "export" / "traces.jsonl", [trace])
    write(out / "export" / "validation_traces.jsonl", [trace | {"id": "rec-2"}])
    return out


@pytest.fixture(scope="module")
def model(planned: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    tokeniser = seeing_tokeniser(tokeniser_of([*planned[1], *(message["content"] for message in planned[2])] * 3))
    return seeing_model(tmp_path_factory.mktemp("tiny") / "model", tokeniser=tokeniser, most=48 * 48)


def recipe(model: Path, corpus: Path, **grpo: Any) -> TrainConfig:
    small = {"group": 3, "prompts_per_step": 1, "steps": 2, "max_new_tokens": 12, "max_tokens": 16384, "save_every": 1}
    return TrainConfig.model_validate(
        {
            "model": {"name": str(model), "device": "cpu", "lora": {"r": 4, "alpha": 8}},
            "data": {"corpus": corpus, "images": True, "seed": 2, "max_tokens": 16384},
            "grpo": {"lr": 1e-2, "curriculum": False, **small, **grpo},
        }
    )


class Anything:
    """A grammar that allows all."""

    def __init__(self, vocabulary: int) -> None:
        self._all = np.ones(vocabulary, np.bool_)

    def mask(self) -> np.ndarray:
        return self._all

    def take(self, token: int) -> bool:
        return True


class Led(Hf):
    """The model looks at frames, does what the planner does, and at the end chooses between its draft and a bad one.

    With nothing of the planner's it looks at frames, and is free then.
    """

    turns: Sequence[str] = ()

    def _request(self, scene: Any, talk: Any) -> Any:
        request = super()._request(scene, talk)
        at = len(talk.turns)
        last = len(self.turns) - 1
        if at > last and self.turns[-1] == CLOSER:
            return replace(request, matcher=Anything(self.model.config.get_text_config().vocab_size))
        chosen = at == last and self.turns[-1] != CLOSER
        texts = [self.turns[at], BAD] if chosen else [self.turns[at]] if at <= last else [BAD]
        ids = [[*chatml.tokens_of(self.tokeniser, text), self.scribe.end] for text in texts]
        vocabulary = self.model.config.get_text_config().vocab_size
        return replace(request, matcher=Trie(ids, vocabulary), limit=2000)


@pytest.fixture
def led(planned: Planned, monkeypatch: pytest.MonkeyPatch) -> type[Led]:
    Led.turns = planned[1]
    monkeypatch.setattr(loop, "Hf", Led)
    return Led


def figures_of(news: Iterator[Any]) -> list[dict[str, Any]]:
    return [one.figures for one in news if one.figures]


@pytest.mark.slow
def test_two_steps_with_real_tools_learn_from_what_was_seen(model: Path, corpus: Path, tmp_path: Path, led: type[Led]):
    hot = recipe(model, corpus, group=4, temperature=6.0)  # else a random model may always choose the same of both
    steps = figures_of(grpo(hot, tmp_path / "run"))
    assert [one["step"] for one in steps] == [1, 2]
    learnt = [one for one in steps if one["loss"] is not None]
    assert learnt, "the drafts of a group differ, until the better one is learnt"
    for one in learnt:
        assert one["rollout"]["pictures"]["shown"] >= 3 * 3, "two frames and a region at least, in each rollout"
        assert one["reward"]["missing"] == 0
        assert one["mismatch"] < 1e-4, "the update sees the log-probabilities that were sampled with"
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()


def rolled(config: TrainConfig, out: Path) -> tuple[Any, Rollout]:
    """A prepared run and one rollout of it."""
    run = loop._prepare(config, out, None, None, random_init=False)
    (rollout,) = roll([run.prompts.open(run.prompts.entries[0])], run.policy, 1, step=1).rollouts
    return run, rollout


def said(run: Any, one: Trajectory) -> np.ndarray:
    with torch.no_grad():
        return logprobs(run.trainee, tokens_of([one], (0,), [1.0]), run.settings.temperature).numpy()


@pytest.fixture(scope="module")
def free(model: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Rollout]:
    """A rollout that looks at three pictures and then says what comes to its mind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "Hf", Led)
        patch.setattr(Led, "turns", [LOOK, CLOSER])
        return rolled(recipe(model, corpus, temperature=0.9), tmp_path_factory.mktemp("free"))


def test_the_update_sees_what_was_seen_when_sampling(free: tuple[Any, Rollout]):
    run, rollout = free
    (one,) = trajectories(rollout, 1.0)
    sampled = one.logprobs != 0  # the rest was forced
    assert sampled.sum() >= 30
    assert len(one.example.images) == 3
    assert np.abs(said(run, one) - one.logprobs)[sampled].max() < 1e-4
    darker = [
        Image(image.start, ImagePatches(image.patches.grid, image.patches.pixels - 1.0)) for image in one.example.images
    ]
    other = replace(one, example=replace(one.example, images=tuple(darker)))
    assert np.abs(said(run, other) - one.logprobs)[sampled].max() > 1e-3


@pytest.mark.parametrize("how", ["tokens", "grid", "pixels"])
def test_an_update_on_what_disagrees_stops_with_the_rollout_and_the_numbers(free: tuple[Any, Rollout], how: str):
    run, rollout = free
    (one,) = trajectories(rollout, 1.0)
    image = one.example.images[1]
    (time, high, wide), pixels = image.patches.grid, image.patches.pixels
    ids = one.example.ids.copy()
    if how == "tokens":
        ids[image.start] = 5
    grid = (time, high + 2 * (how == "grid"), wide)
    cut = ImagePatches(grid, pixels[1:] if how == "pixels" else pixels)
    images = tuple(Image(i.start, cut) if i is image else i for i in one.example.images)
    broken = replace(one, example=replace(one.example, ids=ids, images=images))
    with pytest.raises(DataClawError, match=r"rec-1~1.0.0: images and tokens disagree: image 2 of 3: \d+ (rows|tok)"):
        loop._update(run, 1, [one, broken])


def test_a_result_for_which_there_is_no_room_leaves_with_its_images(
    free: tuple[Any, Rollout], model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The context ends at the second result: its image, its tokens and its pixels are not in what is learnt."""
    monkeypatch.setattr(loop, "Hf", Led)
    monkeypatch.setattr(Led, "turns", [LOOK, CLOSER])
    (talk,) = free[1].talks
    end = talk.turns[1].end
    assert [image.start < end for image in talk.images] == [True, True, False]
    run, short = rolled(recipe(model, corpus, max_tokens=end + 20, max_new_tokens=1), tmp_path)
    assert "more than the model takes" in short.state.error
    (left,) = short.talks
    assert left.ids[:end] == talk.ids[:end]
    assert len(left.ids) > end + 20, "the result was told"
    assert "not shown: f3; no room" in run.policy.tokeniser.decode(left.ids[end:])
    (one,) = trajectories(short, 1.0)
    assert one.example.ids.tolist() == talk.ids[:end]
    assert [image.start for image in one.example.images] == [image.start for image in talk.images[:2]]
    run.trainee.vision.check("x", one.example.ids, one.example.images)
    assert np.abs(said(run, one) - one.logprobs).max() < 1e-4


@pytest.fixture(scope="module")
def learner(model: Path, corpus: Path) -> tuple[Any, TrainingExample]:
    """A model that is to learn the trace, and the trace."""
    config = recipe(model, corpus)
    trainee = load(config.model, Workers(0, 1, "cpu"), seed=0, image_side=config.data.side)
    (one,), _ = read_examples(config.data, trainee.base.tokeniser, shown=Illustrations(trainee.vision, config.data))
    return trainee, one


def test_a_trace_has_the_tokens_and_pixels_of_its_rollout(
    learner: tuple[Any, TrainingExample], model: Path, corpus: Path, planned: Planned, tmp_path: Path, led: type[Led]
):
    led.turns = planned[1][2:]
    _, rollout = rolled(recipe(model, corpus, max_tokens=16384), tmp_path)
    (talk,) = rollout.talks
    one = learner[1]
    assert one.ids.tolist() == talk.ids[: len(one)]
    assert [image.start for image in one.images] == [image.start for image in talk.images]
    assert len(one.images) >= 2
    for trace, sampled in zip(one.images, talk.images, strict=True):
        assert trace.patches.grid == sampled.patches.grid
        assert np.array_equal(trace.patches.pixels, sampled.patches.pixels)


def test_supervised_learning_sees_the_frames(learner: tuple[Any, TrainingExample]):
    trainee, one = learner
    with torch.no_grad():
        first = trainee.losses(pack_row([one], (0,))).numpy()
        flat = [Image(i.start, ImagePatches(i.patches.grid, np.zeros_like(i.patches.pixels))) for i in one.images]
        other = trainee.losses(pack_row([replace(one, images=tuple(flat))], (0,))).numpy()
    turns = [turn.end for turn in one.turns if turn.end < one.images[0].start]
    before = sum(int(one.learn[:end].sum()) for end in turns[-1:])
    assert np.abs(first - other)[:before].max() < 1e-5, "what was said before is the same"
    assert np.abs(first - other)[before:].max() > 1e-3
    trainee.losses(pack_row([one], (0,))).sum().backward()
    moved = {name for name, p in trainee.learnt().items() if p.grad is not None and p.grad.abs().sum() > 0}
    assert any("visual" in name for name in moved), "the part that sees learns, too"
    trainee.model.zero_grad()
    broken = replace(one, images=one.images[:1])
    with pytest.raises(DataClawError, match="rec-1: images and tokens disagree"):
        trainee.losses(pack_row([broken], (0,)))


def test_two_steps_of_supervised_learning_with_frames(model: Path, corpus: Path, tmp_path: Path):
    config = recipe(model, corpus)
    config = config.model_copy(update={"sft": config.sft.model_copy(update={"steps": 2, "epochs": 2.0})})
    news = list(sft(config, tmp_path / "run"))
    notes = [one.note for one in news if one.note]
    assert any(note.endswith(" images in the traces") and int(note.split()[0]) >= 2 for note in notes)
    assert "one trace a row: traces have images" in notes
    figures = [one.figures for one in news if one.figures]
    assert figures[1]["loss"] < figures[0]["loss"]
    assert figures[1]["validation"]["gui"]["turns"] > 0
    adapter = tmp_path / "run" / "adapter"
    sees = make_policy(f"hf:{model}@{adapter}", ModelOptions(constrained=False))
    assert isinstance(sees, Hf)
    assert sees.vision is not None
    assert sees.vision.side == config.data.image_side == 640
    record = json.loads((adapter / RECORD).read_text())
    del record["image_side"]  # as of an adapter that was trained on text alone
    (adapter / RECORD).write_text(json.dumps(record))
    reads = make_policy(f"hf:{model}@{adapter}", ModelOptions(constrained=False))
    assert isinstance(reads, Hf)
    assert reads.vision is None


def test_traces_that_name_no_frames_or_wrong_ones_are_told(
    model: Path, corpus: Path, planned: Planned, tmp_path: Path, learner: tuple[Any, TrainingExample]
):
    trainee, _ = learner
    bare = [{key: value for key, value in message.items() if key != "pictures"} for message in planned[2]]
    (tmp_path / "export").mkdir()
    write(tmp_path / "1_candidates.jsonl", [])
    write(tmp_path / "export" / "traces.jsonl", [{"id": "x", "domain": "gui", "task": "how_to", "messages": bare}])
    with pytest.raises(ConfigError, match="no trace names a frame"):
        next(sft(recipe(model, tmp_path), tmp_path / "run"))
    shown = Illustrations(trainee.vision, recipe(model, corpus).data)
    encoder = TraceEncoder(trainee.base.tokeniser, shown=shown)
    small = [m | {"pictures": [{**p, "size": [640, 360]} for p in m["pictures"]]} if "pictures" in m else m
             for m in planned[2]]  # fmt: skip
    wrong = encoder.example({"id": "rec-1", "domain": "gui", "task": "how_to", "messages": small}, "here")
    with pytest.raises(DataClawError, match=r"rec-1: frame 7 is \(1, \d+, \d+\) patches"):
        trainee.losses(pack_row([wrong], (0,)))
    with pytest.raises(ConfigError, match="here: a picture of this trace is damaged"):
        shown.parts("rec-1", [{"frame": 1}], "here")
    other = encoder.example({"id": "gone", "domain": "gui", "task": "how_to", "messages": planned[2]}, "here")
    assert not other.images
    assert "(not shown: f22; not available)" in trainee.base.tokeniser.decode(other.ids)


def test_a_run_from_before_there_were_images_goes_on():
    now: dict[str, Any] = {"stage": "sft", "config": {"data": TrainConfig().data.model_dump(mode="json")}, "corpus": {}}
    now["base"] = {"digest": "0"}
    before = {**now, "config": {"data": {k: v for k, v in now["config"]["data"].items() if k not in NEW}}}
    assert essence(before) == essence(now)
    seeing = {**now, "config": {"data": now["config"]["data"] | {"images": True}}}
    assert differences(essence(before), essence(seeing))


def test_a_model_that_reads_cannot_be_asked_to_see(corpus: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="does not see"):
        next(grpo(recipe(tiny_model(tmp_path / "reader"), corpus), tmp_path / "run"))
    with pytest.raises(ConfigError, match="images cannot be shown to a server"):
        next(grpo(recipe(tmp_path, corpus, server="http://127.0.0.1:9"), tmp_path / "run"))


def test_traces_with_images_do_not_share_a_row():
    image = Image(1, ImagePatches((1, 2, 2), np.zeros((4, 3), np.float32)))
    learn = np.array([False, False, True])
    one = TrainingExample("a", "d", "t", np.arange(3, dtype=np.int32), learn, (), (image,))
    assert pack_row([one], (0,)).images == (image,)
    with pytest.raises(ValueError, match="share"):
        pack_row([one, one], (0, 1))
