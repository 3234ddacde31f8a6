from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.agent.matching import index_of, pieces

COOK, WALK = ("home", "cook"), ("home", "walk")
INDEX = index_of(((COOK, ("how is this dish cooked", "recipe steps")), (WALK, ("walking directions", "导航指令"))))


def test_inflection_and_typing_errors_are_forgiven() -> None:
    for said in ("cooking steps", "the recipee", "how are such dishes coocked"):
        found = INDEX.match(said)
        assert found[COOK].score > found[WALK].score, said


def test_scripts_without_spaces_are_matched_by_characters() -> None:
    found = INDEX.match("给我导航的指令")
    assert found[WALK].score > found[COOK].score == 0
    assert found[WALK].nearest == 1


def test_a_text_is_most_like_itself() -> None:
    assert abs(INDEX.match("recipe steps")[COOK].likeness - 1) < 1e-9


def test_words_are_known_in_other_forms_and_mistyped_but_common_ones_never() -> None:
    assert INDEX.known_words("cook the recipee, please, in the {place}") == ("cook", "recipee")
    assert INDEX.known_words("how is this") == ()
    assert INDEX.known_words("a sun hat") == ()
    assert INDEX.known_words("给我航指") == ("航指",)
    assert INDEX.known_words("一个") == ()


def test_free_slots_say_nothing() -> None:
    assert pieces("the {name} one") == pieces("the  one")


@given(st.text(max_size=200))
def test_any_intent_can_be_matched(said: str) -> None:
    for match in INDEX.match(said).values():
        assert 0 <= match.likeness <= 1 + 1e-9
        assert 0 <= match.score < 2
