"""Decoding must say exactly what the model says: the same ids and log-probabilities as one plain forward pass."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from dataclaw.errors import PolicyError  # noqa: E402
from dataclaw.models.answers import DecodeRequest, SampledAnswer, Stop  # noqa: E402
from dataclaw.models.json_end import ObjectEnd  # noqa: E402
from dataclaw.models.plain_decoder import PlainDecoder, make_decoder  # noqa: E402
from dataclaw.models.slot_decoder import SlotDecoder  # noqa: E402
from dataclaw.models.step_buffers import draw  # noqa: E402
from tests.train.tiny import VOCABULARY, tiny_model, tiny_tokeniser  # noqa: E402

END = 2


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(1)
    return AutoModelForCausalLM.from_pretrained(tiny_model(tmp_path_factory.mktemp("tiny") / "model")).eval()


def decoder(model: Any, **options: Any) -> SlotDecoder:
    given = {"ends": [END], "slots": 4, "context": 160, "whole": False} | options
    return SlotDecoder(model, tiny_tokeniser(), **given)


def ids(seed: int, count: int) -> list[int]:
    return [random.Random(seed * 1000 + i).randrange(3, VOCABULARY) for i in range(count)]


def scored(model: Any, before: Sequence[int], answer: SampledAnswer, temperature: float = 1.0) -> list[float]:
    """Log-probabilities of an answer by one forward pass without a cache."""
    whole = torch.tensor([[*before, *answer.ids]])
    with torch.no_grad():
        logits = model(whole).logits[0, len(before) - 1 : -1].float() / temperature
    picked = torch.log_softmax(logits, -1).gather(1, torch.tensor(answer.ids)[:, None])
    return picked[:, 0].tolist()


def test_greedy_answers_are_those_of_generate(model: Any):
    asked = [ids(i, 5 + 7 * i) for i in range(3)]
    answers = decoder(model).sample([DecodeRequest(str(i), a, 12, temperature=0.0) for i, a in enumerate(asked)])
    for before, answer in zip(asked, answers, strict=True):
        whole = model.generate(
            torch.tensor([before]), max_new_tokens=12, do_sample=False, eos_token_id=END, pad_token_id=END
        )
        assert answer.ids == whole[0, len(before) :].tolist()


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_log_probabilities_are_those_of_a_plain_forward_pass(model: Any, temperature: float):
    asked = [ids(i, n) for i, n in enumerate((1, 40, 17, 90))]
    requests = [DecodeRequest(str(i), a, 20, seed=i, temperature=temperature) for i, a in enumerate(asked)]
    for before, answer in zip(asked, decoder(model).sample(requests), strict=True):
        assert answer.logprobs == pytest.approx(scored(model, before, answer, temperature), abs=1e-4)


def test_a_turn_prefills_only_what_is_new(model: Any):
    kept = decoder(model)
    talks = [ids(i, 20 + i) for i in range(3)]
    for turn in range(3):
        answers = kept.sample([DecodeRequest(str(i), talk, 6, seed=7) for i, talk in enumerate(talks)])
        for i, answer in enumerate(answers):
            assert answer.logprobs == pytest.approx(scored(model, talks[i], answer), abs=1e-4)
            assert answer.read == (19 + i if turn == 0 else 4 + 1 - 1), "all but the last token, then only new ones"
            talks[i] += [*answer.ids, *ids(turn * 10 + i, 4)]


def test_what_is_drawn_depends_on_the_request_alone(model: Any):
    asked = [DecodeRequest(str(i), ids(i, 10 + i), 15, seed=i) for i in range(9)]
    together = decoder(model, slots=4).sample(asked)
    alone = [decoder(model, slots=1).sample([one])[0] for one in asked]
    assert [a.ids for a in together] == [a.ids for a in alone]
    other = decoder(model).sample([DecodeRequest("0", asked[0].ids, 15, seed=99)])[0]
    assert other.ids != alone[0].ids


def test_conversations_with_the_same_beginning_are_read_once(model: Any):
    begin = ids(1, 140)
    asked = [DecodeRequest(f"{i}", [*begin, *ids(50 + i // 2, 9)], 5, seed=i) for i in range(4)]
    answers = decoder(model, context=200).sample(asked)
    assert [a.read for a in answers] == [148, 0, 8, 0]
    for request, answer in zip(asked, answers, strict=True):
        assert answer.logprobs == pytest.approx(scored(model, request.ids, answer), abs=1e-4)


def test_a_conversation_that_was_changed_is_read_again_from_there(model: Any):
    kept = decoder(model)
    first = ids(1, 30)
    kept.sample([DecodeRequest("a", first, 5)])
    changed = [*first[:10], *ids(2, 20)]
    answer = kept.sample([DecodeRequest("a", changed, 5)])[0]
    assert answer.read == 19
    assert answer.logprobs == pytest.approx(scored(model, changed, answer), abs=1e-4)


def test_changed_weights_need_forgetting(model: Any):
    kept = decoder(model)
    kept.sample([DecodeRequest("a", ids(1, 30), 5)])
    kept.forget()
    assert kept.sample([DecodeRequest("a", ids(1, 30), 5)])[0].read == 29


def test_in_16_bit_the_weights_stay_and_changed_ones_are_read(model: Any):
    trained = copy.deepcopy(model)
    before = dict(trained.named_parameters())
    kept = decoder(trained, autocast=torch.bfloat16)
    first = kept.sample([DecodeRequest("a", ids(1, 30), 12)])[0]
    assert all(p is before[name] and p.dtype == torch.float32 for name, p in trained.named_parameters())
    with torch.no_grad():
        for p in before.values():
            p.mul_(-1.1 if p.ndim > 1 else 1.0)
    kept.forget()
    then = kept.sample([DecodeRequest("a", ids(1, 30), 12)])[0]
    fresh = decoder(trained, autocast=torch.bfloat16).sample([DecodeRequest("a", ids(1, 30), 12)])[0]
    assert (then.ids, then.logprobs) == (fresh.ids, fresh.logprobs)
    assert then.ids != first.ids


def test_why_an_answer_ends(model: Any):
    kept = decoder(model, context=64)
    long, full, over = kept.sample(
        [
            DecodeRequest("a", ids(1, 10), 3, seed=1),
            DecodeRequest("b", ids(2, 60), 9, seed=1),
            DecodeRequest("c", ids(3, 70), 9),
        ]
    )
    assert (long.stop, len(long.ids)) == (Stop.LENGTH, 3)
    assert (full.stop, len(full.ids)) == (Stop.CONTEXT, 4)
    assert (over.stop, over.ids) == (Stop.CONTEXT, [])


def test_the_ending_token_is_part_of_the_answer(model: Any):
    free = decoder(model, ends=[])
    one = free.sample([DecodeRequest("z", ids(1, 10), 50, seed=4)])[0]
    end = one.ids[20]
    again = decoder(model, ends=[end]).sample([DecodeRequest("z", ids(1, 10), 50, seed=4)])[0]
    assert again.stop is Stop.END
    assert again.ids == one.ids[: one.ids.index(end) + 1]
    assert again.logprobs == pytest.approx(one.logprobs[: len(again.ids)], abs=1e-5)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ('{"a":{"b":"}"}} tail', 15),
        ('say {"a":1}', 11),
        ('{"a":"\\"}"}', 11),
        ('a" {"b":[]}', 11),
        ("} {", None),
        ('{"a":"', None),
    ],
)
def test_where_an_object_is_complete(text: str, ends: int | None):
    closing = ObjectEnd()
    done = [at + 1 for at, char in enumerate(text) if closing.read(char)]
    assert (done[0] if done else None) == ends


def test_drawing_follows_the_distribution():
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.2, 0.0]])).expand(4000, 4)
    uniforms = torch.from_numpy(np.random.default_rng(0).random(4000))
    chosen, logprobs = draw(logits, torch.ones(4000), uniforms)
    shares = torch.bincount(chosen, minlength=4) / 4000
    assert shares.tolist() == pytest.approx([0.5, 0.3, 0.2, 0.0], abs=0.03)
    assert logprobs.exp().tolist() == pytest.approx([[0.5, 0.3, 0.2, 0.0][c] for c in chosen.tolist()], abs=1e-5)
    allowed = torch.tensor([[False, True, True, False]]).expand(4000, 4)
    chosen, logprobs = draw(logits, torch.ones(4000), uniforms, allowed)
    assert set(chosen.tolist()) == {1, 2}
    assert logprobs.exp().tolist() == pytest.approx([{1: 0.6, 2: 0.4}[c] for c in chosen.tolist()], abs=1e-5)


def test_a_model_that_gives_no_numbers_is_refused(tmp_path: Path):
    from transformers import AutoModelForCausalLM

    broken = AutoModelForCausalLM.from_pretrained(tiny_model(tmp_path / "broken"))
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with pytest.raises(PolicyError, match="no numbers"):
        decoder(broken).sample([DecodeRequest("a", ids(1, 5), 5)])


def hybrid() -> Any:
    """Linear and full attention in turns, tiny and random."""
    from transformers import Qwen3NextConfig, Qwen3NextForCausalLM

    torch.manual_seed(0)
    config = Qwen3NextConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        linear_num_value_heads=2,
        linear_num_key_heads=1,
        linear_key_head_dim=16,
        linear_value_head_dim=16,
        num_experts=0,
        initializer_range=0.2,
    )
    return Qwen3NextForCausalLM(config).eval()


def test_layers_that_keep_no_keys_are_decoded_plainly_and_as_exactly():
    linear = hybrid()
    with pytest.raises(PolicyError, match="linear_attention"):
        decoder(linear)
    plain = make_decoder(linear, tiny_tokeniser(), ends=[END], slots=3, context=160)
    assert isinstance(plain, PlainDecoder)
    asked = [DecodeRequest(str(i), ids(i, n), 8, seed=i, temperature=0.9) for i, n in enumerate((30, 12, 41, 7))]
    for request, answer in zip(asked, plain.sample(asked), strict=True):
        assert answer.read == len(request.ids)
        assert answer.logprobs == pytest.approx(scored(linear, request.ids, answer, 0.9), abs=1e-3)


def test_both_decoders_give_the_same(model: Any):
    plain = PlainDecoder(model, tiny_tokeniser(), ends=[END], slots=2, context=160, whole=False)
    asked = [DecodeRequest(str(i), ids(i, 10 + 9 * i), 12, seed=i) for i in range(3)]
    ours = decoder(model).sample(asked)
    for one, other in zip(plain.sample(asked), ours, strict=True):
        assert (one.ids, one.stop) == (other.ids, other.stop)
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


def test_an_answer_under_a_grammar_has_its_own_log_probabilities(model: Any):
    pytest.importorskip("llguidance")
    from dataclaw.models.grammar import Grammar

    tokeniser = tiny_tokeniser()
    number = {"enum": [1, 2]}
    args = {"type": "object", "properties": {"n": number}, "required": ["n"], "additionalProperties": False}
    schema = {
        "anyOf": [
            {
                "type": "object",
                "properties": {"tool": {"const": name}, "args": args},
                "required": ["tool", "args"],
                "additionalProperties": False,
            }
            for name in ("overview", "submit")
        ]
    }
    grammar = Grammar(tokeniser, END, VOCABULARY)
    asked = ids(3, 12)
    kept = decoder(model, whole=True)
    for seed in range(4):
        answer = kept.sample([DecodeRequest("a", asked, 80, seed=seed, matcher=grammar.matcher(schema))])[0]
        said = json.loads(tokeniser.decode([t for t in answer.ids if t != END]))
        assert said["tool"] in {"overview", "submit"}
        assert answer.masks is not None
        allowed = torch.from_numpy(np.unpackbits(answer.masks, axis=1)[:, :VOCABULARY].astype(bool))
        with torch.no_grad():
            logits = model(torch.tensor([[*asked, *answer.ids]])).logits[0, len(asked) - 1 : -1]
        left = torch.log_softmax(logits.masked_fill(~allowed, float("-inf")), -1)
        assert answer.logprobs == pytest.approx(
            left.gather(1, torch.tensor(answer.ids)[:, None])[:, 0].tolist(), abs=1e-4
        )
