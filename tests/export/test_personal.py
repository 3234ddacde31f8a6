"""What is personal in a text, and what only looks like it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.export.personal import field_kind, misread_in, personal_in

CARD = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("write to mara@fernhill.example today", "email", "mara@fernhill.example"),
        ("mara @fernhill.example", "email", "mara @fernhill.example"),  # as a reader of pictures may space it
        (f"card {CARD} until 04/29", "card", CARD),
        ("call +44 20 7946 0958 now", "phone", "+44 20 7946 0958"),
        ("(0221) 4710-815", "phone", "(0221) 4710-815"),
        ("555-867-5309", "phone", "555-867-5309"),
        ("Tel. 8675309", "phone", "8675309"),
        ("Signed in as mlindqvist", "account", "mlindqvist"),
        ("Username: mara_l", "account", "mara_l"),
        ("posted by @mara_l", "account", "@mara_l"),
        ("用户名:小明abc", "account", "小明abc"),
    ],
)
def test_it_is_found(text: str, kind: str, found: str) -> None:
    assert [(one.kind, one.text) for one in personal_in(text)] == [(kind, found)]


@pytest.mark.parametrize(
    "text",
    [
        "1234 5678 9012 3456",  # digits that do not add up
        "0000 0000 0000 0000",
        "2024-05-14 10:04:33",
        "12.22 s We benefit from that",
        "record 20-24.8 source 259.76-264.6",
        "pyautogui.click(x=0.9722, y=0.9701)",
        "version 1.2.3.4 of 2026",
        "Account settings",
        "order #62445 placed",
        "params=0c0000000000000000000000000000000000000000",
        "see media/ab12.jpg@2x",
    ],
)
def test_it_is_left(text: str) -> None:
    assert personal_in(text) == []


def test_what_is_known_is_found_as_a_word_of_its_own() -> None:
    known = [("account", "Ana")]
    assert [one.start for one in personal_in("Ana wrote to ANA about a banana", known)] == [0, 13]


def test_a_line_that_was_misread_is_hidden_whole() -> None:
    known = [("named", "Mara Lindqvist")]
    assert misread_in("Full name Mara Lindqvlst", known) is not None
    assert misread_in("Ana", known) is None, "a short line is no part of a name"
    assert misread_in("Marigold lantern", known) is None


@pytest.mark.parametrize(
    ("name", "kind"), [("E-mail address", "email"), ("Card number", "card"), ("Full name", "account"), ("Search", None)]
)
def test_a_field_says_what_is_typed_into_it(name: str, kind: str | None) -> None:
    assert field_kind(name) == kind


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=12), max_size=3))
def test_places_are_in_order_and_are_the_text(text: str, names: list[str]) -> None:
    found = personal_in(text, [("named", name) for name in names])
    assert all(text[one.start : one.end] == one.text and one.text for one in found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
