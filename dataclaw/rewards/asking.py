"""Is the question one that the sample can answer, and does the sample do what the user asked?

Which windows, actions or spans a request keeps the rules of the domains judge. Here stands what holds for every domain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from rapidfuzz import fuzz
from wordfreq import zipf_frequency

from dataclaw.rewards.base import NOT_APPLICABLE, Case, Score, beyond, reach_of, rule, score_of
from dataclaw.rewards.prose import quotations, without_quotations
from dataclaw.rewards.similarity import alike
from dataclaw.rewards.texts import CJK, GENERIC, NUMBERED, POINTING, RECALL, answer_parts, inner_questions, stem, tokens
from dataclaw.schema import fields_of
from dataclaw.types import Finding, Json
from dataclaw.words import SHARE, words_beside

PICTURES = ("input_video", "input_image", "input_parts")
OPEN = 0.5
"""Score of a question whose source is named but not carried."""
SAME = 0.8
"""Likeness (see `alike`) from which a question is the user's own request."""
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


@rule("answerable")
def answerable(case: Case) -> Score:
    """Does the sample carry what its questions need? Mean over its questions.

    A question that points at a picture ("the graph", "shown below") needs a picture among the inputs and scores 0
    without one. Any other scores 1 when the sample has an input (video, pictures or text), or when choices or the
    passage that answers it stand beside it; else 0.5: its source is only named. Does not apply where the inputs are
    not known.
    """
    if case.inputs is None:
        return NOT_APPLICABLE
    seen = any(case.inputs.get(key) for key in PICTURES)
    carried = seen or bool(case.inputs.get("input_text")) or bool(_order(case))
    seen = seen or bool(case.inputs.get("output_image") or case.inputs.get("output_video"))
    findings: list[Finding] = []
    scores: list[float] = []
    for place, text, beside in _questions(case):
        points = POINTING["at_a_picture"].search(without_quotations(text))
        score = 1.0 if carried or beside else OPEN
        if points and not seen:
            score = 0.0
            message = f'"{points[0]}" is not carried: the sample has no picture'
            findings.append(Finding(place, message, "answerable", score))
        elif score < 1.0:
            message = "the sample carries neither picture nor text to answer from"
            findings.append(Finding(place, message, "answerable", score))
        scores.append(score)
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _order(case: Case) -> bool:
    """Whether the question holds the instruction that its picture follows: a prompt needs no other input."""
    said = str(fields_of(fields_of(case.draft).get("instruction")).get("text", ""))
    return bool(said and (case.inputs or {}).get("output_image")) and " ".join(said.split())[:80] in case.question


@rule("own_question")
def own_question(case: Case) -> Score:
    """1 when the sample asks a question of its own; 0 when its question is the user's request to this program.

    "Make good data from these" is no question for a model. Does not apply where the question is not known.
    """
    if not case.question:
        return NOT_APPLICABLE
    if alike(case.question, case.intent) < SAME:
        return Score(1.0)
    message = f'"{case.question[:60]}" is the user\'s request: ask what the answer answers'
    return score_of(0.0, [Finding("/question", message, "own_question", 0.0)])


@rule("deep_questions")
def deep_questions(case: Case) -> Score:
    """1 - 0.7 * the share of questions for a fact which a label gives: how many, when, who, what is done at 0:07.

    A question is one of the draft's inner ones, or a numbered line of its question. Does not apply to a single
    question without a number.
    """
    lines = [line for line in case.question.splitlines() if NUMBERED.match(line)]
    asked = [(place, str(fields["question"])) for place, fields in inner_questions(case) if not fields.get("choices")]
    asked = asked or [("/question", line) for line in lines]
    findings = [
        Finding(place, f'"{text[:60]}" asks for what a label says', "deep_questions", 0.3)
        for place, text in asked
        if RECALL.search(text)
    ]
    return score_of(1.0 - 0.7 * len(findings) / len(asked), findings) if asked else NOT_APPLICABLE


@rule("one_language")
def one_language(case: Case) -> Score:
    """Share of the question and the parts of the answer that are written in the language of the intent's script.

    Where a draft carries an instruction of the stream, to which its picture is the answer, that one's script counts.
    What stands in quotation marks is the stream's; a question that mostly is one quotation in another script counts
    half. Scripts: Chinese, Japanese and Korean characters against Latin letters.
    """
    given = fields_of(fields_of(case.draft).get("instruction"))
    wanted = (_script(str(given.get("text", ""))) if given.get("role") == "instruction" else "") or _script(case.intent)
    texts = [("/question", case.question), *((part.pointer, part.text) for part in answer_parts(case))]
    findings: list[Finding] = []
    scores: list[float] = []
    for place, text in texts:
        own = _script(without_quotations(text))
        if not own:
            continue
        score = 1.0 if not wanted or own == wanted else 0.0
        if score and place == "/question" and _script(" ".join(quotations(text))) not in ("", own):
            score = 0.5
        if score < 1.0:
            message = f'"{text[:40]}" is not wholly in {wanted or own} letters, as the request is'
            findings.append(Finding(place, message, "one_language", score))
        scores.append(score)
    return score_of(sum(scores) / len(scores), findings) if scores else NOT_APPLICABLE


def _questions(case: Case) -> list[tuple[str, str, bool]]:
    """`(pointer, text, whether its choices or passage stand beside it)` of the inner questions, else the outer one."""
    inner = [(f"{at}/question", str(fields["question"]), _answers(fields)) for at, fields in inner_questions(case)]
    return inner or ([("/question", case.question, False)] if case.question else [])


def _answers(fields: Mapping[str, Json]) -> bool:
    return bool(fields.get("choices") or fields_of(fields.get("evidence")).get("text"))


def _script(text: str) -> str:
    """The script that a text is in: "cjk", "latin" or "" for too little text."""
    cjk, latin = len(CJK.findall(text)), len(_LATIN.findall(text))
    if 2 * cjk > latin and cjk > 1:
        return "cjk"
    return "latin" if latin > 2 else ""


_WORDS = words_beside(__file__)
_PATTERNS = _WORDS.patterns
_NUMBERS: Mapping[str, int] = _WORDS.tables["numbers"]
_LANGUAGES: Mapping[str, str] = _WORDS.tables["languages"]
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
"""Where the words of a name are joined."""
TALK = _WORDS.sets["talk"]
"""Words of requests that ask for nothing by themselves."""
LATIN = ("en", "de", "es", "fr", "it", "nl", "pt")
"""Languages in Latin letters that are told apart, by their codes."""
ALIKE = 86.0
"""Least likeness (rapidfuzz, 0..100) of two forms of a word."""
FEWER = 0.9
"""Score of fewer items than are asked for: the stream may bear no more."""
LOOKED = 0.75
"""Share of the stream that a draft must reach, so that fewer items may be all that it bears."""
ENOUGH = 6
"""Fewest words by which a language is told."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a request demands of any sample.

    Attributes:
        most: largest number of items, None where it names none.
        least: smallest number of items, 0 where it names none.
        language: code of the language that it names, "" where it names none.
    """

    most: int | None = None
    least: int = 0
    language: str = ""


def demands_of(intent: str) -> Demands:
    """What a request demands: "at most 5 steps", "3 questions", "in German"."""
    text = " ".join(intent.casefold().split())
    most, least = None, 0
    if found := _PATTERNS["most"].search(text):
        most = _number(found["n"])
    elif found := _PATTERNS["exactly"].search(text):
        most = least = _number(found["n"])
    named = _PATTERNS["language"].search(text)
    code = _LANGUAGES.get(next(word for word in named.groups() if word), "") if named else ""
    return Demands(most, least, code)


def restricts(intent: str) -> bool:
    """Whether a request keeps a part of the stream: "only the shop", "the first 20 seconds", "without the mail"."""
    return bool(_PATTERNS["restricts"].search(intent.casefold()))


def _bears_more(case: Case, items: int) -> bool:
    """Whether much of the stream lies beyond what a draft speaks of, and differs enough in words for more items."""
    reach = reach_of(case)
    return reach is not None and reach < LOOKED and len({anchor.content for anchor in beyond(case)}) > items


@rule("obeys_request")
def obeys_request(case: Case) -> Score:
    """1 when the sample has the number of items and the language that the request names; the worst share else.

    Items are those of the answer's longest list. More than asked for score asked / given. Fewer than named score 0.9,
    since the stream may bear no more; but only their share where a quarter of the stream lies beyond what the draft
    speaks of, and could bear the others. Does not apply to a request that names neither.
    """
    asked = demands_of(case.intent)
    findings: list[Finding] = []
    scores: list[float] = []
    places = {part.pointer for part in answer_parts(case)}
    count = max(Counter(place.rpartition("/")[0] for place in places if place.count("/") > 1).values(), default=0)
    if asked.most is not None and count:
        score = asked.most / count if count > asked.most else 1.0 if count >= asked.least else FEWER
        if score == FEWER and _bears_more(case, asked.least - count):
            score = min(FEWER, count / asked.least)
        scores.append(score)
        if score < 1.0:
            findings.append(Finding("", f"{count} items, and {asked.most} are asked for", "obeys_request", score))
    text = " ".join(without_quotations(part.text) for part in answer_parts(case)) if asked.language else ""
    if own := language_of(text):
        scores.append(float(own == asked.language))
        if own != asked.language:
            message = f"it is written in {own!r}, and {asked.language!r} is asked for"
            findings.append(Finding("", message, "obeys_request", 0.0))
    return score_of(min(scores), findings) if scores else NOT_APPLICABLE


@rule("uses_request")
def uses_request(case: Case) -> Score:
    """Share of the words of the request that something used.

    A word is used when the task's own templates have it, when it names a number, a time or a language, or when the
    sample or the stream has it in some form: "load" in `CheckpointLoader`. Does not apply to a request of common words
    alone.
    """
    words = request_words(case.intent)
    if not words or not case.vocabulary:
        return NOT_APPLICABLE
    unused = unused_words(case)
    message = f"nothing here used {', '.join(repr(word) for word in unused[:8])} of the request"
    score = 1.0 - len(unused) / len(words)
    return score_of(score, [Finding("", message, "uses_request", score)] if unused else [])


def unused_words(case: Case) -> tuple[str, ...]:
    """The words of a case's request that nothing used, in order."""
    if "unused" not in case.memo:
        case.memo["unused"] = unsaid_words(request_words(case.intent), [*case.vocabulary, *_texts(case)])
    return cast("tuple[str, ...]", case.memo["unused"])


def unsaid_words(words: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Those of some words that no text has in any form; a name like `CheckpointLoader` has the words in it."""
    there = {stem(word) for text in texts for word in tokens(_JOINT.sub(" ", text))}
    return tuple(word for word in words if not _is_among(stem(word), there))


def request_words(intent: str) -> tuple[str, ...]:
    """The words of a request that ask for something, each once; those of scripts without blanks are not told apart."""
    plain = SHARE.sub(" ", intent.casefold())
    for name in ("most", "exactly", "language", "time"):
        plain = _PATTERNS[name].sub(" ", plain)
    found = (word for word in tokens(plain) if len(word) > 1 and not CJK.match(word))
    return tuple(dict.fromkeys(word for word in found if word not in {*TALK, *GENERIC, *_NUMBERS}))


def language_of(text: str) -> str:
    """Code of the language that a text is written in; "" for too few words."""
    if len(CJK.findall(text)) > 0.2 * len(text.strip() or " "):
        return "ja" if re.search(r"[\u3040-\u30ff]", text) else "zh"
    words = [word for word in tokens(text) if not CJK.match(word)][:200]
    if len(words) < ENOUGH:
        return ""
    return max(LATIN, key=lambda code: sum(zipf_frequency(word, code, wordlist="small") for word in words))


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


def _is_among(word: str, others: set[str]) -> bool:
    if word in others:
        return True
    near = [other for other in others if abs(len(word) - len(other)) < 3] if len(word) > 3 else []
    return any(other.startswith(word) or fuzz.ratio(word, other) >= ALIKE for other in near)


def _texts(case: Case) -> list[str]:
    """What the sample and the stream say."""
    said = [part.text for part in answer_parts(case)]
    logged = [f"{event.kind} {event.target} {event.window} {event.text} {event.role}" for event in case.events]
    seen = [f"{anchor.content} {anchor.attrs.get('phase') or ''}" for anchor in case.anchors.values()]
    return [*said, *logged, *seen]


VIDEO, IMAGE = "<video_gen>", "<image_recall>"


@rule("placeholders")
def placeholders(case: Case) -> Score:
    """1 when the answer has one `<video_gen>` exactly when there is an output video, and an `<image_recall>` an image.

    The k-th `<image_recall>` of the answer stands for the k-th entry of `output_image`. Both may also be mentioned in
    the question, which is not counted. The score falls with the number of placeholders that are missing or too many.
    Does not apply to drafts with neither media nor placeholders.

    Source: the placeholders of the paper's unified sample.
    """
    draft = cast("dict[str, Json]", case.draft) if isinstance(case.draft, dict) else {}
    answer = _text(draft.get("answer"))
    images: Json = draft.get("output_image")
    wanted = {
        VIDEO: int(bool(draft.get("output_video"))),
        IMAGE: len(cast("list[Json]", images)) if isinstance(images, list) else 0,
    }
    found = {mark: answer.count(mark) for mark in wanted}
    total = max(sum(wanted.values()), sum(found.values()))
    if not total:
        return NOT_APPLICABLE
    findings = [
        Finding(
            "/answer", f"{found[mark]} x {mark} in the answer, but {wanted[mark]} of it to show", "placeholders", 0.0
        )
        for mark in wanted
        if found[mark] != wanted[mark]
    ]
    off = sum(abs(found[mark] - wanted[mark]) for mark in wanted)
    return score_of(1.0 - off / total, findings)


def _text(value: Json) -> str:
    """All texts of an answer in the order they are read."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_text(item) for item in cast("list[Json]", value))
    return _text(cast("dict[str, Json]", value).get("text")) if isinstance(value, dict) else ""
