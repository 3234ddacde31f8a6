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
LONGEST = 200
"""Longest instruction that is read as one order [characters]."""


def language_of(text: str) -> str:
    """The language of a text: "zh" where it has Chinese characters, else "en"."""
    return "zh" if _HAN.search(text) else "en"


def sentence(name: str, language: str, **values: str) -> str:
    """A sentence of this module's words, filled in."""
    return _SENTENCES[name][language].format(**values)


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
