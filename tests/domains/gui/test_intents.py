import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.gui.intents import (
    CLICKS,
    TYPING,
    GuiIntent,
    ScopedEvent,
    applications,
    parse_intent,
    speaks_of_more,
)

MAIL = {"Postbox — Inbox", "Postbox — Mugs for Saturday"}
SHOP = {"Fernhill Supply — Camp and trail", "Fernhill Supply — Cart"}
CALENDAR = {"Dayplan — May 2026"}
EVENTS = [
    ScopedEvent("Postbox — Inbox", "Ana Petrova button", "click", 1),
    ScopedEvent("Postbox — Mugs for Saturday", "Fernhill Supply button", "click", 3),
    ScopedEvent("Fernhill Supply — Camp and trail", "Search the shop", "click", 5),
    ScopedEvent("Fernhill Supply — Camp and trail", "mug", "write", 6),
    ScopedEvent("Fernhill Supply — Cart", "Checkout", "click", 11),
    ScopedEvent("Postbox — Mugs for Saturday", "Reply", "click", 20),
    ScopedEvent("Dayplan — May 2026", "Friday 15 May", "click", 30),
]


def scope(intent: str) -> GuiIntent:
    return parse_intent(intent, EVENTS, (0.0, 60.0))


@pytest.mark.parametrize(
    ("intent", "windows"),
    [
        ("only the shop window", SHOP),
        ("just what happens in Fernhill Supply", SHOP),
        ("only the Cart page", {"Fernhill Supply — Cart"}),
        ("only the mail", MAIL),
        ("only the shop and the calendar", SHOP | CALENDAR),
        ("test steps of the Dayplan app", CALENDAR),
        ("只要商店窗口", SHOP),
        ("only fernhil suply", SHOP),
    ],
)
def test_windows_are_named_by_title_topic_or_nearly(intent: str, windows: set[str]) -> None:
    assert scope(intent).windows == windows


@pytest.mark.parametrize(
    "intent", ["everything except the mail", "not the mail, please", "without Postbox", "除了邮件"]
)
def test_exclusion(intent: str) -> None:
    found = scope(intent)
    assert found.windows is None
    assert found.without_windows == MAIL


@pytest.mark.parametrize(
    "intent",
    ["make training data from this", "help me build something for a GUI agent", "a tutorial for a person", "整理一下"],
)
def test_fuzzy_intents_restrict_nothing(intent: str) -> None:
    assert scope(intent) == GuiIntent()


@pytest.mark.parametrize(
    "intent",
    [
        "only what led to the final state",
        "the minimal actions",
        "without detours and mistakes",
        "essential steps",
        "只保留导致最终结果的操作",
    ],
)
def test_outcome_only(intent: str) -> None:
    found = scope(intent)
    assert found.outcome_only
    assert found.windows is None


def test_verbs_times_pictures_places() -> None:
    assert scope("only the clicks").verbs == CLICKS
    assert scope("just typing, nothing else").verbs == TYPING
    assert scope("everything without the scrolling").without_verbs == {"scroll"}
    assert scope("first 30 seconds").span[1] == 30.0
    assert scope("after 1:20").span[0] == 80.0
    assert scope("last 20 seconds").span[0] == 40.0
    assert scope("between 5 s and 0:25").span == (5.0, 25.0)
    assert not scope("no screenshots").pictures
    assert not scope("without coordinates").places
    assert scope("with coordinates").places
    assert scope("everything, including mistakes").whole


def test_refusal_gives_the_reason_of_left_out() -> None:
    assert scope("only the shop").refuses(EVENTS[0]) == "other_window"
    assert scope("only typing").refuses(EVENTS[0]) == "not_asked"
    assert scope("after 0:25").refuses(EVENTS[5]) == "not_asked"
    assert scope("only the shop").refuses(EVENTS[2]) == ""
    unknown = ScopedEvent("", "x", "click", 1)
    assert scope("only the shop").refuses(unknown) == ""


def test_applications_of_titles() -> None:
    found = applications(["Cart - Shop - Firefox", "Home - Shop - Firefox", "Mail - Firefox", "explorer"])
    assert found["Cart - Shop - Firefox"] == "Firefox"
    assert found["explorer"] == "explorer"


TITLES = st.text(max_size=20)
SEEN = st.builds(ScopedEvent, TITLES, TITLES, st.just("click"), st.floats(0, 60))


@given(st.text(max_size=300), st.lists(SEEN, max_size=6))
def test_any_words_give_a_scope_that_names_only_what_is_there(intent: str, events: list[ScopedEvent]) -> None:
    found = parse_intent(intent, events, (0.0, 60.0))
    titles = {event.window for event in events}
    assert (found.windows or frozenset()) <= titles
    assert found.without_windows <= titles
    assert found == parse_intent(intent, events, (0.0, 60.0))


@pytest.mark.parametrize(
    "intent",
    [
        "only the shop window",
        "only the shop and the calendar",
        "everything except the mail",
        "test steps for an agent, only the shop",
        "the minimal actions without detours and mistakes",
        "only the clicks",
        "between 5 s and 0:25",
        "只保留导致最终结果的操作",
    ],
)
def test_windows_verbs_times_and_faults_are_understood(intent: str) -> None:
    assert not speaks_of_more(intent, EVENTS)


@pytest.mark.parametrize(
    "intent",
    [
        "only what was needed to order the mug",
        "how Ana Petrova is answered",
        "leave out the typing mistakes",
        "skip the newsletter",
        "the second of the two orders",
        "the part where something is paid",
        "nothing but this: the cart is ordered",
        "只要和 Ana 有关的步骤",
    ],
)
def test_goals_people_and_objects_are_more_than_a_scope(intent: str) -> None:
    assert speaks_of_more(intent, EVENTS)


def test_an_application_named_in_full_is_no_other_of_the_same_word() -> None:
    events = [ScopedEvent("Summit Mail - Inbox", "", "click", 1), ScopedEvent("Summit Mail - Sent", "", "click", 2)]
    events += [ScopedEvent("Summit Shop - Home", "", "click", 3), ScopedEvent("Summit Shop - Cart", "", "click", 4)]
    assert parse_intent("only Summit Shop", events, (0.0, 9.0)).windows == {"Summit Shop - Home", "Summit Shop - Cart"}
    assert parse_intent("only Summit", events, (0.0, 9.0)).windows == {event.window for event in events}


def test_what_stands_before_only_is_meant_where_nothing_follows() -> None:
    events = [ScopedEvent("Postbox - Write", "", "click", 1), ScopedEvent("Postbox - Inbox", "", "click", 2)]
    assert parse_intent("write a tutorial with only the steps that matter", events, (0.0, 9.0)).windows is None
    assert parse_intent("the inbox only, please", events, (0.0, 9.0)).windows == {"Postbox - Inbox"}
