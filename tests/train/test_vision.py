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
from dataclaw.agent.policy import chatml  # noqa: E402
from dataclaw.agent.policy.hf import Hf  # noqa: E402
from dataclaw.agent.policy.planner import Planner  # noqa: E402
from dataclaw.agent.policy.vision import Cut, Image  # noqa: E402
from dataclaw.agent.steps import State, action_text  # noqa: E402
from dataclaw.agent.workshop import Workshop  # noqa: E402
from dataclaw.errors import ConfigError, DataClawError  # noqa: E402
from dataclaw.plugins import load_domain  # noqa: E402
from dataclaw.streams import open_stream  # noqa: E402
from dataclaw.tools.cache import Cache  # noqa: E402
from dataclaw.train import grpo as loop  # noqa: E402
from dataclaw.train.config import TrainConfig  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.objective import logprobs, tokens_of  # noqa: E402
from dataclaw.train.packing import packed  # noqa: E402
from dataclaw.train.rollout import Rollout, Trajectory, roll, trajectories  # noqa: E402
from dataclaw.train.tokens import Example  # noqa: E402
from dataclaw.types import Action, Intent  # noqa: E402
from tests.train.test_grpo import BAD, Trie, tokeniser_of  # noqa: E402
from tests.train.tiny import tiny_model  # noqa: E402
from tests.train.tiny_vision import seeing_model, seeing_tokeniser  # noqa: E402

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"
LOOK = action_text(Action("sample_frames", {"count": 2}))
Planned = tuple[State, list[str], list[str]]
CLOSER = action_text(Action("crop", {"frame": 3, "box": [200, 100, 700, 400]}))


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """What the planner does with the shipped recording: its end, its turns with two looks before, all it was told."""
    domain = load_domain("gui")
    task, stream = domain.task("how_to"), open_stream(str(TRACE), loaders=domain.loaders)
    shop = Workshop(stream, task, Cache(tmp_path_factory.mktemp("tools") / "tools.sqlite"))
    begun = State("rec-1", "gui", "how_to", Intent("how is this done"), (0.0, stream.duration), budget=task.budget)
    end = run_batch([(begun, shop)], Planner())[0]
    said = [LOOK, CLOSER, *(turn.text for turn in end.turns if turn.role == "policy")]
    return end, said, [message.text for message in shop.messages(end)]


@pytest.fixture(scope="module")
def corpus(planned: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What rollouts need of a corpus, for one ask of that recording."""
    end = planned[0]
    out = tmp_path_factory.mktemp("corpus")
    row = {"id": "rec-1", "domain": "gui", "task": "how_to", "intent": end.intent.text, "path": str(TRACE)}
    row |= {"window": list(end.window), "origin": {"difficulty": 1}}
    (out / "export").mkdir()
    draft = {"id": "rec-1", "draft": end.drafts[-1].draft}
    for name, line in (("1_candidates", row), ("3_drafts", draft), ("export/traces", {"id": "rec-1"})):
        (out / f"{name}.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def model(planned: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    tokeniser = seeing_tokeniser(tokeniser_of([*planned[1], *planned[2]] * 3))
    return seeing_model(tmp_path_factory.mktemp("tiny") / "model", tokeniser=tokeniser, most=48 * 48)


def recipe(model: Path, corpus: Path, **grpo: Any) -> TrainConfig:
    small = {"group": 3, "prompts_per_step": 1, "steps": 2, "max_new_tokens": 12, "max_tokens": 4096, "save_every": 1}
    return TrainConfig.model_validate(
        {
            "model": {"name": str(model), "device": "cpu", "lora": {"r": 4, "alpha": 8}},
            "data": {"corpus": corpus, "images": True, "seed": 2},
            "grpo": {"lr": 1e-2, "curriculum": False, **small, **grpo},
        }
    )


class Anything:
    """A grammar that allows all."""

    def __init__(self, vocabulary: int) -> None:
        self._all = np.ones(vocabulary, np.bool_)

    def allowed(self) -> np.ndarray:
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
        at = len(talk.said)
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
    steps = figures_of(grpo(recipe(model, corpus), tmp_path / "run"))
    assert [one["step"] for one in steps] == [1, 2]
    assert all(one["loss"] is not None for one in steps), "the drafts of each group differ"
    for one in steps:
        assert one["rollout"]["pictures"]["shown"] >= 3 * 3, "two frames and a region at least, in each rollout"
        assert one["reward"]["missing"] == 0
        assert one["mismatch"] < 1e-4, "the update sees the log-probabilities that were sampled with"
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()


def rolled(config: TrainConfig, out: Path) -> tuple[Any, Rollout]:
    """A prepared run and one rollout of it."""
    run = loop._prepare(config, out, None, None, random_init=False)
    (rollout,) = roll([run.prompts.open(run.prompts.asks[0])], run.policy, 1, step=1).rollouts
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
    darker = [Image(image.start, Cut(image.patches.grid, image.patches.pixels - 1.0)) for image in one.example.images]
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
    cut = Cut(grid, pixels[1:] if how == "pixels" else pixels)
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
    end = talk.said[1].end
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


def test_a_model_that_reads_cannot_be_asked_to_see(corpus: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match="does not see"):
        next(grpo(recipe(tiny_model(tmp_path / "reader"), corpus), tmp_path / "run"))
    with pytest.raises(ConfigError, match="a server is not shown images"):
        next(grpo(recipe(tmp_path, corpus, server="http://127.0.0.1:9"), tmp_path / "run"))


def test_traces_with_images_do_not_share_a_row():
    image = Image(1, Cut((1, 2, 2), np.zeros((4, 3), np.float32)))
    learn = np.array([False, False, True])
    one = Example("a", "d", "t", np.arange(3, dtype=np.int32), learn, (), (image,))
    assert packed([one], (0,)).images == (image,)
    with pytest.raises(ValueError, match="share"):
        packed([one, one], (0, 1))
