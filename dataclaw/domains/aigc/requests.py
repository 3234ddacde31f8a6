"""Instructions to edit a picture: what they are about, and the sentence that says it is done; English and Chinese.

A sentence is built from the instruction's own words, because no measurement knows what a picture shows. It is used only
where the two pictures differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.aigc.wording import place
from dataclaw.planning import capitalise
from dataclaw.types import Anchor
from dataclaw.words import words_beside

_WORDS = words_beside(__file__)
_SENTENCES: Mapping[str, Mapping[str, str]] = _WORDS.tables["sentences"]
_FORMS = {language: list(_WORDS.patterns_of(f"forms_{language}").items()) for language in ("en", "zh")}
_HAN = re.compile(r"[\u3400-\u9fff]")
_MEASURES = {"brightness": 0.02, "contrast": 0.08, "saturation": 0.03}
"""Measures of a change, and the size from which on they are told."""
LONGEST = 200
"""Longest instruction that is read as one order [characters]."""


def language_of(text: str) -> str:
    """The language of a text: "zh" where it has Chinese characters, else "en"."""
    return "zh" if _HAN.search(text) else "en"


def sentence(key: str, language: str, **values: str) -> str:
    """A sentence of this module's words, filled in; it ends once where a quotation at its end does."""
    return _SENTENCES[key][language].format(**values).replace('.".', '."')


def outcome_of(instruction: str) -> str:
    """The sentence that an instruction has been followed, in its own words; "" where its form is not known."""
    language = language_of(instruction)
    order = " ".join(instruction.split()).rstrip(" .!。！")
    if len(order) > LONGEST:
        return ""
    for form, pattern in _FORMS[language]:
        if match := pattern.fullmatch(order):
            said = {key: value.strip(" ,") for key, value in match.groupdict().items() if value}
            return capitalise(sentence(form.rstrip("_0123456789"), language, **said))
    return ""


def places_in(changes: Sequence[Anchor], size: tuple[int, int], language: str) -> str:
    """Where changes lie in a picture of `size` [px]: "in the middle and in the lower right"; "" for all over it."""
    local = [change for change in changes if change.attrs.get("kind") == "local"]
    if len(local) < len(changes) or not local:
        return ""
    names = list(dict.fromkeys(place(change.box, size) for change in local))
    if language == "zh":
        return "、".join(cast("Mapping[str, str]", _WORDS.tables["places_zh"]).get(name, name) for name in names)
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def measurement_of(change: Anchor, size: tuple[int, int], language: str) -> str:
    """What was measured of a change without its figures, "In the middle, blue became red", as a sentence.

    Args:
        change: a change between two pictures.
        size: `(width, height)` of the pictures [px].
        language: "en" or "zh".
    """
    tables = cast("Mapping[str, Mapping[str, str]]", _WORDS.tables)
    last = "和" if language == "zh" else " and "
    where = places_in([change], size, language)
    if where:
        names: Mapping[str, str] = tables["colours_zh"] if language == "zh" else {}
        old, new = (
            last.join(names.get(name, name) for name in cast("Sequence[str]", change.attrs.get(side) or ())[:2])
            for side in ("colour_before", "colour_after")
        )
        key = "part" if old == new else "colours"
        return sentence(key, language, where=where, Where=capitalise(where), old=old, new=new)
    shifts = {name: change.attrs.get(name) for name in _MEASURES}
    told = [
        tables["measures"][f"{name}_{'more' if value > 0 else 'less'}_{language}"]
        for name, value in shifts.items()
        if isinstance(value, int | float) and abs(value) >= _MEASURES[name]
    ]
    return sentence("whole" if told else "all_over", language, words=last.join(told))
