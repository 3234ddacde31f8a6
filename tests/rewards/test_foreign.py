"""Foreign words: an honest draft has none, and any that are put into any of its texts are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.kit.fixtures import FixtureSession, fixtures_of
from dataclaw.plugins import load_domain
from dataclaw.rewards.foreign import foreign_in, known_of, nothing_foreign
from dataclaw.schema.free import with_texts, written_texts
from tests.rewards.cases import case, draft

HONEST = [
    (load_domain(name), row)
    for name in ("gui", "daily", "education", "aigc", "embodied")
    for row in fixtures_of(load_domain(name))[:2]
]
SESSIONS = [(FixtureSession(domain.tasks[row.task], row), row) for domain, row in HONEST]
FOREIGN = (
    "http://example.com/pay",
    "billing@example.org",
    "pay.example.com",
    "48859",
    "7341.25",
    "Zoltan Kemeny",
    "佐尔坦·凯梅尼",
    '"purple monkey dishwasher"',
    "“der violette Affe”",
)
QUOTES = '"“”«»「」'


def value_of(session: FixtureSession, answer: Any) -> float | None:
    score = session.judge(answer).scores.get("nothing_foreign")
    return score.value if score else None


@pytest.mark.parametrize("at", range(len(SESSIONS)))
def test_an_honest_draft_brings_in_nothing(at: int) -> None:
    session, row = SESSIONS[at]
    assert value_of(session, row.gold) == 1.0


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_is_foreign_is_found_wherever_it_is_put(data: st.DataObject) -> None:
    session, row = data.draw(st.sampled_from(SESSIONS))
    places = written_texts(row.gold, session.task.schema)
    programs = "/code"
    place = data.draw(st.sampled_from([place for place in places if not place.endswith(programs)]))
    text = next(text for where, text in _texts(row.gold, "") if where == place)
    words = text.split(" ")
    at = data.draw(st.integers(0, len(words)))
    said = data.draw(st.sampled_from(FOREIGN))
    if said[0] in QUOTES and any(
        mark in text for mark in QUOTES
    ):  # inside another quotation its marks would close that
        at = len(words)
    changed = with_texts(row.gold, {place: " ".join([*words[:at], said, *words[at:]])})
    state = replace(session.state)
    found = nothing_foreign.judge(session.session.case_of(state, changed, {}))
    assert found.value != 1.0, (said, place)
    assert place in {finding.path for finding in found.findings}


def _texts(value: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(place, value)]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in pairs for found in _texts(item, f"{place}/{key}")]


@pytest.mark.parametrize(
    "text",
    [
        "Step 3 of 5 takes no longer than 10 clicks.",
        "Then press Enter.",
        "The window Fernhill Suply is in front.",  # misread by a letter
        'It says "Fernhill Supply" at 0:02, 1 s later.',
        "OK, I see it.",
    ],
)
def test_counts_keys_moments_and_misread_names_are_not_foreign(text: str) -> None:
    assert foreign_in(text, known_of(case(draft()))) == ""


def test_a_joined_name_begins_and_ends_where_other_letters_do() -> None:
    known = known_of(case(draft()))
    known = replace(known, sources=(*known.sources, "quick_mask"))
    assert foreign_in("用quick_mask运行", known) == ""
    assert foreign_in("用slow_mask运行", known) == "the name slow_mask"
    assert foreign_in("<slow_mask>", known) == ""


@pytest.mark.parametrize("field", ["keys", "target", "verb", "window"])
def test_copied_words_are_foreign_where_other_words_are_cited_beside_them(field: str) -> None:
    session, row = next((s, row) for s, row in SESSIONS if row.task == "action_sequence")
    items = [item for item in row.gold["actions"] if field in item]
    others = next(item for item in row.gold["actions"] if "text" in item and item is not items[-1])
    wrong = {"keys": [others["text"][:30]], "verb": "scroll"}.get(field, others["text"] + " of another action")
    kept = {**items[-1], field: wrong}
    changed = {**row.gold, "actions": [kept if item is items[-1] else item for item in row.gold["actions"]]}
    found = session.judge(changed).scores["nothing_foreign"]
    assert [finding.path for finding in found.findings] == [f"/actions/{row.gold['actions'].index(items[-1])}/{field}"]


@pytest.mark.parametrize("at", range(len(SESSIONS)))
def test_what_is_read_off_the_declared_schema_is_what_the_narrowed_one_says(at: int) -> None:
    session, row = SESSIONS[at]
    shared = session.session.case_of(session.state, row.gold, {})
    alone = replace(shared, declared=None)
    assert shared.shape is session.task.schema
    assert alone.shape is shared.schema
    rubric = session.task.rubric
    assert rubric.score(shared).scores == rubric.score(alone).scores
