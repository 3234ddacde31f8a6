"""Does the answer say something: of this stream, legibly, each thing once, with a title that is one?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import cast

from wordfreq import get_frequency_dict

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, patterns, rule, score_of
from dataclaw.rewards.prose import quotations
from dataclaw.rewards.similarity import plain
from dataclaw.rewards.texts import (
    CJK,
    GENERIC,
    NOTHING,
    NUMBERED,
    PRAISE,
    WORDED,
    Part,
    answer_parts,
    fold_quotes,
    frequency,
    is_telling,
    stem,
    telling,
    tokens,
)
from dataclaw.schema import select
from dataclaw.types import Anchor, Finding, Json

SAYS, NAMES = 0.6, 0.4
"""Least score where the question names something of the stream: an answer that is a picture or a video; another one to
a question that shows its input."""
KIND = 0.1
"""What a part is worth that only has the measures and directions of what it cites: "moves 0.25 m down"."""
LISTED = 0.5
"""Share of separators to words from which a title is a list of keywords."""
PICTURED = frozenset({"frame", "shot", "motion", "clip", "change", "segment", "clean", "look"})
"""Kinds of anchors that stand for what pictures show."""
MUCH_PRAISE = 3
"""So many words of advertising make a part praise."""
KNOWN = 3.2
"""Words at least this frequent (Zipf scale) are known to every reader: "pancake"."""
ENDS = frozenset(
    [
        "a",
        "i",
        "it",
        "in",
        "on",
        "up",
        "to",
        "of",
        "off",
        "at",
        "by",
        "me",
        "us",
        "we",
        "he",
        "is",
        "be",
        "do",
        "go",
        "no",
        "so",
        "ok",
        "am",
        "pm",
        "an",
        "as",
        "or",
        "if",
        "my",
        "x",
        "y",
        "z",
    ]
)
"""Short words that may end a sentence; another one of two letters at most is a cut word."""
_CLAUSE = re.compile(r'("[^"]*"|“[^”]*”)|[.;:!?。；：！？](?!\d)\s*|,? and |, |\n+')
"""Where a clause ends; a quotation, which the first group takes, is never cut."""
_MARKS = re.compile(r"\s*(?:<(?:video_gen|image_recall)>\s*)+")
_NUMBERING = re.compile(r"^\s*(?:step )?\d+[.):]?\s+", re.IGNORECASE)


@rule("substance")
def substance(case: Case) -> Score:
    """Mean over the answer's parts: 1 where one says something of this stream, 0 where it would fit any.

    A part says something when it has a name, a quotation or a word that is neither talk nor generic (see
    `texts.toml`: "the subject on the right moves" has none), that the stream or something seen has too, and that does
    not merely praise. A word that nothing read or logged has counts half beside a picture, which may show it, and else
    nothing: what is made up is no substance. What is said again counts once. Where the question names something
    of the stream, the words of the answer may stay silent: 0.6 when it is a picture or a video (also where it is
    nothing else), 0.4 when the question shows its input; 0.1 where a part only has the measures and directions of what
    it cites. Does not apply to an answer without words.
    """
    said = {plain(_MARKS.sub(" ", part.text)): part for part in reversed(answer_parts(case))}
    parts = [part for part in reversed(said.values()) if part.text.strip() not in case.labels]  # a label says nothing
    if not parts:
        return NOT_APPLICABLE
    known = _known_words(case)
    findings: list[Finding] = []
    for part in parts:
        score, why = _substance_of(part, case, known)
        if score < 1.0:
            message = f'"{part.text.strip()[:60]}" {why}: name what distinguishes this one'
            findings.append(Finding(part.pointer, message, "substance", score))
    score = 1.0 - sum(1.0 - finding.score for finding in findings) / len(parts)
    return score_of(max(score, _floor(case, known)), findings)


def _substance_of(part: Part, case: Case, known: set[str]) -> tuple[float, str]:
    """How much a part says, and what is wrong with one that says less than it could."""
    if _MARKS.fullmatch(part.text):
        return SAYS, "is a picture or a video without a word"
    if len(PRAISE.intersection(tokens(part.text))) >= MUCH_PRAISE:
        return 0.0, "praises"
    said = [piece for piece in telling(part.text) if _counts(piece, case)]
    if not said:
        kind = set(tokens(part.text)) & {word for anchor in part.anchors for word in tokens(_text_of(anchor))}
        return (KIND, "says only what kind of thing happens") if kind & GENERIC else (0.0, "fits any stream")
    if any(_words(piece) & known or piece in known for piece in said):
        return 1.0, ""
    seen = any(anchor.frame is not None or anchor.kind in PICTURED for anchor in part.anchors)
    return (0.5, "speaks of what only a picture may show") if seen else (0.0, "speaks of what nothing shows")


def _counts(piece: str, case: Case) -> bool:
    """Whether a telling piece counts: one letter or number alone does only where an element is called so."""
    return len(piece) > 2 or bool(CJK.match(piece)) or any(piece == event.target.casefold() for event in case.events)


def _known_words(case: Case) -> set[str]:
    """The telling words of the stream's events and of everything seen, and what the events name whole."""
    if "known words" not in case.memo:
        logged = [f"{event.target} {event.window} {event.text} {' '.join(event.keys)}" for event in case.events]
        seen = [_text_of(anchor) for anchor in case.anchors.values()]
        given = (name for e in case.events for name in (e.target, e.window, e.text, *e.keys))
        names = {fold_quotes(name).casefold() for name in given if name}
        names |= {a.content.casefold() for a in case.anchors.values() if a.kind == "text"}
        case.memo["known words"] = names.union(*(_words(text) for text in (*logged, *seen)))
    return cast("set[str]", case.memo["known words"])


def _floor(case: Case, known: set[str]) -> float:
    """Least score: what the question and the media say beside the words."""
    inputs = case.inputs or {}
    if not _words(case.question) & known:
        return 0.0
    if inputs.get("output_video") or inputs.get("output_image"):
        return SAYS
    return NAMES if inputs.get("input_video") or inputs.get("input_image") else 0.0


def _words(text: str) -> set[str]:
    return {stem(word) for word in tokens(text) if is_telling(word)}


@rule("borne_out")
def borne_out(case: Case) -> Score:
    """Share of the answer's parts whose words the anchors cited beside them share, where those have words that tell.

    A quotation of what is cited bears it out as well. A good sentence over the proof of another is false. A part that
    cites no words of the stream's own (events, read text, speech, slides) is passed over: what a picture shows no rule
    can read.
    """
    findings: list[Finding] = []
    count = 0
    for part in answer_parts(case):
        said, there = set(_words(part.text)), _cited_words(part)
        texts = [fold_quotes(text) for text in _cited_texts(part)]
        quoted = any(words in text for words in quotations(part.text) for text in texts)
        count += bool(quoted or (said and there))
        if said and there and not said & there and not quoted:
            cited = ", ".join(f'{a.id} "{a.content[:40]}"' for a in part.anchors[:3])
            message = f'"{part.text.strip()[:60]}" shares no word with what it cites: {cited}'
            findings.append(Finding(part.pointer, message, "borne_out", 0.0))
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


def _cited_words(part: Part) -> set[str]:
    """The telling words of what a part cites."""
    return {word for text in _cited_texts(part) for word in _words(text)}


def _cited_texts(part: Part) -> list[str]:
    return [_text_of(anchor) for anchor in part.anchors if anchor.kind in WORDED]


def _text_of(anchor: Anchor) -> str:
    return f"{anchor.content} {' '.join(map(str, anchor.attrs.values()))}"


@rule("happens")
def happens(case: Case) -> Score:
    """Share of the answer's parts that do not say themselves that nothing is there or happens.

    "Moves 0.00 m", "as the last action left it", "unknown", "moves in place".
    """
    parts = answer_parts(case)
    findings = [
        Finding(part.pointer, f'"{found[0]}": nothing happens here, leave it out', "happens", 0.0)
        for part in parts
        if (found := NOTHING.search(part.text))
    ]
    return score_of(1.0 - len(findings) / len(parts), findings) if parts else NOT_APPLICABLE


@rule("no_repeats")
def no_repeats(case: Case) -> Score:
    """Share of the answer's clauses that no earlier item of the same list says, in the same stems or in other forms.

    Clauses end at punctuation and at "and"; those of one word, and those of the question, are passed over. Items that
    only name times or numbers differently repeat each other.
    """
    seen: dict[str, set[frozenset[str]]] = {}
    count = 0
    findings: list[Finding] = []
    asked = [line for line in case.question.splitlines() if NUMBERED.match(line)]
    for part in answer_parts(case):
        said = next((part.text.removeprefix(line) for line in asked if part.text.startswith(line)), part.text)
        clauses = {frozenset(telling(text)): text.strip() for text in _clauses(_NUMBERING.sub("", said.strip()))}
        earlier = seen.setdefault(part.pointer.rpartition("/")[0], set())
        for words, clause in clauses.items():
            if len(words) > 1:
                count += 1
                if words in earlier:
                    findings.append(Finding(part.pointer, f'"{clause[:60]}" is said before', "no_repeats", 0.0))
        earlier |= set(clauses)
    return score_of(1.0 - len(findings) / count, findings) if count > 1 else NOT_APPLICABLE


def _clauses(text: str) -> list[str]:
    """The clauses of a text; quotations stay whole."""
    return _CLAUSE.sub(lambda found: found[1] or "\n", text).split("\n")


@rule("titles")
def titles(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Share of titles that are a clause or a phrase, not a list of keywords, and not the title of another part.

    A list has semicolons, or commas between single words.

    Args:
        case: the draft.
        paths: patterns of the titles.
    """
    found = [(place, text) for path in patterns(paths) for place, text in select(case.draft, path)]
    named = [(place, text) for place, text in found if isinstance(text, str) and text.strip()]
    findings: list[Finding] = []
    seen: set[str] = set()
    for place, text in named:
        listed = ";" in text or len(re.findall(r"[,、·|/]", text)) >= LISTED * max(1, len(tokens(text)) - 1)
        if listed or f"{place.count('/')} {plain(text)}" in seen:
            why = "is a list of keywords" if listed else "is the title of another part too"
            findings.append(Finding(place, f'"{text[:60]}" {why}: say what this part is about', "titles", 0.0))
        seen.add(f"{place.count('/')} {plain(text)}")
    return score_of(1.0 - len(findings) / len(named), findings) if named else NOT_APPLICABLE


@rule("not_empty")
def not_empty(case: Case, *, paths: str | Sequence[str]) -> Score:
    """Share of lists and texts that are not empty: a chapter without a sentence says nothing of it.

    Args:
        case: the draft.
        paths: patterns of the lists and texts.
    """
    found = [(place, value) for path in patterns(paths) for place, value in select(case.draft, path)]
    findings = [Finding(place, "is empty", "not_empty", 0.0) for place, value in found if not value]
    return score_of(1.0 - len(findings) / len(found), findings) if found else NOT_APPLICABLE


@rule("several")
def several(case: Case, *, path: str, least: int = 2) -> Score:
    """1 for so many items or more, else their share: a procedure of one step is true and trivial.

    Args:
        case: the draft.
        path: pattern of the items.
        least: how many it takes.
    """
    count = sum(1 for _ in select(case.draft, path))
    score = min(1.0, count / max(1, least))
    return score_of(score, [Finding("", f"{count} of at least {least} steps", "several", score)] if score < 1.0 else [])


@rule("legible")
def legible(case: Case) -> Score:
    """Share of the answer's parts without a misread, joined or cut word.

    A word is misread when it is unknown and one letter off a frequent one ("produets"), joined when it is unknown and
    two frequent ones in a row ("pancakeinside"), cut when a part ends with one or two letters that are no word ("dust
    pa."). Names of elements, typed text, code, and words with digits or capitals inside are not judged.
    """
    names = _own_words(case)
    parts = answer_parts(case)
    findings: list[Finding] = []
    for part in parts:
        bad = next((why for word in _plain_words(part) if word not in names and (why := misread(word))), "")
        bad = bad or _cut(part.text)
        if bad:
            findings.append(Finding(part.pointer, bad, "legible", 0.0))
    return score_of(1.0 - len(findings) / len(parts), findings) if parts else NOT_APPLICABLE


@lru_cache(maxsize=16384)
def misread(word: str) -> str:
    """Why a case-folded word of Latin letters is taken for misread or joined; "" when it is not."""
    known = _usual_words()
    if len(word) < 5 or word in known or not word.isascii():
        return ""
    joined = any(word[:at] in known and word[at:] in known for at in range(4, len(word) - 3))
    near = "" if joined else next((other for other in _near(word) if other in known), "")
    if not (joined or near) or frequency(word) > 0:  # last, since it may have to load the list of rare words
        return ""
    return f'"{word}" is two words joined' if joined else f'"{word}" looks misread ("{near}"?)'


@cache
def _usual_words() -> frozenset[str]:
    """English words of at least `KNOWN` on the Zipf scale (base-10 logarithm of uses in 10^9 words)."""
    least = 10 ** (KNOWN - 0.005 - 9)
    return frozenset(word for word, share in get_frequency_dict("en", wordlist="small").items() if share >= least)


def _near(word: str) -> list[str]:
    """Every word at one substituted, missing or added letter from a word."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    swapped = [word[:at] + letter + word[at + 1 :] for at in range(len(word)) for letter in letters]
    added = [word[:at] + letter + word[at:] for at in range(len(word) + 1) for letter in letters]
    missing = [word[:at] + word[at + 1 :] for at in range(len(word))]
    return [other for other in (*swapped, *added, *missing) if other != word]


def _plain_words(part: Part) -> list[str]:
    """Words of letters alone, as they stand in a text, lower case or with a capital at the beginning."""
    return [word.casefold() for word in re.findall(r"(?<![\w.@/-])[A-Za-z][a-z]{4,}(?![\w@/-])", part.text)]


def _own_words(case: Case) -> frozenset[str]:
    """Words that the stream's makers named or typed: element names and typed text are what they are."""
    if "own words" not in case.memo:
        told = frozenset({"narration", "cue", "speech", "page", "caption"})
        texts = [f"{e.target} {e.window} {'' if e.kind in told else e.text}" for e in case.events]
        texts += [" ".join(cast("dict[str, Json]", e.attrs.get("inputs") or {})) for e in case.events]  # of a node
        case.memo["own words"] = frozenset(word for text in texts for word in tokens(text))
    return cast("frozenset[str]", case.memo["own words"])


def _cut(text: str) -> str:
    last = re.search(r"(?<=[a-z,] )([a-z]{1,2})[.\"”]*$", text.strip())
    return f'"{last[1]}" at the end is a cut word' if last and last[1] not in ENDS else ""
