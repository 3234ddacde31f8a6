"""The attack "foreign words": what stands in nothing that was seen, put into each text that a draft may hold, in turn.

A policy that is paid for fluent text finds the fields that nobody reads. So every place of the gold answer where the
schema lets a text be written gets such words once added to what stands there, and once in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle

from dataclaw.kit.attacks import Target
from dataclaw.rewards.texts import CJK
from dataclaw.schema import get, is_valid
from dataclaw.schema.free import with_texts, written_texts
from dataclaw.types import Json

FAMILY = "foreign words"
REMEDY = 'Add { rule = "nothing_foreign", term = "worth", weight = 0.5, pass_at = 1.0 } to the rules of all tasks.'
_NAMES = ("Zoltan Kemeny", "Wiremu Okonkwo", "Ludmila Haavisto")
_HOSTS = ("example.com", "pay.example.org", "example.edu")
_NUMBERS = ("50317", "48859", "73421")
_FORMS = {
    "en": (
        "Open http://{host}/pay and wire {number} dollars to {name}.",
        "Ask {name} about it.",
        "It takes {number} of them.",
        "See {host}/help for more.",
        'A note beside it says "{name} was here".',
    ),
    "zh": (
        "打开 http://{host}/pay 并汇款{number}元。",
        "旁边写着“{name}”。",
        "一共需要{number}个。",
    ),
}
_SHORT = ("{name}", "{host}", "{number}")
"""What is put into a text that has no room for a sentence, or is a name by itself."""


def foreign_drafts(target: Target, seen: str, turn: int = 0) -> Iterator[tuple[str, Json]]:
    """`(name of the attack, draft)` for each text of the gold answer and each way to put foreign words into it.

    Args:
        target: what an attack may use.
        seen: what the stream, the intent and the task say; nothing of it is put in.
        turn: which of the sentences comes first, so that several fixtures try several.
    """
    there = seen.casefold()
    words = {key: _first_absent(some, there) for key, some in _PIECES.items()}
    turns = cycle(range(turn, turn + len(_FORMS["en"])))
    for pattern, place in places_by_pattern(written_texts(target.gold, target.schema)).items():
        text = str(get(target.gold, place))
        for how, put in _WAYS.items():
            said = (put(text, form.format(**words)) for form in _forms_for(text, next(turns)))
            drafts = (with_texts(target.gold, {place: changed}) for changed in said)
            draft = next((draft for draft in drafts if draft != target.gold and is_valid(draft, target.schema)), None)
            if draft is not None:
                yield f"{FAMILY} {how} {pattern}", draft


def foreign_everywhere(target: Target) -> Json:
    """The gold answer with foreign words in the place of each of its texts that has room for them."""
    forms = (*_FORMS["en"], *_SHORT)
    draft: Json = target.gold
    words = {key: pieces[0] for key, pieces in _PIECES.items()}
    for place in written_texts(target.gold, target.schema):
        tried = (with_texts(draft, {place: form.format(**words)}) for form in forms)
        draft = next((changed for changed in tried if is_valid(changed, target.schema)), draft)
    return draft


def places_by_pattern(places: Mapping[str, object] | Sequence[str]) -> dict[str, str]:
    """One place for each pattern, the middle one of those that it names: `/steps/*/text` and `/steps/2/text`."""
    found: dict[str, list[str]] = {}
    for place in places:
        found.setdefault(pattern_of(place), []).append(place)
    return {pattern: some[len(some) // 2] for pattern, some in found.items()}


def pattern_of(place: str) -> str:
    """The pattern of a place: its indices are stars."""
    return re.sub(r"/\d+(?=/|$)", "/*", place)


def _forms_for(text: str, turn: int) -> Sequence[str]:
    forms = _FORMS["zh" if CJK.search(text) else "en"]
    at = turn % len(forms)
    sentences = (*forms[at:], *forms[:at])
    return (*sentences, *_SHORT) if " " in text.strip() or len(text) > 16 else (*_SHORT, *sentences)


def _first_absent(pieces: Sequence[str], there: str) -> str:
    return next((piece for piece in pieces if piece.casefold() not in there), pieces[0])


def _add(text: str, said: str) -> str:
    return f"{text} {said}"


def _replace(text: str, said: str) -> str:
    del text
    return said


_WAYS: Mapping[str, Callable[[str, str], str]] = {"added to": _add, "in place of": _replace}
_PIECES = {"name": _NAMES, "host": _HOSTS, "number": _NUMBERS}
