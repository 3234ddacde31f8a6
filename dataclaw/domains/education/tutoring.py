"""`stuck_point_tutoring`: a student is stuck before a step of a derivation; the answer shows and tells that step.

A step is ink added to a board. What it says is read off the picture, or said by the lecturer meanwhile. A step without
either cannot be taught and is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.education.board import BoardLine, BoardReader, BoardStep, read_step
from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.lessons import Lesson, read_lesson
from dataclaw.domains.education.told import ToldOfLesson
from dataclaw.domains.education.words import tokens
from dataclaw.errors import PolicyError
from dataclaw.planning import Asking, ask, decline, option, pick, statement, submit
from dataclaw.types import Anchor, Brief, Json
from dataclaw.words import words_beside

PICTURE = "<image_recall>"
STEPS, SAID = 8, 6
"""Most steps that are read, which takes a second or more each, and most sentences before a step that tell of it."""

_SAYS: Mapping[str, Mapping[str, str]] = {code: words_beside(__file__).tables[code] for code in ("en", "es")}


class ToldSteps(ToldOfLesson):
    """What is known of the steps on a board; here, what its stream says."""

    def to_read(self, steps: Sequence[Anchor]) -> Sequence[Anchor]:
        """The steps to read, at most `STEPS` of them, evenly over all of them."""
        return [steps[at * len(steps) // STEPS] for at in range(STEPS)] if len(steps) > STEPS else steps

    def step(self, one: BoardStep, seen: Lesson) -> BoardStep:
        """A step with what is known of it."""
        del seen
        return one


def tutor(brief: Brief, told: ToldSteps | None = None) -> Asking[None]:
    """Plan of `stuck_point_tutoring`."""
    if not brief.frames:
        raise decline("it has no picture of a step that a student could be stuck at", "Put the video beside it.")
    told = told or ToldSteps()
    seen = yield from read_lesson(brief, slides="never", heard=False)
    steps = yield from ask("board_steps")
    chosen = [step for step in steps.anchors if seen.intent.within(step.t0)]
    reader = BoardReader(brief.frames)
    found: list[BoardStep] = []
    for step in told.to_read(chosen):
        one = yield from read_step(step, seen, reader)
        found.append(one)
    teaching = [one for one in found if one.teaches]
    best = _best(teaching, seen)
    name, by = "", "rules"
    if found:
        options = [_option(one, chosen, seen) for one in found]
        name, by = yield from pick("education.stuck", options, (best or found[0]).step.id)
    if by == "rules" and best is None:
        raise _nothing(chosen, teaching, seen)
    one = told.step(next((one for one in found if one.step.id == name), found[0]), seen)
    if not one.teaches:
        raise _nothing(chosen, [], seen)
    yield from submit(_draft(one, seen, found if by != "rules" else teaching))


def _option(one: BoardStep, steps: Sequence[Anchor], seen: Lesson) -> Anchor:
    """A step as an option: what is written in it, and what is said since the step before."""
    step, place = one.step, _place(one.step)
    since = max((other.t1 for other in steps if other.t1 < step.t0), default=0.0)
    said = [s.text for s in seen.sentences if since <= s.t0 <= step.t1][-SAID:]
    lines = [line.read for line in (*one.written, one.reached) if line]
    cites = [step.id, *(cite for line in one.written for cite in line.cites)]
    words = " ".join([*lines, *said])
    return option(step.id, words or place, cites, place=place, t0=round(step.t0, 2), t1=round(step.t1, 2))


def _best(found: Sequence[BoardStep], seen: Lesson) -> BoardStep | None:
    """The step that is asked for and has most to teach; the earlier one of equals."""
    fitting = [one for one in found if _fits(one, seen)]
    return max(fitting, key=lambda one: (_detail_score(one), -one.step.t0), default=None)


def _fits(one: BoardStep, seen: Lesson) -> bool:
    """Whether a step is about the topic: by its words, or by a figure at the vertex of the angle asked for.

    An angle is named by three points, its vertex in the middle: "48" at M is the angle KML.
    """
    vertices = {word[1].upper() for word in seen.intent.topic if len(word) == 3}
    intent, at = seen.intent, one.point.content.strip() if one.point else ""
    return intent.concerns(one.text, seen.language) or intent.renames(one.text) or at in vertices


def _detail_score(one: BoardStep) -> int:
    formulas = 0 if one.point else len(one.written)
    return (
        2 * min(formulas, 2)
        + 2 * (one.label is not None)
        + (one.reached is not None)
        + 2 * one.teaches
        + bool(one.spoken)
    )


def _draft(one: BoardStep, seen: Lesson, found: Sequence[BoardStep]) -> dict[str, Json]:
    step = one.step
    before, after = int(step.attrs["before"]), int(step.attrs["after"])
    elsewhere = bool(one.written) and one.frame != after
    shown: list[Json] = [{"cite": [step.id], "frame": after}]
    shown += [{"cite": [one.written[0].cites[0]], "frame": one.frame}] if elsewhere else []
    said = _SAYS[_language(seen)]
    return {
        "cot": _thoughts(one, said),
        "input_image": [{"cite": [step.id], "frame": before}],
        "question": _question(one, seen, said),
        "answer": _answer(one, seen, said, elsewhere=elsewhere),
        "output_image": shown,
        "left_out": left_out([step.id], other_time=seen.outside, other_step=(f.step.id for f in found)),
    }


def _answer(one: BoardStep, seen: Lesson, said: Mapping[str, str], *, elsewhere: bool) -> list[Json]:
    """What is done next and why, and what is written by it; a second picture where the board was moved meanwhile."""
    reason = _reason(one, said)
    cites = [c for s in one.spoken for c in s.cites]
    told: list[Json] = [statement(" ".join(s.text for s in one.spoken), [one.step.id, *cites])] if one.spoken else []
    if not one.written:
        return [*told, statement(f"{said['look'].format(place=_place(one.step))} {PICTURE}", [one.step.id])]
    result = f"{reason.text} {_result(one, seen, said)} {PICTURE}".strip()
    lines = [cite for line in one.written for cite in line.cites]
    if not elsewhere:
        return [*told, statement(result, [one.step.id, *reason.cites, *lines])]
    at = one.point
    hint = said["look_at"].format(point=at.content.strip()) if at else said["look"].format(place=_place(one.step))
    opening = statement(f"{hint} {PICTURE}", [one.step.id])
    return [*told, opening, statement(result, [*lines, *reason.cites])]


def _reason(one: BoardStep, said: Mapping[str, str]) -> BoardLine:
    """Why the step is taken, with the ids that prove it."""
    deed = one.deed
    heard = {token for s in one.spoken for token in tokens(s.text)}
    if deed is not None and heard and heard.issuperset(tokens(deed.amount)):
        return BoardLine("", ())  # it is said
    if deed is not None:
        before = one.reached if deed.deed != "compute" else None
        text = said[deed.deed].format(amount=deed.amount, line=before.text if before else "")
        return BoardLine(text, before.cites if before else ())
    if one.written and one.twin:
        figure, letter = one.twin
        text = said["same"].format(size=figure.content.strip(), point=letter.content.strip())
        return BoardLine(text, (figure.id, letter.id))
    return BoardLine("", ())


def _result(one: BoardStep, seen: Lesson, said: Mapping[str, str]) -> str:
    """What is written, and the angle that it is where the intent names one."""
    if one.point is None:
        return said["gives"].format(line=said["then"].join(f'"{line.text}"' for line in one.written))
    point, figure = one.point.content.strip(), one.written[0].text
    result = said["beside"].format(figure=figure, point=point)
    named = next((word.upper() for word in seen.intent.topic if len(word) == 3 and word[1].upper() == point), "")
    return f"{result} {said['angle'].format(name=named, size=figure)}" if named and one.twin else result


def _question(one: BoardStep, seen: Lesson, said: Mapping[str, str]) -> dict[str, Json]:
    intent = seen.intent
    label = one.label if one.label and intent.concerns(one.label.content, seen.language) else None
    asked = "" if one.subject else label.content if label else intent.name
    parts = [said["subject"].format(what=one.subject)] if one.subject else []
    parts.append(said["reached"].format(line=one.reached.text) if one.reached else said["shown"])
    if asked:
        parts.append(said["asks_about"].format(what=f'"{asked}"' if label else asked))
    else:
        parts.append(said["asks_at"].format(point=one.point.content.strip()) if one.point else said["asks"])
    named = label if asked else one.point
    cites = [*([named.id] if named else []), *(one.reached.cites if one.reached else ())]
    return statement(" ".join(parts), [one.step.id, *cites])


def _thoughts(one: BoardStep, said: Mapping[str, str]) -> list[Json]:
    step, warning, reason = one.step, one.warning, _reason(one, said)
    when = said["added"].format(t0=step.t0, t1=step.t1, place=_place(step))
    thoughts: list[Json] = []
    if warning:
        text = said["warned"].format(t0=warning.t0, text=warning.text.rstrip(".!"))
        thoughts.append(statement(text, warning.cites))
    thoughts.append(statement(when, [step.id]))
    if reason.text:
        thoughts.append(statement(reason.text, reason.cites or one.written[0].cites[:1]))
    return thoughts


def _language(seen: Lesson) -> str:
    """Language of the tutor: the lesson's, where there are words for it."""
    return seen.language if seen.language in _SAYS else "en"


def _place(step: Anchor) -> str:
    return step.content.partition(":")[0]


def _nothing(steps: Sequence[Anchor], found: Sequence[BoardStep], seen: Lesson) -> PolicyError:
    if not steps:
        remedy = "Ask for an interleaved_lesson or a lecture_summary."
        return decline("no step is added to a board in it; its pictures are replaced as a whole", remedy)
    if not found:
        remedy = "Put subtitles beside the video, or raise its resolution."
        return decline(
            "no step on its board is explained: nothing readable says why it follows, and nothing is said", remedy
        )
    topic = " ".join(seen.intent.topic)
    return decline(f'no step on its board is about "{topic}"', "Name it as it is written there, or ask for any step.")
