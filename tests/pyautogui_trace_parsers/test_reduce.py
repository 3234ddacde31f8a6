import math

from hypothesis import given
from hypothesis import strategies as st

from pyautogui_trace_parsers.model import Event, Source, Space
from pyautogui_trace_parsers.reduce import Input, Reduction, reduce

SPACE = Space("px", 800, 600)


def at(t: float, kind: str, x: float = 10, y: float = 10, button: str = "left", **more: object) -> Input:
    return Input(kind, t, Source("f", 1), x, y, button, **more)  # type: ignore[arg-type]


def click(t: float, x: float = 10, y: float = 10, button: str = "left") -> list[Input]:
    return [at(t, "down", x, y, button), at(t + 0.1, "up", x, y, button)]


def key(t: float, name: str, kind: str = "key_down") -> Input:
    return Input(kind, t, Source("f", 1), key=name, char=name if len(name) == 1 else "")  # type: ignore[arg-type]


def typed(text: str, start: float = 0.0) -> list[Input]:
    return [key(start + 0.1 * i, char) for i, char in enumerate(text)]


def brief(events: list[Event]) -> list[tuple[object, ...]]:
    facts = ((e.verb, e.text, e.keys, e.scroll and (e.scroll.dx, e.scroll.dy)) for e in events)
    return [tuple(value for value in fact if value) for fact in facts]


def verbs(*inputs: list[Input], rules: Reduction | None = None) -> list[str]:
    every = [item for group in inputs for item in group]
    return [e.verb for e in (reduce(every, SPACE, rules) if rules else reduce(every, SPACE))]


def test_clicks_in_quick_succession_and_in_place_are_one():
    assert verbs(click(0)) == ["click"]
    assert verbs(click(0), click(0.4)) == ["double_click"]
    assert verbs(click(0), click(0.4), click(0.8)) == ["triple_click"]
    assert verbs(click(0), click(0.4), click(0.8), click(1.2)) == ["triple_click", "click"]


def test_clicks_apart_in_time_place_or_button_are_several():
    assert verbs(click(0), click(0.6)) == ["click", "click"]
    assert verbs(click(0), click(0.4, x=19)) == ["click", "click"]
    assert verbs(click(0), click(0.2, button="right")) == ["click", "right_click"]
    assert verbs(click(0), typed("a", 0.2), click(0.4)) == ["click", "write", "click"]
    assert verbs(click(0), click(0.4), rules=Reduction(double_click_seconds=0.3)) == ["click", "click"]


def test_a_button_released_far_away_is_a_drag():
    (event,) = reduce([at(1, "down", 10, 10), at(1.5, "move", 50, 10), at(2, "up", 100, 40)], SPACE)
    assert (event.verb, event.point, event.end_point, event.t0, event.t1) == ("drag", (10, 10), (100, 40), 1, 2)


def test_a_small_slip_is_still_a_click():
    assert verbs([at(0, "down", 10, 10), at(0.1, "up", 14, 13)]) == ["click"]


def test_wheel_clicks_of_one_direction_are_one_scroll():
    wheel = [at(0.3 * i, "scroll", dy=1.0) for i in range(3)] + [at(1.2, "scroll", dy=-1.0)]
    assert brief(reduce(wheel, SPACE)) == [("scroll", (0, 3)), ("scroll", (0, -1))]
    apart = [at(0, "scroll", dy=1.0), at(1.5, "scroll", dy=1.0), at(1.6, "scroll", x=200, dy=1.0)]
    assert len(reduce(apart, SPACE)) == 3


def test_characters_are_one_text_until_something_else_happens():
    assert brief(reduce([*typed("hello"), *click(2), *typed("you", 3)], SPACE)) == [
        ("write", "hello"),
        ("click",),
        ("write", "you"),
    ]
    assert brief(reduce([*typed("a"), *typed("b", 3.0)], SPACE)) == [("write", "a"), ("write", "b")]
    assert brief(reduce([*typed("a"), at(0.2, "move"), *typed("b", 0.5)], SPACE)) == [("write", "ab")]


def test_shift_types_capitals_and_is_no_action_of_its_own():
    inputs = [key(0, "Key.shift"), key(0.1, "h"), key(0.2, "Key.shift", "key_up"), key(0.3, "i"), key(0.4, "space")]
    assert brief(reduce([*inputs, key(0.5, "!")], SPACE)) == [("write", "Hi !")]


def test_backspace_edits_the_text_unless_nothing_would_be_left():
    assert brief(reduce([*typed("ab"), key(0.3, "backspace"), *typed("c", 0.4)], SPACE)) == [("write", "ac")]
    assert brief(reduce([*typed("a"), key(0.3, "backspace")], SPACE)) == [("write", "a"), ("press", ("backspace",))]


def test_modifiers_and_a_key_are_a_hotkey():
    inputs = [key(0, "ctrl_l"), key(0.1, "ctrl_l"), key(0.2, "shift"), key(0.3, "S"), key(0.4, "ctrl_l", "key_up")]
    assert brief(reduce([*inputs, key(0.5, "shift", "key_up")], SPACE)) == [("hotkey", ("ctrl", "shift", "s"))]
    shift_tab = [key(0, "shift"), key(0.1, "tab"), key(0.2, "shift", "key_up")]
    assert brief(reduce(shift_tab, SPACE)) == [("hotkey", ("shift", "tab"))]
    assert brief(reduce([key(0, "cmd"), key(0.2, "cmd", "key_up")], SPACE)) == [("press", ("command",))]


def test_modifiers_held_during_a_click_belong_to_it():
    (event,) = reduce([key(0, "ctrl"), *click(0.2), key(0.5, "ctrl", "key_up")], SPACE)
    assert (event.verb, event.keys) == ("click", ("ctrl",))


def test_what_the_recording_cut_off_is_kept():
    assert verbs([at(0, "up")]) == ["mouse_up"]
    assert verbs([at(0, "down")]) == ["mouse_down"]
    assert brief(reduce([key(0, "alt")], SPACE)) == [("key_down", ("alt",))]


def test_hovering_is_an_action_only_when_nothing_else_happens():
    assert verbs([at(0, "move"), at(1, "move", 30)]) == ["move"]
    assert verbs([at(0, "move")], click(1)) == ["click"]


inputs = st.lists(
    st.builds(
        Input,
        st.sampled_from(["move", "down", "up", "scroll", "key_down", "key_up"]),
        st.floats(0, 50),
        st.just(Source("f", 1)),
        st.integers(0, 30),
        st.integers(0, 30),
        st.sampled_from(["left", "right", "middle", "x1"]),
        st.integers(-2, 2),
        st.integers(-2, 2),
        st.sampled_from(["a", "B", "ctrl", "shift", "backspace", "space", "enter"]),
        st.sampled_from(["a", "B", "", "\x03"]),
    ),
    max_size=40,
)


@given(inputs)
def test_every_reduction_is_in_order_and_loses_no_wheel_click(items: list[Input]):
    events = reduce(items, SPACE)
    assert [e.t0 for e in events] == sorted(e.t0 for e in events)
    assert all(0 <= e.t0 <= e.t1 <= 50 for e in events)
    wheels = [item for item in items if item.kind == "scroll"]
    scrolls = [e.scroll for e in events if e.scroll]
    assert math.isclose(sum(s.dy for s in scrolls), sum(w.dy for w in wheels))
    assert math.isclose(sum(s.dx for s in scrolls), sum(w.dx for w in wheels))


@given(inputs)
def test_the_order_in_the_file_does_not_matter(items: list[Input]):
    distinct = list({item.t: item for item in items}.values())
    assert reduce(distinct, SPACE) == reduce(reversed(distinct), SPACE)
