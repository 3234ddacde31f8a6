"""A model of transformers as a policy: real rollouts of the toy domain, written by a tiny random model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from dataclaw.agent.batch import run_batch  # noqa: E402
from dataclaw.agent.policy import make_policy  # noqa: E402
from dataclaw.agent.policy.base import PolicyInput  # noqa: E402
from dataclaw.agent.policy.hf import Hf, load  # noqa: E402
from dataclaw.agent.policy.provider import Provider  # noqa: E402
from dataclaw.agent.session import Session  # noqa: E402
from dataclaw.agent.steps import State  # noqa: E402
from dataclaw.config import ModelOptions  # noqa: E402
from dataclaw.errors import ConfigError, MissingExtraError, PolicyError  # noqa: E402
from dataclaw.models import chatml  # noqa: E402
from dataclaw.models.load import Manner  # noqa: E402
from dataclaw.types import StopReason  # noqa: E402
from tests.train.tiny import stirred, tiny_model, tiny_tokeniser  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model", chatml=True)


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(folder)
    loaded.config.max_position_embeddings = 4096  # rotary positions need no table
    return loaded


def policy_of(model: Any, **manner: Any) -> Hf:
    return Hf(
        "hf:tiny", model, tiny_tokeniser(), Manner(**{"temperature": 1.0, "new_tokens": 24, "context": 4096} | manner)
    )


def test_rollouts_of_garbage_end_and_their_tokens_are_those_of_the_transcript(
    model: Any, session: Session, state: State
):
    policy = policy_of(model, slots=6)
    starts = [(replace(state, key=f"k{i}"), session) for i in range(6)]
    ends = run_batch(starts, policy)
    assert all(end.stop is StopReason.INVALID_ACTIONS for end in ends)
    assert policy.forks == 0
    for end in ends:
        (talk,) = policy.talks[f"{end.key}/0"]
        said = [turn.text for turn in end.turns if turn.role == "policy"]
        assert [one.text for one in talk.turns] == said
        assert len(talk.ids) == len(talk.sampled) == len(talk.logprobs)
        assert sum(talk.sampled) == sum(turn.tokens for turn in end.turns)
        messages = [{"role": m.role, "content": m.text} for m in talk.messages]
        same = chatml.tokens_of(policy.tokeniser, chatml.render(messages)) == talk.ids
        assert same == all(not one.drift for one in talk.turns), "a broken prefix is counted, and only a broken one"


def test_what_is_drawn_is_the_same_again_and_differs_with_the_seed(model: Any, session: Session, state: State):
    def texts(**manner: Any) -> list[str]:
        end = run_batch([(state, session)], policy_of(model, **manner))[0]
        return [turn.text for turn in end.turns if turn.role == "policy"]

    assert texts() == texts(slots=1)
    assert texts() != texts(seed=1)
    assert texts(temperature=0.0) == texts(temperature=0.0, seed=1)


def test_a_transcript_that_was_changed_forks_a_conversation(model: Any, session: Session, state: State):
    policy = policy_of(model)
    policy.decide([PolicyInput(state, session)])
    policy.decide([PolicyInput(replace(state, intent=replace(state.intent, text="Something else")), session)])
    assert policy.forks == 1
    assert [len(talk.turns) for talk in policy.talks[f"{state.key}/0"]] == [1, 1]


def test_a_full_context_ends_the_rollout_with_its_reason(model: Any, session: Session, state: State):
    end = run_batch([(state, session)], policy_of(model, context=200))[0]
    assert end.stop is StopReason.POLICY_FAILED
    assert "more than the model takes" in end.error


def test_constrained_rollouts_call_real_tools(model: Any, session: Session, state: State):
    pytest.importorskip("llguidance")
    short = replace(state, budget=state.budget.model_copy(update={"steps": 4}))
    end = run_batch([(short, session)], policy_of(model, constrained=True, new_tokens=400))[0]
    assert any(turn.action is not None for turn in end.turns)


def test_policies_are_loaded_by_name(folder: Path, tmp_path: Path, session: Session, state: State):
    policy = make_policy(f"hf:{folder}", ModelOptions(constrained=False))
    assert "more than the model takes (512)" in policy.decide([PolicyInput(state, session)])[0].error, (
        "the model says how much"
    )
    policy.close()
    with pytest.raises(PolicyError, match="no adapter"):
        make_policy(f"hf:{folder}@{tmp_path}", ModelOptions(constrained=False))
    with pytest.raises(PolicyError, match="names no model"):
        make_policy("hf:", ModelOptions(constrained=False))
    with pytest.raises(PolicyError, match="no model of transformers"):
        make_policy(f"hf:{tmp_path}", ModelOptions(constrained=False))


def test_an_adapter_answers_on_its_own_base_alone(folder: Path, tmp_path: Path, session: Session, state: State):
    from dataclaw.train.base_model import LoraConfig, load_base, save_adapter, with_lora

    base = load_base(str(folder))
    save_adapter(stirred(with_lora(base, LoraConfig(r=4)), seed=0), base, tmp_path / "adapter")
    prompt = [PolicyInput(state, session)]
    said: list[str] = []
    for name in (f"hf:{folder}", f"hf:{folder}@{tmp_path / 'adapter'}"):
        policy = make_policy(name, ModelOptions(constrained=False))
        policy.model.config.max_position_embeddings = 4096
        said.append(Hf(name, policy.model, policy.tokeniser, Manner(new_tokens=8)).decide(prompt)[0].text)
    assert said[0] != said[1]
    other = tiny_model(tmp_path / "other", seed=1)
    with pytest.raises(ConfigError, match=r"trained on .* with other weights") as caught:
        make_policy(f"hf:{other}@{tmp_path / 'adapter'}", ModelOptions(constrained=False))
    assert base.digest[:12] in caught.value.remedy
    with pytest.raises(ConfigError, match="no model 'nowhere'"):
        make_policy("hf:nowhere", ModelOptions(constrained=False))
    (tmp_path / "adapter" / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(ConfigError, match="not what was written"):
        make_policy(f"hf:{folder}@{tmp_path / 'adapter'}", ModelOptions(constrained=False))


def test_the_embedded_model_is_one_of_transformers_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from dataclaw.models import bases
    from dataclaw.models.weights import EMBEDDED

    folder = bases.base_folder(str(tiny_model(tmp_path / "tiny")), weights=True)
    assert bases.digest_of("embedded", folder) == EMBEDDED.sha256 != bases.digest_of(str(folder), folder)
    monkeypatch.setenv("DATACLAW_MODELS", str(tmp_path / "none"))
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    with pytest.raises(PolicyError, match="not fetched yet") as caught:
        make_policy("hf:embedded", ModelOptions(constrained=False))
    assert "dataclaw models get embedded" in caught.value.remedy


def adapter(folder: Path, out: Path, *, seed: int, r: int = 4) -> Path:
    """An adapter of the tiny model that says something else."""
    peft = pytest.importorskip("peft")
    from transformers import AutoModelForCausalLM

    config = peft.LoraConfig(r=r, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    changed = stirred(peft.get_peft_model(AutoModelForCausalLM.from_pretrained(folder), config), seed=seed)
    changed.save_pretrained(out)
    return out


@pytest.mark.parametrize("autocast", [None, "bfloat16"])
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")
def test_adapters_take_turns_by_domain_and_answer_as_each_would_alone(
    folder: Path, tmp_path: Path, session: Session, state: State, autocast: str | None
):
    worn = {name: adapter(folder, tmp_path / name, seed=n) for n, name in enumerate(("gui", "daily"))}
    manner = Manner(new_tokens=16, context=4096, autocast=autocast)

    def long(policy: Hf) -> Hf:
        policy.model.config.max_position_embeddings = 4096  # rotary positions need no table
        policy.decoder = policy._own_decoder()
        return policy

    scenes = [
        PolicyInput(replace(state, key=f"{n}", domain=name), session) for n, name in enumerate(("gui", "daily", "gui"))
    ]
    together = long(load(f"hf:{folder}", manner, worn))
    places = [weight.data_ptr() for weight in together.model.parameters()]
    said = [one.text for one in together.decide(scenes)]
    assert [weight.data_ptr() for weight in together.model.parameters()] == places, "recorded graphs read them there"
    alone = {name: long(load(f"hf:{folder}@{path}", manner)) for name, path in worn.items()}
    assert said == [alone[scene.state.domain].decide([scene])[0].text for scene in scenes]
    assert said[0] != said[1], "the adapters differ"
    base = long(load(f"hf:{folder}", manner))
    other = PolicyInput(replace(state, key="other", domain="aigc"), session)
    assert together.decide([other])[0].text == base.decide([other])[0].text, "a domain without one is the base's"
    worn["daily"] = adapter(folder, tmp_path / "wide", seed=3, r=8)
    with pytest.raises(PolicyError, match="not of one shape"):
        load(f"hf:{folder}", manner, worn)


def test_as_many_conversations_are_kept_as_are_decided_about_at_once(folder: Path):
    policy = make_policy(f"hf:{folder}", ModelOptions(constrained=False), at_once=6)
    assert isinstance(policy, Hf)
    assert policy.manner.slots == 6


def test_a_tokeniser_without_the_template_is_refused(model: Any):
    with pytest.raises(PolicyError, match="ChatML"):
        Hf("hf:other", model, tiny_tokeniser(chatml=False))


def test_without_the_library_constrained_decoding_says_so(model: Any, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(MissingExtraError, match="llguidance"):
        policy_of(model, constrained=True)


def test_a_server_keeps_its_own_names():
    policy = make_policy("hf:served", ModelOptions(base_url="http://127.0.0.1:9", constrained=False))
    assert isinstance(policy, Provider)
    policy.close()
