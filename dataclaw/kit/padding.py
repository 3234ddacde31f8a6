"""The attack "padded": the same said again and again. Whatever earns by it earns by length alone.

What is compared is a draft that says something once with the draft that says it over and over, so that a rule which
finds a word it wants is not blamed for finding it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataclaw.kit.foreign_words import pattern_of
from dataclaw.rewards import Verdict
from dataclaw.schema import get, is_valid
from dataclaw.schema.free import WORDED, FreeText, with_texts, written_texts
from dataclaw.types import Anchor, Json

FAMILY = "padded"
LONG = 2000
"""How long a text is made that the schema sets no limit to [characters]."""
FEWEST, MOST = 4, 12
"""A text that has no room for so many repetitions is left as it is; and most repetitions."""
WORDS = 12
"""Most words of the stream that are added."""
_MARKS = re.compile(r"<(?:video_gen|image_recall)>")


@dataclass(frozen=True, slots=True)
class Padded:
    """Two drafts that say the same.

    Attributes:
        name: how it was made, and of which draft.
        once: the draft that says it once.
        often: the one that says it again and again.
        unlimited: patterns of the padded texts that the schema sets no limit to.
        places: patterns of all padded texts.
    """

    name: str
    once: Json
    often: Json
    unlimited: tuple[str, ...]
    places: tuple[str, ...]


def padded_drafts(
    name: str, draft: Json, schema: Mapping[str, Json], anchors: Mapping[str, Anchor]
) -> Iterator[Padded]:
    """A draft padded with its own texts, and with words of the stream.

    Args:
        name: name of the draft.
        draft: what is padded.
        schema: the task's schema, narrowed.
        anchors: what was seen.
    """
    texts = {place: text for place, text in written_texts(draft, schema).items() if not 0 < text.longest < WORDED}
    own = {place: str(get(draft, place)).strip() for place in texts}
    words = " ".join(re.findall(r"[^\W\d_]+", " ".join(anchor.content for anchor in anchors.values()))[:WORDS])
    beside = {place: f"{said}\n{words}"[: texts[place].longest or LONG] for place, said in own.items() if words}
    for how, once in (("with its own words", own), ("with words of the stream", beside)):
        often = {place: _again(said, texts[place]) for place, said in once.items() if said}
        often = {place: said for place, said in often.items() if said != once[place]}
        both = [with_texts(draft, {place: said[place] for place in often}) for said in (once, often)]
        if often and all(is_valid(one, schema) for one in both):
            free = sorted({pattern_of(place) for place in often if not texts[place].longest})
            places = tuple(sorted({pattern_of(place) for place in often}))
            yield Padded(f"{FAMILY} {how}: {name}", both[0], both[1], tuple(free), places)


def earners(once: Verdict, often: Verdict) -> list[str]:
    """The rules that score more where the same is said more often; "the total" where no rule does and it rises."""
    found = [
        name
        for name, score in often.scores.items()
        if (before := once.scores.get(name)) and _value(before.value) + 1e-6 < _value(score.value, 0.0)
    ]
    return found or (["the total"] if often.total > once.total + 1e-6 else [])


def _value(value: float | None, missing: float = 1.0) -> float:
    return missing if value is None else value


def _again(said: str, text: FreeText) -> str:
    more = _MARKS.sub(" ", said).strip()
    count = ((text.longest or LONG) - len(said)) // (len(more) + 1)
    return "\n".join([said, *[more] * min(count, MOST)]) if count >= FEWEST and more else said


def sentence_on(padded: Padded, rules: Sequence[str]) -> tuple[str, str]:
    """What is wrong, and how to mend it."""
    where = f"{', '.join(padded.unlimited)}, which has no maxLength" if padded.unlimited else ", ".join(padded.places)
    message = (
        f'{" and ".join(rules)} earns by length: "{padded.name}" scores more for saying the same again in {where}.'
    )
    limit = "Give it a maxLength, and j" if padded.unlimited else "J"
    return message, f"{limit}udge what is said, each thing once, and not how much."
