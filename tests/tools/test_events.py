import pytest

from dataclaw.errors import ToolError
from dataclaw.tools import builtin
from dataclaw.tools.facts import describe
from dataclaw.types import Event
from tests.tools.screens import Screen, click, context, stream, write

tools = builtin()


def session():
    return [
        click(0, 1.0, 512, 300, target="Add to cart", role="button", window="Fernhill - Mug"),
        write(1, 2.0, "blue mug", window="Fernhill - Mug"),
        Event(2, "hotkey", 3.0, 3.0, keys=("ctrl", "s"), window="Notes"),
        Event(3, "scroll", 4.0, 4.5, point=(10, 20), scroll=(0, 3), window="Notes"),
        Event(4, "drag", 5.0, 5.5, point=(1, 2), end_point=(30, 40)),
        click(5, 9.0, 5, 5, window="Fernhill - Mug"),
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (session()[0], 'click (512,300) "Add to cart" button'),
        (session()[1], 'write "blue mug"'),
        (session()[2], "hotkey ctrl+s"),
        (session()[3], "scroll down 3 (10,20)"),
        (session()[4], "drag (1,2) to (30,40)"),
        (Event(0, "scroll", 0, 0, scroll=(-2, -120.5), attrs={"scroll_unit": "px"}), "scroll up 120.5 px left 2 px"),
        (Event(0, "right_click", 0, 0, point=(1, 1)), "right click (1,1)"),
        (Event(0, "write", 0, 0, text="x" * 500), 'write "' + "x" * 77 + '..."'),
    ],
)
def test_wording(event: Event, words: str):
    assert describe(event) == words


def test_list_events_gives_cited_ids_and_details():
    result = tools["list_events"](context(stream(events=session())), {})
    assert [a.id for a in result.anchors] == ["e0", "e1", "e2", "e3", "e4", "e5"]
    assert result.anchors[4].attrs["end_point"] == [30, 40]
    assert result.anchors[0].attrs["target"] == "Add to cart"
    assert result.data == {"page": 1, "pages": 1, "total": 6}


def test_filters_say_what_they_left_out():
    result = tools["list_events"](context(stream(events=session())), {"kinds": ["click"], "window": "fernhill"})
    assert [a.id for a in result.anchors] == ["e0", "e5"]
    assert "4 others left out" in result.note


def test_no_match_names_the_verbs_there_are():
    note = tools["list_events"](context(stream(events=session())), {"kinds": ["teleport"]}).note
    assert "No event fits." in note
    assert "click, drag, hotkey, scroll, write" in note


def test_pages():
    events = [click(i, float(i), i, i) for i in range(95)]
    ctx = context(stream(events=events))
    seen = [a.id for page in (1, 2, 3) for a in tools["list_events"](ctx, {"page": page}).anchors]
    assert seen == [f"e{i}" for i in range(95)]
    with pytest.raises(ToolError, match="Pages: 1 to 3"):
        tools["list_events"](ctx, {"page": 4})


def test_nothing_outside_the_window_is_told():
    source = stream([Screen()] * 10, session(), times=range(10))
    ctx = context(source, (2.0, 4.5))
    assert [a.id for a in tools["list_events"](ctx, {}).anchors] == ["e1", "e2", "e3"]
    assert [a.id for a in tools["list_events"](ctx, {"t0": 0, "t1": 99}).anchors] == ["e1", "e2", "e3"]
    overview = tools["overview"](ctx, {})
    assert overview.data["events"] == 3
    # f1 shows the state before e1, so it belongs to what the window is about
    assert overview.data["frames"] == 4
    assert {a.content for a in tools["search_anchors"](ctx, {"query": "click"}).anchors} == set()
    for name in ("sample_frames", "detect_changes"):
        assert all(a.frame in (1, 2, 3, 4) for a in tools[name](ctx, {}).anchors)
    with pytest.raises(ToolError, match="frame 7 is not among the frames 1-4"):
        tools["crop"](ctx, {"frame": 7, "box": [0, 0, 50, 50]})
    with pytest.raises(ToolError, match="event 5 is not among the events 1-3"):
        tools["read_text"](ctx, {"events": [5]})
    with pytest.raises(ToolError, match=r"2\.00 to 4\.50"):
        tools["list_events"](ctx, {"t0": 8, "t1": 9})


@pytest.mark.parametrize("bad", [{"page": 0}, {"page": "x"}, {"t0": float("nan")}, {"colour": 1}, {"kinds": "click"}])
def test_wrong_arguments_are_named(bad: dict[str, object]):
    with pytest.raises(ToolError, match="Arguments: page, kinds, window, t0, t1, part"):
        tools["list_events"](context(stream(events=session())), bad)


def test_overview():
    source = stream([Screen()] * 3, session(), problems=("one line\nwas cut",))
    result = tools["overview"](context(source), {})
    assert result.data["by_kind"] == {"click": 2, "drag": 1, "hotkey": 1, "scroll": 1, "write": 1}
    assert [(a.content, a.attrs["events"]) for a in result.anchors] == [
        ("Fernhill - Mug", [0, 1]),
        ("Notes", [2, 4]),
        ("Fernhill - Mug", [5, 5]),
    ]
    assert "1280x720" in result.note
    assert "one line\\nwas cut" in result.note


def test_overview_of_an_empty_stream():
    assert "no pictures; no events" in tools["overview"](context(stream()), {}).note


def fragments():
    parts = {
        "A": stream([Screen()] * 2, [click(0, 0.5, 5, 5, window="Cart")]),
        "B": stream([Screen()] * 2, [click(0, 0.2, 5, 5, window="Orders")]),
    }
    return stream(kind="fragments", parts=parts)


def test_parts_must_be_named():
    ctx = context(fragments())
    with pytest.raises(ToolError, match=r"part is missing\. Parts: A, B"):
        tools["list_events"](ctx, {})
    with pytest.raises(ToolError, match="no part 'Z'"):
        tools["list_events"](ctx, {"part": "Z"})
    with pytest.raises(ToolError, match="has no parts"):
        tools["list_events"](context(stream(events=session())), {"part": "A"})


def test_anchors_of_a_part_carry_its_label():
    ctx = context(fragments())
    (event,) = tools["list_events"](ctx, {"part": "B"}).anchors
    assert (event.id, event.part) == ("B.e0", "B")
    frames = tools["sample_frames"](ctx, {"part": "B"})
    assert [a.id for a in frames.anchors] == ["B.f0", "B.f1"]
    assert frames.pictures[0].part == "B"


def test_overview_of_parts_has_a_line_each():
    result = tools["overview"](context(fragments()), {})
    assert result.data["labels"] == ["A", "B"]
    assert [line[:2] for line in result.note.splitlines()[1:]] == ["A:", "B:"]
    assert [(a.part, a.content) for a in result.anchors] == [("A", "Cart"), ("B", "Orders")]
