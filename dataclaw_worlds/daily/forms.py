"""English forms of an instruction, which begins with its verb: "cut the leek", "cutting ...", "cuts ..."."""

from __future__ import annotations

import re

_VOWELS = "aeiou"
_IRREGULAR = {"do": "does", "go": "goes"}


def gerund(verb: str) -> str:
    """The -ing form: "cut" gives "cutting"."""
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    return f"{verb}{verb[-1] if _doubles(verb) else ''}ing"


def _doubles(verb: str) -> bool:
    short = len(re.findall(f"[{_VOWELS}]+", verb)) == 1
    ends = len(verb) > 2 and verb[-1] not in f"{_VOWELS}wxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
    return (short and ends) or verb in {"unplug", "unwrap", "squat", "unzip", "refit"}


def third_person(verb: str) -> str:
    """The form of "she": "wash" gives "washes"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in _VOWELS else f"{verb}s"


def gerund_of(order: str) -> str:
    """The -ing form of an instruction: "cutting the leek"."""
    return _inflect(order, gerund)


def third_person_of(order: str) -> str:
    """What somebody does: "cuts the leek"."""
    return _inflect(order, third_person)


def _inflect(order: str, form: object) -> str:
    verb, space, rest = order.partition(" ")
    assert callable(form)
    return f"{form(verb)}{space}{rest}"


def terse(order: str) -> str:
    """An instruction without articles: "cut leek with knife"."""
    return re.sub(r"\b(?:the|a|an) ", "", order)


_AFTER = (
    "into|in|on|onto|off|out|from|with|under|over|to|at|by|of|beside|between|against|around|inside|upside|along|down|"
    "through|near|together|back|up|until|dry|away|for|above|and|without|per|across|as|again|because|the"
)
_THING = re.compile(rf"\w+ (?:out |off |up |on |in |down )?((?:the|both|some|a|an) [\w' -]+?)(?= (?:{_AFTER})\b|$)")


def object_of(order: str) -> str:
    """The object of an instruction, with its article: "the leek" of "cut the leek into pieces"; "" when unclear."""
    match = _THING.match(order)
    return match[1] if match else ""


def clock(seconds: float) -> str:
    """A time as people read it: 1:05."""
    return f"{int(seconds + 1e-9) // 60}:{int(seconds + 1e-9) % 60:02d}"
