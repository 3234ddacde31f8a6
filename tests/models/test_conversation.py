"""A conversation is what was told and what was sampled, whatever that was; where a tokeniser differs is counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("transformers")

from dataclaw.models import chatml
from dataclaw.models.answers import SampledAnswer, Stop
from dataclaw.models.conversation import Conversation, ConversationWriter
from dataclaw.types import Message
from tests.train.tiny import VOCABULARY, tiny_tokeniser

END = 2
TOKENISER = tiny_tokeniser()
TEXTS = st.one_of(
    st.text(max_size=30), st.sampled_from(['{"tool":"overview","args":{}}', "the <|im_end|>", "\n\n", ""])
)
IDS = st.one_of(
    st.lists(st.integers(0, VOCABULARY - 1).filter(lambda token: token != END), max_size=12),
    TEXTS.map(lambda text: chatml.tokens_of(TOKENISER, chatml.plain(text))),
)
TURNS = st.lists(st.tuples(IDS, st.sampled_from(list(Stop)), TEXTS), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(told=TEXTS, turns=TURNS)
def test_the_tokens_are_those_of_the_transcript_or_it_is_counted(told: str, turns: list[tuple[list[int], Stop, str]]):
    scribe, talk = ConversationWriter(TOKENISER), Conversation()
    messages = [Message("system", "Be brief."), Message("user", told)]
    sampled: list[int] = []
    for ids, stop, answer in turns:
        scribe.add_messages(talk, messages)
        given_ids = [*ids, END] if stop is Stop.END else ids
        text = scribe.add_answer(talk, SampledAnswer(given_ids, [-0.5] * len(given_ids), stop))
        messages += [Message("assistant", text), Message("user", answer)]
        sampled += given_ids
    assert talk.follows(messages)
    assert [token for token, own in zip(talk.ids, talk.sampled, strict=True) if own] == sampled
    assert [logprob for logprob, own in zip(talk.logprobs, talk.sampled, strict=True) if own] == [-0.5] * len(sampled)
    whole = chatml.render([{"role": m.role, "content": m.text} for m in talk.messages])
    same = chatml.tokens_of(TOKENISER, whole) == talk.ids
    assert same == all(not said.drift for said in talk.turns)


@pytest.mark.parametrize(
    ("ids", "drift"),
    [
        (chatml.tokens_of(TOKENISER, '{"tool":"the"}'), ""),
        (chatml.tokens_of(TOKENISER, "t") + chatml.tokens_of(TOKENISER, "he"), "split"),
        ([1], "marks"),
        (chatml.tokens_of(TOKENISER, "é")[:1], "bytes"),
    ],
)
def test_why_a_tokeniser_would_differ(ids: list[int], drift: str):
    scribe, talk = ConversationWriter(TOKENISER), Conversation()
    scribe.add_messages(talk, [Message("user", "Go on.")])
    scribe.add_answer(talk, SampledAnswer([*ids, END], [0.0] * (len(ids) + 1), Stop.END))
    assert [said.drift for said in talk.turns] == [drift]


def test_messages_that_were_changed_do_not_follow():
    scribe, talk = ConversationWriter(TOKENISER), Conversation()
    scribe.add_messages(talk, [Message("user", "One.")])
    scribe.add_answer(talk, SampledAnswer([5, END], [0.0, 0.0], Stop.END))
    assert not talk.follows([Message("user", "Two."), Message("assistant", talk.turns[0].text)])
