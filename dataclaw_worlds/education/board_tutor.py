"""Expert of `stuck_point_tutoring` at the board: the step that is meant, what is done in it and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataclaw.domains.education.leftovers import left_out
from dataclaw.domains.education.words import tokens
from dataclaw.planning import Asking, ask, decline, statement, submit
from dataclaw.rewards.prose import holds
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.education.evidence import HeardSentence, Transcript, Truth, listen, said_at, truths
from dataclaw_worlds.education.scope import in_order
from dataclaw_worlds.education.thoughts import plain, put
from dataclaw_worlds.words import upper_first

CLOSE = 0.6
"""Largest gap between the time of a line and the change that shows it [s]."""


@dataclass(frozen=True, slots=True)
class StuckPoint:
    """A step that a student cannot take alone.

    Attributes:
        problem: number of the problem.
        step: number of the step.
        change: the change of the board that shows it.
        truth: the problem.
    """

    problem: int
    step: int
    change: Anchor
    truth: Truth

    @property
    def line(self) -> str:
        """What is written in it."""
        return str(self.truth["steps"][self.step]["line"])

    @property
    def line_before(self) -> str:
        """The line before it."""
        return str(self.truth["steps"][self.step - 1]["line"] if self.step else self.truth["statement"])


def tutor(brief: ExpertBrief) -> Asking[None]:
    """Submit the requested tutoring."""
    transcript = yield from listen(brief)
    seen = yield from ask("board_steps")
    place = _place(brief, seen.anchors)
    before, after = int(place.change.attrs["before"]), int(place.change.attrs["after"])
    old = (yield from ask("read_text", frame=before, region="full")).anchors
    new = (yield from ask("read_text", frame=after, region="full" if after > before + 1 else "changed")).anchors
    reached, written = _line(old, place.line_before), _line(new, place.line)
    known = any(f" {' '.join(tokens(place.line))} " in f" {' '.join(tokens(a.content))} " for a in old)
    written = None if known else written  # a line that stands above already is nothing new
    answer = _answer(brief, place, transcript, written, quoted=not known)
    if not answer:
        raise decline("nothing about that step can be read or heard", "Ask for another step.")
    yield from submit({
        "cot": _thoughts(brief, place, transcript, written),
        "input_image": [{"cite": [place.change.id], "frame": before}],
        "output_image": [{"cite": [place.change.id], "frame": after}],
        "question": _question(brief, place, reached),
        "answer": answer,
        "left_out": left_out([place.change.id], other_step=[a.id for a in seen.anchors]),
    })  # fmt: skip


def _place(brief: ExpertBrief, changes: Sequence[Anchor]) -> StuckPoint:
    """The step that is meant, with the change that shows it."""
    problem, step = (int(brief.request.meaning[key]) for key in ("problem", "step"))
    marks = [m for m in truths(brief, "marks") if m["problem"] == problem and m["step"] == step and not m["wrong"]]
    times = [float(m["t"]) for m in marks if m["deed"] == "write"]
    for change in changes:
        if any(change.t0 - CLOSE <= time <= change.t1 + CLOSE for time in times):
            return StuckPoint(problem, step, change, truths(brief, "problems")[problem])
    raise decline("no change of the board shows the step that is meant", "Ask for another step.")


def _line(lines: Sequence[Anchor], text: str) -> Anchor | None:
    """The anchor of a line that was read rightly, the lowest of several."""
    same = [a for a in lines if _plain(a.content) == _plain(text)]
    return max(same, key=lambda a: a.box[1] if a.box else 0.0, default=None)


def _plain(text: str) -> str:
    return "".join(text.casefold().split())


def _answer(
    brief: ExpertBrief, place: StuckPoint, transcript: Transcript, written: Anchor | None, *, quoted: bool
) -> list[Json]:
    step: Truth = place.truth["steps"][place.step]
    told = _sentence_of(transcript, place, "move")
    paragraphs: list[Json] = []
    if told:
        text = _advice(str(step["move"]), str(step["reason"]), str(told.truth["text"]))
        paragraphs.append(statement(text, [place.change.id, *_used(text, told, transcript)]))
    spoken = _sentence_of(transcript, place, "gives") or _sentence_of(transcript, place, "right")
    heard = transcript.holding(place.line, spoken) if quoted and spoken else []
    if written is not None:
        line = as_written(place.line, written)
        if line != place.line and heard:
            line, cites = place.line, [place.change.id, written.id, *heard]
        else:
            cites = [place.change.id, written.id]
        paragraphs.append(statement(put(brief, "next", line=line), cites))
    elif heard:
        paragraphs.append(statement(put(brief, "next", line=place.line), [place.change.id, *heard]))
    elif paragraphs:
        paragraphs.append(statement(put(brief, "looks", at=place.line), [place.change.id]))
    return paragraphs


def as_written(line: str, read: Anchor) -> str:
    """A line as it was written, where the reading supports that; else as it was read."""
    return line if holds(line, [read]) else read.content.strip()


def _advice(move: str, reason: str, told: str) -> str:
    """What to do and why, in the order of the teacher's sentence."""
    if told.startswith("Because"):
        return f"Because {reason}, {move}."
    return f"{upper_first(move)}, because {reason}."


def _used(text: str, heard: HeardSentence, transcript: Transcript) -> list[str]:
    """The cues of a sentence that share three words in a row with a text, and those in which it begins or ends."""
    words = tokens(text)
    runs = [" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))]
    found: list[str] = []
    for cue in heard.cites:
        told = _cue_tokens(transcript, cue)
        ends = len(heard.cites) > 1 and any(told[:n] == words[-n:] or told[-n:] == words[:n] for n in (1, 2))
        if ends or any(f" {run} " in f" {' '.join(told)} " for run in runs):
            found.append(cue)
    return found


def _cue_tokens(transcript: Transcript, cue: str) -> list[str]:
    return tokens(str(transcript.cues[cue].attrs.get("text") or transcript.cues[cue].content))


def _sentence_of(transcript: Transcript, place: StuckPoint, role: str) -> HeardSentence | None:
    found = [h for h in transcript.of(role, place.problem) if h.fact == place.step]
    return found[-1] if found else None


def _question(brief: ExpertBrief, place: StuckPoint, reached: Anchor | None) -> dict[str, Json]:
    kind = str(place.truth["kind"])
    if reached is None:
        return statement(put(brief, "unread", kind=kind), [place.change.id])
    key = "begun" if place.step == 0 else "reached"
    text = put(brief, key, kind=kind, line=as_written(place.line_before, reached))
    return statement(text, [place.change.id, reached.id])


def _thoughts(brief: ExpertBrief, place: StuckPoint, transcript: Transcript, written: Anchor | None) -> list[Json]:
    found: list[tuple[float, dict[str, Json]]] = []
    change = place.change
    if brief.request.meaning["meaning"] != "all" and (task := next(iter(transcript.of("task", place.problem)), None)):
        found.append((task.t0, statement(put(brief, "part", what=str(place.truth["kind"])), task.cites)))
    if stuck := _sentence_of(transcript, place, "stuck"):
        text = put(brief, "stuck", at=said_at(stuck), what=plain(str(stuck.truth["text"])))
        found.append((stuck.t0, statement(text, stuck.cites)))
    if wrong := _sentence_of(transcript, place, "wrong"):
        found.append((wrong.t0, statement(put(brief, "wiped", at=said_at(wrong)), wrong.cites)))
    what = f'"{as_written(place.line, written)}" is added' if written else "a line is added"
    text = put(brief, "step", at=f"{change.t0:.1f} s", to=f"{change.t1:.1f} s", what=what)
    found.append((change.t0, statement(text, [change.id, *([written.id] if written else [])])))
    return in_order(found)
