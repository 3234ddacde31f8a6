"""Telegraphic narrations as sentences that people write."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.daily.verbs import NOUNS_TOO, VERBS, base_of, gerund, singular, third
from dataclaw.domains.daily.wording import clause, object_of, sentence

ORDERS = {
    "pour milk into bowl": "Pour the milk into the bowl.",
    "Pours the flour into the mixer": "Pour the flour into the mixer.",
    "removes bread and puts it on plate": "Remove the bread and put it on the plate.",
    "Kneading dough and making breads": "Knead the dough and make the breads.",
    "stir fry the cucumber": "Stir fry the cucumber.",
    "continue cutting aubergine": "Keep cutting the aubergine.",
    "still mix food in pan": "Keep mixing the food in the pan.",
    "wash hands in kitchen sink": "Wash your hands in the kitchen sink.",
    "turn water off": "Turn the water off.",
    "put glass back on table": "Put the glass back on the table.",
    "put down down biscuits": "Put down the biscuits.",
    "take out pack of rice from the oven": "Take out the pack of rice from the oven.",
    "dispose dirt in a bag": "Dispose of the dirt in a bag.",
    "put lid": "Put the lid.",
    "pick up small pot": "Pick up the small pot.",
    "cut into small pieces": "Cut into small pieces.",
    "cut onion small": "Cut the onion small.",
    "Crack 2 eggs": "Crack 2 eggs.",
    "cut the dough into shape": "Cut the dough into shape.",
    "use knife to cut the dough": "Use the knife to cut the dough.",
    "#C C walks around the kitchen": "Walk around the kitchen.",
    "The man opens the fridge.": "Open the fridge.",
    "Serve Noodles": "Serve the noodles.",
    "lid off": "Lid off.",
    "Anna washes the leek under the tap": "Wash the leek under the tap.",
    "Soup boils in the pot": "Soup boils in the pot.",
    "okay now I wash the leek under the tap": "Wash the leek under the tap.",
    "And then, I'm cutting the onion": "Cut the onion.",
    "I will put milk into pan": "Put the milk into the pan.",
    "here we just stir the soup": "Stir the soup.",
    "add soy sauce to stir fried rice": "Add the soy sauce to the stir fried rice.",
}


@pytest.mark.parametrize(("told", "said"), ORDERS.items())
def test_orders(told: str, said: str) -> None:
    assert sentence(clause(told).phrase("order")) == said


def test_reports_and_gerunds_agree_with_the_person() -> None:
    assert clause("wash hands and dry face").phrase("report") == "washes their hands and dries their face"
    assert clause("stir and cut meat").phrase("gerund") == "stirring and cutting the meat"
    assert clause("still washing pot").phrase("report") == "keeps washing the pot"
    assert clause("still washing pot").phrase("gerund") == "washing the pot"
    assert clause("wet cloth and drop it").phrase("gerund") == "wetting the cloth and dropping it"
    assert clause("sew button and reset clock").phrase("gerund") == "sewing the button and resetting the clock"


@pytest.mark.parametrize("base", sorted(VERBS | NOUNS_TOO))
def test_every_form_leads_back_to_its_verb(base: str) -> None:
    assert base_of(base) == base
    assert base_of(third(base)) == base
    assert base_of(gerund(base)) == base


def test_what_a_thing_is() -> None:
    thing = object_of(clause("peel onions with knife"))
    assert thing is not None
    assert (thing.name, thing.several) == ("onion", True)
    assert object_of(clause("look at recipe")) is None
    assert object_of(clause("wash knife and dry fork")) is None
    assert [singular(w) for w in ("knives", "leaves", "tomatoes", "glass", "berries", "dishes")] == [
        "knife", "leaf", "tomato", "glass", "berry", "dish",
    ]  # fmt: skip


WORDS = st.lists(
    st.sampled_from([*sorted(VERBS)[:60], "the", "pan", "oil", "and", "to", "in", "with", "up", "hands", "of"])
)


@given(WORDS.map(" ".join))
def test_no_word_is_doubled_or_lost(told: str) -> None:
    said = sentence(clause(told).phrase("order"))
    assert not re.search(r"\b(the|a|of|in|up) \1\b", said.lower())
    assert {w for w in told.split() if w == "pan"} <= set(said.lower().rstrip(".").split())


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_crash(told: str) -> None:
    read = clause(told)
    assert all(0 <= at < len(read.words) for at in read.verbs)
    assert "{own}" not in read.phrase("order")


@pytest.mark.parametrize("told", ["put pan", "Flip the pan in pan", "lid off", "slice"])
def test_what_lacks_its_place_or_its_thing_is_not_clear(told: str) -> None:
    assert not clause(told).is_clear
    assert clause("put pan on hob").is_clear
    assert clause("flip the egg in the pan").is_clear
