"""Files of words: sets, patterns with parts, and tables come back as they stand; times are read in any form."""

from pathlib import Path

import pytest

from dataclaw.words import SHARE, seconds_of, share_of, words_beside

FILE = r"""
[sets]
small = '''
    the a
    of
'''

[parts]
unit = '(?:s|min)'
time = ['\d+', '\s*{{unit}}']

[patterns]
first = '(?i)first (?P<t>{{time}})'
last = ['last ', '{{unit}}{2}']

[[en]]
ask = "What {be} {x}?"
"""


def written(folder: Path, text: str) -> str:
    (folder / "intents.toml").write_text(text, encoding="utf-8")
    return str(folder / "intents.py")


def test_a_file_gives_its_sets_patterns_and_tables(tmp_path: Path) -> None:
    words = words_beside(written(tmp_path, FILE))
    assert words.sets == {"small": {"the", "a", "of"}}
    match = words.patterns["first"].search("the FIRST 12 min")
    assert match
    assert match["t"] == "12 min"
    assert words.patterns["last"].pattern == "last (?:s|min){2}"
    assert words.tables == {"en": [{"ask": "What {be} {x}?"}]}
    assert words.fill("in {{unit}}") == "in (?:s|min)"


@pytest.mark.parametrize("text", ["[patterns]\na = '{{none}}'", "[parts]\na = '{{b}}'\nb = 'x'"])
def test_a_part_that_comes_later_or_not_at_all_is_an_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        words_beside(written(tmp_path, text))


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("75", 75), ("1:15", 75), ("1:02:03.5", 3723.5), ("2 minutes", 120), ("3分钟", 180), ("1 小时", 3600), ("9 s", 9)],
)
def test_times_are_read_with_a_colon_or_a_unit(time: str, seconds: float) -> None:
    assert seconds_of(time) == seconds


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("the cut of the first half of the programme", (10, 60)),
        ("only the last half", (60, float("inf"))),
        ("questions about the 2nd quarter of the lesson", (35, 60)),
        ("the middle third", (10 + 100 / 3, 10 + 200 / 3)),
        ("the final quarter", (85, float("inf"))),
        ("前半部分", (10, 60)),
        ("后三分之一", (10 + 200 / 3, float("inf"))),
        ("the first half hour", None),
        ("the last quarter of an hour", None),
        ("the first half-second", None),
        ("the third half", None),
        ("the middle half", None),
        ("half of the sugar", None),
    ],
)
def test_a_share_of_the_whole_is_a_span(text: str, share: tuple[float, float] | None) -> None:
    assert share_of(text, (10.0, 110.0)) == (share and pytest.approx(share))
    assert not share or share_of(SHARE.sub(" ", text), (10.0, 110.0)) is None
