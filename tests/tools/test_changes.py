import numpy as np
import pytest
from PIL import Image

from dataclaw.errors import ToolError
from dataclaw.tools import builtin
from dataclaw.types import Anchor, Event
from tests.tools.screens import SIZE, Screen, click, context, stream, write

tools = builtin()


def changes(screens: list[object], events: list[Event] | None = None) -> tuple[Anchor, ...]:
    source = stream(screens, events or [])  # type: ignore[arg-type]
    return tools["detect_changes"](context(source), {}).anchors


def compressed(screen: Screen, quality: int) -> np.ndarray:
    import io

    held = io.BytesIO()
    Image.fromarray(screen.draw()).save(held, "JPEG", quality=quality)
    return np.asarray(Image.open(held).convert("RGB"))


BUTTONS = {"Add to cart": (500, 280, 640, 320), "Cancel": (660, 280, 760, 320)}
LOREM = {(60, 80 + 30 * i): f"Order {i} of three blue mugs, paid 34.90 on Monday" for i in range(12)}


def test_equal_frames_do_not_change():
    assert changes([Screen(texts=LOREM), Screen(texts=LOREM)]) == ()


@pytest.mark.parametrize("quality", [95, 85, 75, 60])
def test_compression_noise_is_not_a_change(quality: int):
    clean = Screen(texts=LOREM, buttons=BUTTONS)
    assert changes([clean.draw(), compressed(clean, quality), compressed(clean, quality - 15)]) == ()


def test_a_ticked_box_is_found_where_it_is():
    (change,) = changes([Screen(), Screen(ticked=(700, 400))], [click(0, 0.0, 705, 405)])
    x0, y0, x1, y1 = change.box or (0, 0, 0, 0)
    assert x0 <= 703 <= x1
    assert y0 <= 405 <= y1
    assert x1 - x0 < 30
    assert y1 - y0 < 30
    assert change.attrs["event"] == 0
    assert change.content == "under 1% changed after e0"


@pytest.mark.parametrize("letter", ["a", "e", "x", "W", "7", "i"])
def test_one_typed_letter_is_found(letter: str):
    before = Screen(texts={(300, 300): "Qty"}, caret=(340, 302))
    after = Screen(texts={(300, 300): "Qty", (342, 300): letter}, caret=(352, 302))
    assert len(changes([before, after], [write(0, 0.0, letter)])) == 1


def test_a_blinking_caret_is_not_a_change():
    assert changes([Screen(caret=(340, 302)), Screen(), Screen(caret=(340, 302))]) == ()


def test_a_clock_is_not_a_change():
    screens = [Screen(clock=f"10:4{i}", texts=LOREM) for i in range(4)]
    assert changes(screens, [click(i, float(i), 300, 300) for i in range(3)]) == ()


def test_a_spinner_that_turns_by_itself_is_not_a_change():
    frames = [Screen(texts={(600, 350): "/-|\\"[i % 4]}) for i in range(8)]
    assert changes(frames) == ()


def test_a_small_change_that_happens_once_is_one():
    frames = [Screen(), Screen(), Screen(texts={(600, 350): "ok"}), Screen(texts={(600, 350): "ok"})]
    assert [a.attrs["after"] for a in changes(frames)] == [2]


def test_the_pointer_that_leaves_and_comes_is_not_a_change():
    first, second = click(0, 0.0, 200, 200, frame=0), click(1, 3.0, 900, 500, frame=2)
    frames = [Screen(pointer=(200, 200)), Screen(pointer=(200, 200)), Screen(pointer=(900, 500))]
    assert changes(frames, [first, second]) == ()


def test_a_pointer_that_wanders_while_nothing_is_done_is_not_a_change():
    places = [(100, 600), (400, 340), (700, 130), (950, 480), (300, 90)]
    assert changes([Screen(texts=LOREM, pointer=p) for p in places]) == ()


def test_two_boxes_ticked_at_once_are_not_taken_for_a_pointer():
    after = Screen(ticked=(200, 200), texts={(900, 500): "x"})
    (change,) = changes([Screen(), after], [click(0, 0.0, 205, 205)])
    assert len(change.attrs["regions"]) == 2


def test_a_new_page_changes_most_of_the_screen():
    (change,) = changes([Screen(), Screen(colour=(20, 90, 40))], [click(0, 0.0, 5, 5)])
    assert change.attrs["ratio"] > 0.8
    assert change.t0 == 0.0
    assert change.t1 == 1.0
    assert change.frame == 1


def test_colour_alone_is_a_change():
    red, green = Screen(buttons=BUTTONS).draw().copy(), Screen(buttons=BUTTONS).draw().copy()
    red[400:440, 300:360] = (200, 0, 40)
    green[400:440, 300:360] = (0, 100, 240)
    (change,) = changes([red, green], [click(0, 0.0, 330, 420)])
    assert np.allclose(change.box, (300, 400, 360, 440), atol=6)


def test_closing_a_dialog_returns_to_the_earlier_screen():
    page, dialog = Screen(texts=LOREM), Screen(texts=LOREM, buttons={"Really delete?": (400, 250, 900, 500)})
    source = stream([page, dialog, dialog, page], [click(i, float(i), 450, 300) for i in range(3)])
    result = tools["detect_changes"](context(source), {})
    assert result.data["states"] == {"0": 0, "1": 1, "2": 1, "3": 0}
    assert [(a.attrs["after"], a.attrs["same_as"]) for a in result.anchors] == [(1, None), (3, 0)]
    assert result.anchors[1].content.endswith("after e2, same as f0")
    assert "1 returns" in result.note


def test_one_ticked_box_is_another_screen():
    source = stream([Screen(texts=LOREM), Screen(texts=LOREM, ticked=(900, 300))], [click(0, 0.0, 905, 305)])
    assert tools["detect_changes"](context(source), {}).data["states"] == {"0": 0, "1": 1}


def test_regions_name_the_places_of_one_change():
    after = Screen(ticked=(200, 200), buttons={"Saved": (900, 500, 1000, 540)})
    (change,) = changes([Screen(), after], [click(0, 0.0, 205, 205)])
    assert len(change.attrs["regions"]) == 2
    assert change.attrs["regions"][0][0] == pytest.approx(900, abs=6)


def test_tiny_frames():
    small = [np.full((40, 60, 3), v, np.uint8) for v in (0, 200)]
    (change,) = changes(list(small))
    assert change.box == (0, 0, 60, 40)


def test_without_pictures():
    with pytest.raises(ToolError, match="no pictures"):
        changes([], [click(0, 0.0, 1, 1)])


def test_a_frame_that_cannot_be_decoded_is_told():
    source = stream([Screen(), Screen()])
    source.frames.broken.add(1)  # type: ignore[union-attr]
    with pytest.raises(ToolError, match="frame 1 cannot be decoded"):
        tools["detect_changes"](context(source), {})


def test_frames_are_decoded_once():
    source = stream([Screen(clock=str(i)) for i in range(12)], [click(i, float(i), 1, 1) for i in range(12)])
    for name in ("detect_changes", "segment_actions", "sample_frames"):
        tools[name](context(source), {})
    assert source.frames.reads == 12  # type: ignore[union-attr]


def test_sampling_modes():
    page, dialog = Screen(texts=LOREM), Screen(texts=LOREM, colour=(10, 10, 60))
    source = stream([page, page, dialog, dialog, page, page], [click(0, 1.0, 9, 9, frame=1)], times=[0, 1, 2, 3, 4, 90])
    ctx = context(source)

    def frames(mode: str, count: int) -> list[int]:
        return list(tools["sample_frames"](ctx, {"mode": mode, "count": count}).data["frames"])

    assert frames("uniform", 2) == [0, 5]
    assert frames("uniform", 3) == [0, 4, 5]
    assert frames("uniform", 16) == [0, 1, 2, 3, 4, 5]
    assert frames("uniform", 1) == [4]
    assert frames("keyframe", 8) == [0, 2]
    assert frames("keyframe", 1) == [0]
    assert frames("change", 8) == [2, 4]
    assert frames("events", 8) == [1]
    shown = tools["sample_frames"](ctx, {"mode": "events"})
    assert shown.anchors[0].content == "frame at 1 s, before e0"


def test_crop():
    ctx = context(stream([Screen()]))
    result = tools["crop"](ctx, {"frame": 0, "box": [-50, 10, 100, 9999]})
    assert result.pictures[0].box == (0, 10, 100, SIZE[1])
    assert result.anchors[0].box == result.pictures[0].box
    for box in ([5, 5, 5, 5], [10, 10, 2, 2], [5000, 0, 6000, 10], [0, 0, 1, 1]):
        with pytest.raises(ToolError, match="within 0-1280"):
            tools["crop"](ctx, {"frame": 0, "box": box})
    with pytest.raises(ToolError, match="box"):
        tools["crop"](ctx, {"frame": 0, "box": [float("inf"), 0, 1, 1]})


def test_parts_that_continue_each_other_score_highest():
    cart = {(400, 100 + 40 * i): f"item {i}" for i in range(6)}
    mail = {(80, 120 + 50 * i): f"message {i} from Ada about the invoice" for i in range(9)}
    parts = {
        "A": stream(
            [Screen("Mail", texts=mail), Screen("Cart", texts=cart)],
            [click(0, 0.0, 5, 5, window="Mail", target="Cart")],
        ),
        "B": stream(
            [Screen("Orders", colour=(60, 60, 60)), Screen("Mail", texts=mail)], [click(0, 0.0, 5, 5, window="Orders")]
        ),
        "C": stream([Screen("Cart", texts=cart), Screen("Paid")], [click(0, 0.0, 5, 5, window="Cart")]),
    }
    result = tools["compare_parts"](context(stream(kind="fragments", parts=parts)), {})
    assert [a.content[:11] for a in result.anchors[:2]] == ["A end ~ C s", "B end ~ A s"]
    assert result.anchors[0].confidence > 0.95
    assert len(result.anchors) == 6
    assert result.anchors[2].confidence < result.anchors[1].confidence - 0.2


def test_compare_needs_parts():
    with pytest.raises(ToolError, match="no parts"):
        tools["compare_parts"](context(stream([Screen()])), {})
