"""What the library's rules cannot judge: teaching text, answers, the next step, pictures in place, chapters, scope.

The library's `quotes` judges text in quotation marks. Here whole paragraphs quote several cues, and have to agree with
them word for word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import cast

from dataclaw.domains.education.board import formula
from dataclaw.domains.education.chapters import MOST, TYPICAL
from dataclaw.domains.education.intents import LessonIntent, parse_intent
from dataclaw.domains.education.lessons import text_of
from dataclaw.domains.education.qa_rules import answerable, enough
from dataclaw.domains.education.reading import kept_anchors, text_or_empty, texts_in, time_of, words_by
from dataclaw.domains.education.sentences import pieces
from dataclaw.domains.education.words import has_run, language_of, mend_text, tokens
from dataclaw.rewards import NOT_APPLICABLE, Case, Score, anchors_around, anchors_of, rule, score_of
from dataclaw.rewards.base import patterns
from dataclaw.rewards.prose import quotations
from dataclaw.schema import citing_objects, fields_of, number_of, objects_of, select
from dataclaw.types import Anchor, Finding, Json

CLOSE = 0.05
"""Times closer than this are the same [s]."""

LATE = 20.0
"""Longest greeting or title picture before the first chapter [s]."""

RUN = 3
"""Words in a row that show where a text comes from."""

LEAST, ASKED = 0.5, 0.75
"""Least number of chapters, as a share of one for every two minutes, and of the number asked for."""

_WORDED = frozenset({"event", "speech", "slide", "text"})
PICTURE = "<image_recall>"
_NUMBERED = re.compile(r"[eu]\d+")
_MARKUP = re.compile(r"<(?:image_recall|video_gen)>|^#+ |^- ", re.MULTILINE)


@rule("education.told")
def verbatim(case: Case, *, paths: str | Sequence[str], split: str | Sequence[str] = "") -> Score:
    """Share of teaching text, by words, that stands word for word in what is cited beside it, across cues in a row.

    Text is compared sentence by sentence; letter case, white space and punctuation do not count, nor do headings' marks
    and placeholders, nor letters that were misread for certain (`words.mend_word`). Each sentence has to
    stand in one cited anchor, or in cited events that follow one another.

    Args:
        case: the draft.
        paths: patterns of the texts.
        split: marks that divide a text into pieces, besides sentences (";" in a title, ": " after a speaker).
    """
    words = right = 0
    findings: list[Finding] = []
    for pattern in patterns(paths):
        for place, text in select(case.draft, pattern):
            if not isinstance(text, str):
                continue
            sources = _sources(anchors_around(place, case))
            for piece in dict.fromkeys(_pieces(text, *patterns(split))):
                said = tokens(piece)
                held = any(has_run(source, said) for source in sources)
                words += len(said)
                right += len(said) if held else 0
                if said and not held:
                    message = f'"{piece[:60]}" is not what the cited cues, pages or slides say'
                    findings.append(Finding(place, message, "education.told", 0.0))
    return score_of(right / words, findings) if words else NOT_APPLICABLE


@rule("education.to_the_point")
def to_the_point(case: Case) -> Score:
    """Share of citations of cues, pages, exercises, slides and read lines that bear on what is said beside them.

    One bears on it when it shares three words in a row with a text of the same object (or of one inside it that cites
    it too), or all words of a shorter text;
    when it holds the last or the first one or two words of a text that runs on in another cited cue; when a chapter
    starts with it; or when it is the slide whose picture stands in the text. Thoughts count too: one that repeats
    another, or itself, bears on nothing.
    """
    findings: list[Finding] = []
    count = 0
    for place, entries in _citing_objects(case):
        own = _split(_own_texts(entries))
        cited = anchors_of(entries, case)
        for anchor in cited:
            if anchor.kind not in _WORDED:
                continue
            count += 1
            texts = [*own, *_split(_texts_with(anchor, entries))]
            if not _bears_on(anchor, entries, texts) and not _borders(anchor, cited, texts):
                message = f"{anchor.id} is cited, but nothing here is taken from it"
                findings.append(Finding(f"{place}/cite", message, "education.to_the_point", 0.0))
    thought_of: list[list[str]] = []
    for at, thought in enumerate(objects_of(case.draft, "cot")):
        parts = [" ".join(tokens(piece)) for piece in pieces(text_or_empty(thought.get("text")))]
        count += 1
        if parts in thought_of or len(set(parts)) < len(parts):
            findings.append(Finding(f"/cot/{at}", "was thought before", "education.to_the_point", 0.0))
        thought_of.append(parts)
    return score_of(1.0 - len(findings) / count, findings) if count else NOT_APPLICABLE


@rule("education.order")
def order(case: Case) -> Score:
    """Do pictures stand where they were shown? Mean over the draft's pictures, each 1 or 0.

    The k-th `<image_recall>` of the answer is the k-th output image; its frame lies between the earliest anchor that
    its paragraph cites and the start of the next paragraph with a picture, and after every input image. Does not apply
    to drafts without output images.
    """
    images = objects_of(case.draft, "output_image")
    times = [time_of(case, image.get("frame")) for image in images]
    if not times:
        return NOT_APPLICABLE
    inputs = [time_of(case, image.get("frame")) for image in objects_of(case.draft, "input_image")]
    spans = _picture_spans(case)
    findings: list[Finding] = []
    for k, time in enumerate(times):
        low, high = spans[k] if k < len(spans) else (float("-inf"), float("inf"))
        if not low - CLOSE <= time <= high + CLOSE:
            message = f"shown at {time:.2f} s, but its paragraph is about {low:.2f} s to {high:.2f} s"
            findings.append(Finding(f"/output_image/{k}", message, "education.order", 0.0))
        elif any(time <= before + 1e-6 for before in inputs):
            message = f"shown at {time:.2f} s, not after the question's picture"
            findings.append(Finding(f"/output_image/{k}", message, "education.order", 0.0))
    return score_of(1.0 - len(findings) / len(times), findings)


@rule("education.chapters")
def chapters(case: Case) -> Score:
    """Do chapters begin where something begins, one after the other, each about its own stretch? Mean of the checks.

    Each start is the start of a cited cue, page or slide and later than the one before; sentences begin between their
    chapter's start and the next one's, and may end in the cue in which the next one begins. Unless the intent names a
    topic, the first chapter begins where the first event or frame of the asked span does.
    """
    found = objects_of(case.draft, "chapters")
    if not found:
        return score_of(0.0, [Finding("/chapters", "there is no chapter", "education.chapters", 0.0)])
    starts = [number_of(chapter.get("start"), math.nan) for chapter in found]
    checks: list[tuple[str, str]] = [_covers(case, starts[0]), _many(case, len(found))]
    for at, (chapter, start) in enumerate(zip(found, starts, strict=True)):
        end = starts[at + 1] if at + 1 < len(starts) else float("inf")
        place = f"/chapters/{at}"
        begins = any(abs(anchor.t0 - start) <= CLOSE for anchor in anchors_of(chapter, case))
        checks.append((f"{place}/start", "" if begins else f"nothing cited here begins at {start:.2f} s"))
        checks.append((f"{place}/start", "" if start < end else f"{start:.2f} s is not before the next chapter"))
        for k, sentence in enumerate(objects_of(chapter, "sentences")):
            cited = anchors_of(sentence, case)
            outside = [a for a in cited if not start - CLOSE <= a.t1 or a.t0 > end + CLOSE]
            outside += [a for a in cited[:1] if min(b.t0 for b in cited) >= end]
            message = f"{outside[0].id} is not said between {start:.2f} s and {end:.2f} s" if outside else ""
            checks.append((f"{place}/sentences/{k}", message))
    findings = [Finding(place, problem, "education.chapters", 0.0) for place, problem in checks if problem]
    return score_of(1.0 - len(findings) / len(checks), findings)


@rule("education.next_step")
def next_step(case: Case) -> Score:
    """Is it the next step that is shown, and does the answer tell more than the question? Mean of four checks.

    A cited change of the board was made between the input picture and the first output picture; the answer says
    something beside the pictures, citing words that were read or said; and it does not only quote what stood on the
    board before, or what stands in the question.
    """
    before, after = (
        [image.get("frame") for image in objects_of(case.draft, key)] for key in ("input_image", "output_image")
    )
    steps = [a for _, a in kept_anchors(case) if a.source == "board_steps"]
    pairs = {(a.attrs.get("before"), a.attrs.get("after")) for a in steps}
    worded = [a for p in objects_of(case.draft, "answer") for a in anchors_of(p, case) if a not in steps]
    question = text_or_empty(fields_of(fields_of(case.draft).get("question")).get("text"))
    quoted = [q for p in objects_of(case.draft, "answer") for q in quotations(text_or_empty(p.get("text")))]
    earlier = [formula(a.content) for a in case.anchors.values() if a.kind == "text" and a.frame in before]
    known = [q for q in quoted if formula(q) and any(has_run(tokens(line), tokens(q)) for line in earlier)]
    fresh = [q for q in quoted if q not in known and any(c.isdigit() for c in q)]
    checks = (
        (
            "/input_image",
            bool(before and after and (before[0], after[0]) in pairs),
            "no cited step lies between the pictures",
        ),
        ("/answer", bool(worded), "cites nothing that was read or said"),
        ("/question", not any(q in question for q in fresh), "gives the next step away"),
        ("/answer", bool(fresh) or not known, "quotes nothing but what stood on the board before"),
    )
    findings = [Finding(place, problem, "education.next_step", 0.0) for place, right, problem in checks if not right]
    return score_of(1.0 - len(findings) / len(checks), findings)


@rule("education.asked")
def requested_scope(case: Case, *, items: str, each: bool = True, passage: float = 0.0) -> Score:
    """Is it what the intent asks for: how many, from which stretch, about what? Mean of the checks that apply.

    At most as many items as the intent names (fewer are no fault: a lesson may not give more); every kept event and
    frame lies in the span that it names; every item, or the draft as a whole, says or cites the words that it names as
    the topic, or is taken from a passage in which they were said shortly before; and nothing is left out for a span or
    a topic that it does not name. Does not apply to an intent that names none of these and a draft that leaves nothing
    out for them.

    Args:
        case: the draft.
        items: key of the array whose items are counted.
        each: whether every item has to be about the topic, not only the draft.
        passage: how long before an item its topic may have been named [s]; a passage goes on about what it began with.
    """
    intent = parse_intent(case.intent, case.window)
    found = objects_of(case.draft, items)
    checks: list[tuple[str, str]] = []
    if intent.count:
        many = len(found) > intent.count
        checks.append((f"/{items}", f"{len(found)} of them, but {intent.count} were asked for" if many else ""))
    if intent.span != (float("-inf"), float("inf")):
        outside = [(place, a) for place, a in kept_anchors(case) if not _in_span(a, intent.span)]
        checks += [(place, f"{a.id} at {a.t0:.2f} s is outside what was asked for") for place, a in outside] or [
            ("", "")
        ]
    named = {"other_topic": bool(intent.topic), "other_time": intent.span != (float("-inf"), float("inf"))}
    for at, entry in enumerate(objects_of(case.draft, "left_out")):
        reason = str(entry.get("reason"))
        if not named.get(reason, True):
            checks.append((f"/left_out/{at}/reason", f"{reason}, but the intent names none"))
    if intent.topic:
        body = {k: v for k, v in fields_of(case.draft).items() if k not in {"cot", "left_out"}}
        subjects = [(f"/{items}/{at}", item) for at, item in enumerate(found)] if each else [("", body)]
        off = f'is not about "{" ".join(intent.topic)}"'
        checks += [(place, "" if _about(intent, subject, case, passage) else off) for place, subject in subjects]
    findings = [Finding(place, problem, "education.asked", 0.0) for place, problem in checks if problem]
    return score_of(1.0 - len(findings) / len(checks), findings) if checks else NOT_APPLICABLE


def _about(intent: LessonIntent, subject: Mapping[str, Json], case: Case, passage: float) -> bool:
    """Whether something is about the topic, by its words, those that it cites, and those said just before."""
    cited = [a for _, entries in citing_objects(subject) for a in anchors_of(entries, case)]
    before = [e.text for e in case.events if passage and any(a.t0 - passage <= e.t0 < a.t0 for a in cited)]
    said = " ".join([*texts_in(subject), *(words_by(a) for a in cited), *before])
    return intent.concerns(said, language_of([said])) or intent.renames(said)


def _citing_objects(case: Case) -> Iterator[tuple[str, dict[str, Json]]]:
    """Objects that cite and say something, with their places."""
    for key, value in fields_of(case.draft).items():
        if key not in {"cot", "left_out", "input_image", "output_image"}:
            yield from citing_objects(value, f"/{key}")


def _own_texts(entries: Mapping[str, Json]) -> list[str]:
    """Texts of an object that its own `cite` proves: those of inner objects with a `cite` are theirs."""
    flat = [value for value in entries.values() if isinstance(value, str)]
    lists = [cast("list[Json]", value) for key, value in entries.items() if isinstance(value, list) and key != "cite"]
    return flat + [item for items in lists for item in items if isinstance(item, str)]


def _texts_with(anchor: Anchor, entries: Mapping[str, Json]) -> list[str]:
    """Texts of inner objects that cite an anchor too: evidence may hold what an answer leaves out."""
    inner = [cast("dict[str, Json]", value) for value in entries.values() if isinstance(value, dict)]
    return [text for one in inner if anchor.id in one.get("cite", []) for text in _own_texts(one)]


def _split(texts: Sequence[str]) -> list[list[str]]:
    """The pieces of texts, and what they quote, as words."""
    return [tokens(part) for text in texts for part in (*_pieces(text, ";", ": "), *quotations(text))]


def _bears_on(anchor: Anchor, entries: Mapping[str, Json], texts: Sequence[Sequence[str]]) -> bool:
    if anchor.kind == "slide" and any(PICTURE in text for text in _own_texts(entries)):
        return True
    if "start" in entries and abs(anchor.t0 - number_of(entries["start"], math.nan)) <= CLOSE:
        return True
    source = (
        tokens(words_by(anchor)) + ["/"] * RUN + (tokens(mend_text(words_by(anchor))) if anchor.kind == "slide" else [])
    )
    runs = [text[at : at + RUN] for text in texts for at in range(max(1, len(text) - RUN + 1)) if text]
    said = tokens(text_of(anchor))
    short = len(said) < RUN and any(has_run(text, said) for text in texts)
    return short or any(has_run(source, run) for run in runs)


def _borders(anchor: Anchor, cited: Sequence[Anchor], texts: Sequence[Sequence[str]]) -> bool:
    """Whether a text ends, or begins, in a cue with fewer than `RUN` words, and continues in a cue cited beside it.

    Cues are cut by width: of a sentence over three cues, the last may hold only the last word.
    """
    numbers = {int(a.id[1:]) for a in cited if _NUMBERED.fullmatch(a.id)}
    at = int(anchor.id[1:]) if _NUMBERED.fullmatch(anchor.id) else -2
    before, after = at - 1 in numbers, at + 1 in numbers
    said = tokens(text_of(anchor))
    ends = [text[-n:] for text in texts for n in range(1, RUN) if len(text) > n] if before else []
    begins = [text[:n] for text in texts for n in range(1, RUN) if len(text) > n] if after else []
    return any(said[: len(end)] == end for end in ends) or any(said[-len(begin) :] == begin for begin in begins)


def _covers(case: Case, start: float) -> tuple[str, str]:
    intent = parse_intent(case.intent, case.window)
    begun = [e.t0 for e in case.events if e.kind in {"cue", "page", "slide"}] or list(case.frame_times)
    inside = [t for t in begun if intent.within(t) and case.window[0] <= t <= case.window[1]]
    first = min(inside, default=start)
    late = not intent.topic and start > first + LATE
    return "/chapters/0/start", f"begins at {start:.2f} s, but the lesson does at {first:.2f} s" if late else ""


def _many(case: Case, count: int) -> tuple[str, str]:
    """Whether there are as many chapters as asked, or one about every two minutes, as far as the parts allow."""
    intent = parse_intent(case.intent, case.window)
    begun = [e.t0 for e in case.events if e.kind in {"cue", "page", "slide"}]
    begun = begun or [a.t0 for a in case.anchors.values() if a.kind in {"slide", "speech"}]
    inside = [t for t in begun if intent.within(t)]
    usual = round((max(inside) - min(inside)) / TYPICAL) if inside else 1
    expected = ASKED * min(intent.count, len(inside)) if intent.count else LEAST * min(usual, MOST, len(inside))
    few = not intent.topic and count < expected
    return "/chapters", f"{count} chapter(s) are few: {expected:.1f} at least are needed" if few else ""


def _picture_spans(case: Case) -> list[tuple[float, float]]:
    """Span of each placeholder: from the first anchor of its paragraph to that of the next picture."""
    starts: list[float] = []
    for paragraph in objects_of(case.draft, "answer"):
        anchors = anchors_of(paragraph, case)
        begin = min((a.t0 for a in anchors), default=float("-inf"))
        starts += [begin] * text_or_empty(paragraph.get("text")).count(PICTURE)
    return [(a, b if b > a else float("inf")) for a, b in pairwise([*starts, float("inf")])]


def _pieces(text: str, *marks: str) -> Iterator[str]:
    text = _MARKUP.sub("\n", text)
    for mark in filter(None, marks):
        text = text.replace(mark, "\n")
    for line in text.splitlines():
        yield from pieces(line)


def _sources(anchors: Sequence[Anchor]) -> list[list[str]]:
    """Token sequences to search: the words of each anchor, and those of cited events in a row."""
    found = [tokens(words_by(anchor)) for anchor in anchors]
    found += [tokens(mend_text(words_by(anchor))) for anchor in anchors if anchor.kind == "slide"]
    runs: list[tuple[int, list[str]]] = []
    numbered = [(int(a.id[1:]), a) for a in anchors if _NUMBERED.fullmatch(a.id)]
    for index, anchor in sorted(numbered, key=lambda pair: pair[0]):
        said = tokens(text_of(anchor))
        if runs and runs[-1][0] == index - 1:
            runs[-1] = (index, [*runs[-1][1], *said])
        else:
            runs.append((index, said))
    return [*found, *(run for _, run in runs)]


def _in_span(anchor: Anchor, span: tuple[float, float]) -> bool:
    """Whether an anchor lies in a span at least in part; a slide may be shown before it."""
    return anchor.t0 < span[1] and max(anchor.t1, anchor.t0) >= span[0] - CLOSE


__all__ = ["answerable", "chapters", "enough", "next_step", "order", "requested_scope", "to_the_point", "verbatim"]
