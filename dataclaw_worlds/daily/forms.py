"""English forms of an instruction, which begins with its verb: "cut the leek", "cutting ...", "cuts ..."."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dataclaw_worlds.words import upper_first

_VOWELS = "aeiou"
_IRREGULAR = {"do": "does", "go": "goes"}
_PLURAL = re.compile(r"(?:[^s]s|feet|ies|children|leaves|knives)$")


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


def is_several(name: str) -> bool:
    """Whether a thing is in the plural: "the boots"."""
    return bool(_PLURAL.search(name))


def with_pronouns(orders: Sequence[str]) -> list[str]:
    """Instructions in a row, in which "it" or "them" stands for the object of the one before."""
    said: list[str] = []
    last = ""
    for order in orders:
        own = object_of(order)
        if own and own == last:
            order = order.replace(own, "them" if is_several(own) else "it", 1)
        last = own or ""
        said.append(order)
    return said


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    plain = text.strip()
    return f"{upper_first(plain)}{'' if plain[-1:] in '.?!' else '.'}"


def clock(seconds: float) -> str:
    """A time as people read it: 1:05."""
    return f"{int(seconds + 1e-9) // 60}:{int(seconds + 1e-9) % 60:02d}"
