"""What in a text is personal: e-mail addresses, card and phone numbers, names of accounts.

Patterns find what has a form of its own. What has none (the name of an account) is known from what stands before it, or
from the field that it was typed into; once known, it is found everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapidfuzz import fuzz

PersonalKind: TypeAlias = Literal["email", "card", "phone", "account", "named"]
LEAST = 4
"""Characters below which a known name is only looked for as a whole word of its own."""
ALIKE = 88.0
"""Likeness (0..100) from which a word off a screen is a known one, misread."""

_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\s?\.\s?[\w-]+)*\.\s?[A-Za-z]{2,}")
_CARD = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d.,]\d|\d)")
_PHONE = re.compile(
    r"(?<![\w.])(?:"
    r"\+\d[\d ()./-]{6,18}\d"  # international
    r"|\(\d{2,5}\)[ ./-]?\d{3,}(?:[ ./-]\d{2,})*"  # an area code in parentheses
    r"|\d{3}[-. ]\d{3}[-. ]\d{4}"  # North America
    r"|0\d{1,4}[ /-]\d{3,}(?:[ -]?\d{2,})*"  # a trunk prefix
    r")(?![\w]|[.,]\d)"
)
_CALLED = re.compile(
    r"(?i)\b(?:tel|phone|mobile|cell|call|fax|telefon|handy|电话|手机)\w*[.:：]?\s*(\d[\d ()./-]{5,18}\d)"
)
_ACCOUNT = (
    re.compile(r"(?i)\b(?:signed|logged) in as:?\s+([^\s,;|()]+(?:\s[A-Z][\w'’-]+)?)"),
    re.compile(
        r"(?i)(?:\b(?:user ?name|login|login name|account|account name|benutzername)|用户名|账号|帐号)"
        r"\s*[:：]\s*([^\s,;|]{2,})"
    ),
    re.compile(r"(?<![\w.@/])(@[A-Za-z]\w{2,30})\b(?!\.\w)"),
)
_FIELDS: dict[PersonalKind, re.Pattern[str]] = {
    "email": re.compile(r"(?i)\be-?mail|邮箱"),
    "card": re.compile(r"(?i)\b(?:card|kreditkarte|iban)\b|卡号"),
    "phone": re.compile(r"(?i)\b(?:phone|mobile|tel|telefon)\b|电话|手机"),
    "account": re.compile(
        r"(?i)\b(?:user ?name|login|account|full name|first name|last name|surname|benutzername)\b|用户名|姓名"
    ),
}


@dataclass(frozen=True, slots=True)
class Personal:
    """Something personal in a text.

    Attributes:
        kind: what it is; "named" was named by the user.
        text: the characters.
        start: index of the first.
        end: index behind the last.
    """

    kind: PersonalKind
    text: str
    start: int
    end: int


def field_kind(name: str) -> PersonalKind | None:
    """What is typed into a field of that name, None when it is nothing personal."""
    return next((kind for kind, pattern in _FIELDS.items() if pattern.search(name)), None)


def personal_in(text: str, known: Iterable[tuple[PersonalKind, str]] = ()) -> list[Personal]:
    """Everything personal in a text, in order; nothing overlaps.

    Args:
        text: any text.
        known: what is personal whatever stands around it.
    """
    found = [*_known_in(text, known), *_patterns_in(text)]
    kept: list[Personal] = []
    for one in sorted(found, key=lambda p: (p.start, -p.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def misread_in(text: str, known: Iterable[tuple[PersonalKind, str]]) -> Personal | None:
    """All of a line off a screen, when it holds a known name that was misread in a few characters."""
    folded = text.casefold()
    for kind, name in known:
        long = 2 * LEAST <= len(name) <= len(folded) + 1
        if long and fuzz.partial_ratio(name.casefold(), folded, score_cutoff=ALIKE) > 0:
            return Personal(kind, name, 0, len(text))
    return None


def _known_in(text: str, known: Iterable[tuple[PersonalKind, str]]) -> Iterator[Personal]:
    for kind, name in known:
        edge = r"(?<!\w)" if len(name) < LEAST or name[:1].isalnum() else ""
        close = r"(?!\w)" if name[-1:].isalnum() else ""
        for match in re.finditer(edge + re.escape(name) + close, text, re.IGNORECASE):
            yield Personal(kind, match[0], match.start(), match.end())


def _patterns_in(text: str) -> Iterator[Personal]:
    for match in _EMAIL.finditer(text):
        yield Personal("email", match[0], match.start(), match.end())
    for match in _CARD.finditer(text):
        if _is_card(match[0]):
            yield Personal("card", match[0], match.start(), match.end())
    for pattern, group in ((_PHONE, 0), (_CALLED, 1)):
        for match in pattern.finditer(text):
            if 7 <= sum(char.isdigit() for char in match[group]) <= 15:
                yield Personal("phone", match[group], match.start(group), match.end(group))
    for pattern in _ACCOUNT:
        for match in pattern.finditer(text):
            yield Personal("account", match[1], match.start(1), match.end(1))


def _is_card(text: str) -> bool:
    """Whether the digits add up as those of a payment card do (Luhn's formula, ISO/IEC 7812-1)."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [d if i % 2 == 0 else 2 * d - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0
