"""TRL's own trainer on the tiny world: in environments whose tools its loop calls, and on our finished rollouts."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
trl_package = pytest.importorskip("trl")

from dataclaw.corpus.build import build  # noqa: E402
from dataclaw.corpus.config import CorpusConfig  # noqa: E402
from dataclaw.corpus.export import export  # noqa: E402
from dataclaw.errors import ConfigError, MissingExtraError  # noqa: E402
from dataclaw.plugins import load_domain  # noqa: E402
from dataclaw.train import grpo as own_loop  # noqa: E402
from dataclaw.train import grpo_trl as trl_loop  # noqa: E402
from dataclaw.train import trl  # noqa: E402
from dataclaw.train.config import GrpoConfig, TrainConfig  # noqa: E402
from dataclaw.train.grpo import grpo  # noqa: E402
from dataclaw.train.live import LiveRollout, source_of  # noqa: E402
from dataclaw.train.rollout import roll, trajectories  # noqa: E402
from dataclaw.worlds import register  # noqa: E402
from tests.train.led import BAD, Led, small_model  # noqa: E402

QWEN = Path(trl_package.__file__).parent / "chat_templates" / "qwen3.jinja"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    register("tiny", "tests.evals.tiny:WORLD")
    out = tmp_path_factory.mktemp("corpus")
    config = CorpusConfig(worlds=["tiny"], streams=4, asks=2, detours=0.0, difficulties=[1, 3], validation=0.0)
    assert all(not news.failure for news in build(config, out))
    export(config, out)
    return out


@pytest.fixture(scope="module")
def model(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(corpus, tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Without what TRL and transformers say of themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def traces(corpus: Path) -> dict[str, list[str]]:
    rows = [json.loads(line) for line in (corpus / "export" / "traces.jsonl").read_text().splitlines()]
    return {row["id"]: [m["content"] for m in row["messages"] if m["role"] == "assistant"] for row in rows}


@pytest.fixture
def led(traces: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    Led.traces = traces
    monkeypatch.setattr(own_loop, "Hf", Led)
    monkeypatch.setattr(trl, "Hf", Led)


def loaded(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokeniser = AutoTokenizer.from_pretrained(folder)
    tokeniser.pad_token = tokeniser.eos_token
    return AutoModelForCausalLM.from_pretrained(folder), tokeniser


def arguments(folder: Path, **more: Any) -> Any:
    small = {"max_completion_length": 4000, "per_device_train_batch_size": 4, "num_generations": 4, "max_steps": 1}
    quiet = {"report_to": [], "use_cpu": True, "disable_tqdm": True, "logging_steps": 1, "save_strategy": "no"}
    return trl_package.GRPOConfig(output_dir=str(folder), **{**small, **quiet, "learning_rate": 1e-2, **more})


def recipe(model: Path, corpus: Path, **grpo: Any) -> TrainConfig:
    small = {"group": 4, "prompts_per_step": 2, "steps": 2, "max_tokens": 4096, "save_every": 1, "lr": 1e-2}
    return TrainConfig.model_validate(
        {
            "model": {"name": str(model), "device": "cpu", "lora": {"r": 4, "alpha": 8}},
            "data": {"corpus": corpus},
            "grpo": {**small, **grpo},
        }
    )


class Scripted(trl_package.GRPOTrainer):
    """TRL's trainer and its own loop over tools; what the model would sample is written down, turn by turn.

    Every other rollout follows the expert's trace to its end; the others hand in a bad draft.
    """

    traces: dict[str, list[str]]
    going: list[int]

    def _generate_single_turn(self, prompt_ids: Any, images: Any, fields: Any, num_generations: int, **_: Any) -> Any:
        if num_generations > 1:
            self.going = list(range(len(prompt_ids)))
        texts = {which: self._answer(which, self.environments[which].rollout) for which in self.going}
        self.going = [which for which, text in texts.items() if text != "done"]
        return [
            [*self.processing_class.encode(text), self.processing_class.eos_token_id] for text in texts.values()
        ], None

    def _answer(self, which: int, rollout: LiveRollout) -> str:
        if rollout.over:
            return "done"
        turns, at = self.traces[rollout.prompt.name], sum(turn.role == "policy" for turn in rollout.state.turns)
        action = json.loads(BAD if which % 2 and at >= len(turns) - 1 else turns[at])
        call = json.dumps({"name": action["tool"], "arguments": action["args"]})
        return f"<tool_call>\n{call}\n</tool_call>"


def test_trl_plays_in_environments_and_learns(model: Path, corpus: Path, tmp_path: Path, traces: Any):
    """A step of the real trainer: its loop calls real tools, and rewards are those of our own loop."""
    network, tokeniser = loaded(model)
    tokeniser.chat_template = QWEN.read_text()
    before = {name: weight.clone() for name, weight in network.named_parameters()}
    trainer = Scripted(
        network,
        trl.reward,
        args=arguments(tmp_path),
        train_dataset=trl.dataset(corpus),
        environment_factory=trl.environment_factory(corpus),
        processing_class=tokeniser,
    )
    trainer.traces = traces
    trainer.train()
    rollouts = [one.rollout for one in trainer.environments]
    assert [one.state.stop for one in rollouts[::2]] == ["submitted"] * 2
    assert all(one.state.anchors for one in rollouts), "real tools found something"
    expected = [one.total for one in source_of(corpus).rewards(rollouts)]
    logged = trainer.state.log_history[0]
    assert logged["rewards/reward/mean"] == pytest.approx(sum(expected) / 4)
    assert expected[0] > 1.0 > expected[1]
    assert logged["tools/failure_frequency"] == 0.0
    assert logged["terms/format"] > 0
    assert any((weight != before[name]).any() for name, weight in network.named_parameters())


def test_a_draft_earns_the_same_in_an_environment_and_in_our_loop(
    model: Path, corpus: Path, traces: dict[str, list[str]]
):
    source, kinds = source_of(corpus), trl.environment_factory(corpus)
    rows = list(trl.dataset(corpus))
    assert {row["environment"] for row in rows} == kinds.keys() == {"education_concept_qa", "education_lecture_summary"}
    for row in rows:
        environment, rollout = kinds[row["environment"]](), source.begin(row["prompt"][-1]["name"])
        told = environment.reset(**row)
        assert "submit" in told
        assert "JSON object" not in told, "a model that calls tools in its own way is not asked for our form"
        assert rollout.prompt.state.intent.text in told
        for text in traces[rollout.prompt.name]:
            action = json.loads(text)
            called = getattr(environment, action["tool"])(**action["args"])
            assert called == rollout.say(text)
        assert environment.rollout.state.turns == rollout.state.turns
        assert environment.rollout.over
        assert trl.reward(environments=[environment]) == [source.rewards([rollout])[0].total]
        assert "over" in environment.submit(draft={})


@pytest.mark.parametrize("domain", ["gui", "embodied", "aigc", "daily", "education"])
def test_every_tool_of_every_domain_has_a_schema_that_trl_can_read(domain: str):
    from transformers.utils import get_json_schema

    for task in load_domain(domain).tasks.values():
        kind = trl._environment(None, "x", task)
        for name, tool in task.tools.items():
            said, ours = get_json_schema(getattr(kind(), name))["function"], tool.schema()
            assert said["description"] == tool.doc
            assert said["parameters"]["properties"].keys() == ours.get("properties", {}).keys()
            assert said["parameters"].get("required", []) == ours.get("required", [])
        assert get_json_schema(kind().submit)["function"]["parameters"]["required"] == ["draft"]


def test_hostile_calls_are_answered_and_not_run(corpus: Path):
    row = trl.dataset(corpus)[0]
    environment = trl.environment_factory(corpus)[row["environment"]]()
    environment.reset(**row)
    assert environment.rollout.call("__import__", {"name": "os"}).startswith("error: no tool '__import__'")
    assert "error" in environment.rollout.call("submit", {"draft": float("nan")})
    assert "error" in environment.rollout.say("not json")
    with pytest.raises(ConfigError, match="no request"):
        environment.reset(prompt=[{"name": "../../etc/passwd"}])


def test_the_rollouts_that_trl_learns_are_ours(
    model: Path, corpus: Path, tmp_path: Path, led: None, monkeypatch: pytest.MonkeyPatch
):
    """With the same recipe, both loops play the same prompts, token by token, and give the same rewards."""
    config = recipe(model, corpus, curriculum=False, steps=1)
    batches: list[Any] = []
    found: dict[str, list[Any]] = {}

    def watched_roll(*args: Any, **more: Any) -> Any:
        batches.append(roll(*args, **more))
        return batches[-1]

    class Watched(trl.RolloutFunction):
        def __call__(self, prompts: Any, trainer: Any) -> dict[str, list[Any]]:
            found.update(super().__call__(prompts, trainer))
            return found

    monkeypatch.setattr(own_loop, "roll", watched_roll)
    monkeypatch.setattr(trl_loop, "RolloutFunction", Watched)
    ours = [one.figures for one in grpo(config, tmp_path / "own") if one.figures]
    trl_loop.grpo_trl(config, tmp_path / "trl")
    own = [one for rollout in batches[0].rollouts for one in trajectories(rollout, 0.0)]
    for at, one in enumerate(own):
        began = len(found["prompt_ids"][at])
        assert [*found["prompt_ids"][at], *found["completion_ids"][at]] == one.example.ids.tolist()
        assert found["env_mask"][at] == one.example.learn[began:].tolist()
        assert not one.example.learn[:began].any()
        sampled = [p for p, mine in zip(found["logprobs"][at], found["env_mask"][at], strict=True) if mine]
        assert sampled == pytest.approx(one.logprobs.tolist())
        assert 0 in found["env_mask"][at], "results of tools are not learnt"
    totals = [one.total for one in found["judged"]]
    assert len(set(totals)) > 1
    assert sum(totals) / len(totals) == pytest.approx(ours[0]["reward"]["mean"])
    lines = [json.loads(line) for line in (tmp_path / "trl" / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1]
    assert lines[0]["reward"] == pytest.approx(ours[0]["reward"]["mean"])
    assert lines[0]["grad_norm"] > 0
    assert (tmp_path / "trl" / "adapter" / "adapter_model.safetensors").is_file()


@pytest.mark.slow
def test_a_stopped_run_goes_on_from_its_checkpoint(model: Path, corpus: Path, tmp_path: Path, led: None):
    from shutil import rmtree

    config, out = recipe(model, corpus), tmp_path / "run"
    trl_loop.grpo_trl(config, out)
    whole = (out / "adapter" / "adapter_model.safetensors").read_bytes()
    rmtree(out / "adapter")
    (out / "checkpoints" / "checkpoint-2" / "trainer_state.json").unlink()  # killed while it was written
    newest = trl_loop.newest(out / "checkpoints")
    assert newest is not None
    assert newest.name == "checkpoint-1"
    trl_loop.grpo_trl(config, out)
    steps = [json.loads(line)["step"] for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert steps == [1, 2]
    assert (out / "adapter" / "adapter_model.safetensors").read_bytes() == whole
    with pytest.raises(ConfigError, match="another run lies here"):
        list(grpo(config, out))


def test_trl_samples_itself_where_it_is_asked_to(model: Path, corpus: Path, tmp_path: Path):
    """TRL's generation as the decoder of our agent, as it is used with vLLM; here it is that of transformers."""
    network, tokeniser = loaded(model)
    settings = GrpoConfig(max_new_tokens=8, max_tokens=4000)
    function = trl.rollout_func(corpus, settings=settings, sampler="trl")
    trainer = trl_package.GRPOTrainer(
        network,
        trl.reward,
        args=arguments(tmp_path, max_completion_length=8),
        train_dataset=trl.dataset(corpus),
        rollout_func=function,
        processing_class=tokeniser,
    )
    trainer.train()
    logged = trainer.state.log_history[0]
    assert logged["completions/mean_length"] == pytest.approx(24, abs=8), "three answers of 8 tokens that are none"
    assert logged["reward"] == 0.0
    name = next(iter(function.source.entries))
    prompts = [[{"role": "user", "content": "", "name": name}]] * 3
    with pytest.raises(ConfigError, match="no whole groups"):
        function(prompts, trainer)


def test_a_conversation_without_room_is_learnt_nothing_from(model: Path, corpus: Path, tmp_path: Path):
    network, tokeniser = loaded(model)
    trainer = trl_package.GRPOTrainer(
        network,
        trl.reward,
        args=arguments(tmp_path),
        train_dataset=trl.dataset(corpus),
        rollout_func=trl.rollout_func(corpus, settings=GrpoConfig(max_tokens=64)),
        processing_class=tokeniser,
    )
    trainer.train()
    assert trainer.state.log_history[0]["completions/max_length"] == 0
    assert trainer.state.log_history[0]["grad_norm"] == 0.0


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"grpo": {"normalise": "rules"}}, r"\[grpo\] normalise"),
        ({"grpo": {"correction": 2.0}}, r"\[grpo\] correction"),
        ({"grpo": {"server": "http://127.0.0.1:8000"}}, r"\[grpo\] server"),
        ({"grpo": {"constrained": True}}, r"\[grpo\] constrained"),
        ({"data": {"images": True}}, r"\[data\] images"),
    ],
)
def test_what_trl_cannot_do_is_refused(model: Path, corpus: Path, tmp_path: Path, change: Any, place: str):
    settings = recipe(model, corpus).model_dump()
    for table, values in change.items():
        settings[table] |= values
    with pytest.raises(ConfigError, match=place):
        trl_loop.grpo_trl(TrainConfig.model_validate(settings), tmp_path / "run")


def test_the_command_trains_with_trl(model: Path, corpus: Path, tmp_path: Path):
    from typer.testing import CliRunner

    from dataclaw.cli import app

    file = tmp_path / "recipe.toml"
    file.write_text(
        f"[model]\nname = {str(model)!r}\ndevice = 'cpu'\n[data]\ncorpus = {str(corpus)!r}\n"
        "[grpo]\ngroup = 2\nprompts_per_step = 1\nmax_new_tokens = 8\nmax_tokens = 4096\n"
    )
    command = ["train", "grpo", str(file), "--out", str(tmp_path / "run"), "--steps", "1", "--trainer", "trl"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "run:" in done.output
    assert (tmp_path / "run" / "adapter" / "adapter_config.json").is_file()
    assert json.loads((tmp_path / "run" / "run.json").read_text())["stage"] == "grpo-trl"


def test_without_trl_the_command_says_what_to_install(
    model: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr("dataclaw.models.libraries.importlib.import_module", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'dataclaw-tailor\[train\]'"):
        trl_loop.grpo_trl(recipe(model, corpus), tmp_path / "run")
