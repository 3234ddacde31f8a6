"""Questions that a caption of a whole clip answers, from its parts: who does what, to what, where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dataclaw.domains.daily.questions import Question, phrase_question
from dataclaw.domains.daily.recording import CitedNarration
from dataclaw.domains.daily.verbs import base_of
from dataclaw.words import words_beside

_PATTERNS = words_beside(__file__).patterns
_SENTENCES = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class CaptionParts:
    """A caption's parts; "" for what it does not have.

    Attributes:
        who: who is seen.
        manner: how it is done ("skillfully").
        verb: the -ing form.
        what: what it is done to, with all that belongs to it.
        where: the setting, from its preposition on.
        whole: what it is done in the course of.
    """

    who: str
    manner: str
    verb: str
    what: str
    where: str
    whole: str


def parse_caption(caption: str) -> CaptionParts | None:
    """The parts of "A chef cutting bread into slices, inside a kitchen."; None when nobody is said to do something.

    Of several sentences it is the first one in which somebody does something.
    """
    text = _PATTERNS["shot"].sub("", " ".join(caption.split()))
    return next((parts for said in _SENTENCES.split(text) if (parts := _parse_sentence(said.rstrip(".!")))), None)


def _parse_sentence(text: str) -> CaptionParts | None:
    words = text.split()
    at = next((k for k, w in enumerate(words) if k and w.endswith("ing") and base_of(w, first=False)), -1)
    if at < 0:
        return None
    head = [w for w in words[:at] if w.lower() not in {"is", "are"}]
    manner = head.pop() if len(head) > 1 and head[-1].endswith("ly") else ""
    after = " ".join(words[at + 1 :])
    tail, course = _PATTERNS["aside"].sub("", after), _PATTERNS["course"].search(after)
    setting = _PATTERNS["setting"].search(tail)
    where = setting[1] if setting else ""
    what = tail[: setting.start()] if setting else tail
    return CaptionParts(" ".join(head), manner, words[at].lower(), what.strip(" ,"), where, course[1] if course else "")


def caption_questions(caption: CitedNarration, *, chinese: bool = False) -> Iterator[Question]:
    """Questions that the caption answers."""
    text = " ".join(caption.text.split()).replace('"', "'")
    parts = parse_caption(text)
    if chinese or parts is None or not parts.what:
        found = {"scene": text}
    else:
        found = {"action-caption": f"{parts.verb} {parts.what}{f', {parts.manner}' if parts.manner else ''}"}
        found |= {"place-caption": parts.where, "why-caption": parts.whole, "scene-who": _with_article(parts.who)}
    for phrase, answer in found.items():
        if answer or phrase == "scene":
            yield replace(phrase_question(phrase, [caption], chinese, answer=answer), apart=True)


def _with_article(who: str) -> str:
    """Who is seen, with an article; "" for nobody."""
    if not who:
        return ""
    determined = re.match(r"(?:an?|the|two|three|some|several) ", who.lower())
    article = "" if determined else "an " if who[:1].lower() in "aeiou" else "a "
    return f"{article}{who[:1].lower()}{who[1:]}"
