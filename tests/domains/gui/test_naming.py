"""Steps say what they are done to: by the recorder's name, a text at the pointer, or words of their own."""

from typing import Any

import pytest

from dataclaw.domains.gui.recording import labels_icon
from dataclaw.domains.gui.rules import named_targets
from dataclaw.domains.gui.screens import name_targets
from dataclaw.domains.gui.wording import thing
from dataclaw.rewards import Case
from dataclaw.types import Anchor
from tests.domains.gui.test_slicing import clicked, read

SAVE = read("Save", (10, 10, 50, 30), 1)


def event(name: str, point: tuple[float, float] | None, **attrs: Any) -> Anchor:
    told = {"verb": "click", "target": "", "role": "", **attrs}
    return Anchor(name, "event", told["verb"], 0.0, 0.0, frame=0, point=point, attrs=told)


def share_of(*steps: tuple[str, list[Anchor]], key: str = "instruction") -> float | None:
    draft: Any = {"steps": [{"cite": [a.id for a in anchors], key: text} for text, anchors in steps]}
    known = {a.id: a for _, anchors in steps for a in anchors}
    return named_targets.judge(Case("", draft, {}, anchors=known)).value


BESIDE, ON = event("e0", (25.0, 70.0)), event("e1", (30.0, 20.0))


@pytest.mark.parametrize(
    ("text", "anchors", "named"),
    [
        ('Click the spot below "Save".', [BESIDE, SAVE], False),
        ('Click the spot below "Save", then press Ctrl+A.', [BESIDE, SAVE, event("e4", None, keys=["ctrl", "a"])],
         False),
        ("Click an unlabelled spot in the middle (50 % across, 60 % down).", [BESIDE], False),
        ('点击"Save"下方的位置。', [BESIDE, SAVE], False),
        ('Klicke auf die Stelle unter "Save".', [BESIDE, SAVE], False),
        ('Click "Save".', [BESIDE, SAVE], False),
        ('Click "Save".', [ON, SAVE], True),
        ('Click the "Send" button.', [event("e2", (25.0, 70.0), target="Send")], True),
        ('Click the field below "Save".', [event("e3", (25.0, 70.0), role="textbox"), SAVE], True),
        ('Click the gear icon below "Save".', [BESIDE, SAVE], True),
        ("Press Enter.", [event("e5", None, verb="press", keys=["enter"])], True),
    ],
)  # fmt: skip
def test_a_place_beside_a_text_is_no_name(text: str, anchors: list[Anchor], named: bool) -> None:
    assert share_of((text, anchors)) == float(named)
    assert share_of((text, anchors), key="action") == float(named)


def test_the_score_falls_with_the_share_of_steps_that_name_nothing() -> None:
    vague, good = ('Click the spot below "Save".', [BESIDE, SAVE]), ('Click "Save".', [ON, SAVE])
    assert share_of(*[vague] * 3, good) == 0.25
    assert share_of(vague, *[good] * 9) == 0.9
    assert share_of() is None


@pytest.mark.parametrize(
    ("verb", "point", "text", "is_label"),
    [
        ("double_click", (66.0, 559.0), "LXTerminal", True),
        ("right_click", (66.0, 559.0), "A", True),
        ("click", (66.0, 559.0), "LXTerminal", False),
        ("double_click", (66.0, 500.0), "LXTerminal", False),
        ("double_click", (120.0, 559.0), "LXTerminal", False),
        ("double_click", (66.0, 610.0), "LXTerminal", False),
        ("double_click", (66.0, 559.0), "The first line of a longer paragraph", False),
    ],
)
def test_the_label_below_an_icon_names_it(verb: str, point: tuple[float, float], text: str, is_label: bool) -> None:
    assert labels_icon(read(text, (11, 578, 111, 602)), point, verb) == is_label


def test_a_step_is_named_by_the_label_of_its_icon_though_another_text_is_as_near() -> None:
    texts = read("A", (53, 578, 77, 602), 1), read("Documents", (10, 520, 111, 544), 2)
    opened = clicked((65.0, 555.0))
    attrs = {**opened.event.attrs, "verb": "double_click"}
    step = type(opened)(Anchor("e0", "event", "", 0.0, 0.0, frame=0, point=(65.0, 555.0), attrs=attrs), "", lines=texts)
    with pytest.raises(StopIteration) as done:
        next(name_targets([step], True, (1024, 768)))
    assert thing(done.value.value[0]) == '"A"'


def test_an_entry_of_a_menu_with_icons_is_named_by_its_row() -> None:
    rows = [("Compress", 430, 410), ("Cut", 409, 451), ("Copy", 425, 479), ("Paste", 410, 505), ("Rename", 429, 532)]
    texts = [read(text, (left, top, left + 50, top + 25), at) for at, (text, left, top) in enumerate(rows)]
    assert clicked((492.0, 468.0), texts[1], texts[0], *texts[2:]).name == "Cut"
