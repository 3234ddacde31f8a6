"""Words as data: the word lists, patterns and tables of a module, in the TOML file of its name beside it; and times.

`[sets]` holds word lists, `[patterns]` regular expressions, `[parts]` pieces of them; every other table is given as it
stands. A pattern is a text or a list of texts, which are joined. `{{name}}` in it stands for a part, `(?i)` at its
beginning makes it ignore letter case.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dataclaw.types import Json, Span

_PART = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class WordFile:
    """The content of a file of words.

    Attributes:
        sets: the words of each list by the name of the list.
        patterns: regular expressions by name.
        tables: every other table of the file by name.
        parts: pieces of patterns by name, with the pieces inside them filled in.
    """

    sets: Mapping[str, frozenset[str]]
    patterns: Mapping[str, re.Pattern[str]]
    tables: Mapping[str, Json]
    parts: Mapping[str, str]

    def fill(self, pattern: str) -> str:
        """A pattern with its parts filled in.

        Raises:
            KeyError: the file has no such part.
        """
        return _PART.sub(lambda match: self.parts[match[1]], pattern)

    def patterns_of(self, table: str) -> dict[str, re.Pattern[str]]:
        """The regular expressions by name in another table than `[patterns]`, in its order.

        Raises:
            KeyError: the file has no such table, or a pattern names a part that it has not.
        """
        return {name: re.compile(self.fill("".join(text))) for name, text in self.tables[table].items()}


def words_beside(module: str) -> WordFile:
    """Read the file of words that belongs to a module.

    Args:
        module: `__file__` of the module; the words of `intents.py` are in `intents.toml`.

    Raises:
        OSError: there is no such file.
        KeyError: a pattern names a part that comes later or not at all.
    """
    tables: dict[str, Json] = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    parts: dict[str, str] = {}
    words = WordFile({}, {}, {}, parts)
    for name, text in tables.pop("parts", {}).items():
        parts[name] = words.fill("".join(text))
    sets = {name: frozenset(text.split()) for name, text in tables.pop("sets", {}).items()}
    patterns = {name: re.compile(words.fill("".join(text))) for name, text in tables.pop("patterns", {}).items()}
    return WordFile(sets, patterns, tables, parts)


def seconds_of(time: str) -> float:
    """The seconds that a written time says, with a colon or a unit: `1:02:03`, `90 s`, `2 minutes`, `3 分钟`, `75`."""
    if ":" in time:
        total = 0.0
        for part in time.split(":"):
            total = total * 60 + float(part)
        return total
    number = re.match(r"[\d.]+", time)
    return float(number[0]) * unit_seconds(time[number.end() :]) if number else 0.0


def unit_seconds(unit: str) -> float:
    """The seconds in a unit by its name in English, Spanish or Chinese; seconds for no unit."""
    name = unit.strip()
    return 3600.0 if name.startswith(("h", "小")) else 60.0 if name.startswith(("m", "分")) else 1.0


SHARE = re.compile(
    r"\b(?P<at>first|second|third|last|final|middle|1st|2nd|3rd) (?P<n>half|third|quarter)\b"
    r"(?!-| (?:an? |of an? |a )?(?:hour|minute|second|dozen))|(?P<zh>[前后])(?P<of>半|三分之一|四分之一)"
)
"""A share of the whole: "the first half", "the last third"."""
_PLACES = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "middle": 1}
_SHARES = {"half": 2, "third": 3, "quarter": 4, "半": 2, "三分之一": 3, "四分之一": 4}


def share_of(text: str, window: Span) -> Span | None:
    """The share of a window that a text names, "the first half"; the last one has no end. None where it names none.

    Args:
        text: the text, in lower case.
        window: `(t0, t1)` of the whole.
    """
    match = SHARE.search(text)
    if match is None:
        return None
    count = _SHARES[match["n"] or match["of"]]
    at = _PLACES.get(match["at"] or "", 0 if match["zh"] == "前" else count - 1)
    if at >= count or (match["at"] == "middle" and count != 3):
        return None
    start, end = window
    part = (end - start) / count
    return start + part * at, start + part * (at + 1) if at + 1 < count else float("inf")
