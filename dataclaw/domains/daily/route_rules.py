"""The rule about routes: every action is one that was measured, in its order, and the words say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from dataclaw.domains.daily.intents import parse_intent
from dataclaw.domains.daily.reading import SLACK, words_of
from dataclaw.rewards import Case, Score, anchors_of, nothing_to_judge, rule, score_of
from dataclaw.schema import citations, fields_of, number_of, objects_of
from dataclaw.types import Anchor, Finding, Json, Span
from dataclaw.words import words_beside

NAME = "daily.route"
METRES, DEGREES = 0.011, 1.0
"""Most that rounding lets an action differ from the measured move [m, degrees]."""
_PATTERNS = words_beside(__file__).patterns


@rule(NAME)
def route(case: Case) -> Score:
    """Share of a way's actions that agree with the motion they cite, in direction and size, and are told so.

    An action must cite one measured move of its kind (`attrs` action, amount, unit) within 0.011 m or 1 degree, and no
    action may come before the one before it in time; so no turn is invented and none turned round. Counted besides: the
    way ends with its only STOP; the action lines of the answer are the actions, after the plain words, which turn left
    and right as often; what they say to lie on a side is told to be there by what is cited beside it; no move of the
    same part of the way between the first and the last cited is left out; where the request names no place, the way
    goes on as far as the verifier's own look finds one; and every picture is a frame that it cites.
    """
    draft = fields_of(case.draft)
    actions = objects_of(draft.get("actions"))
    if not actions:
        return nothing_to_judge(NAME)
    problems = [(f"/actions/{at}", _problem(action, at == len(actions) - 1, case)) for at, action in enumerate(actions)]
    moves = [a for action in actions[:-1] for a in anchors_of(action, case)]
    problems += [
        ("/actions", _disorder(moves)),
        ("/answer", _other_lines(draft, actions)),
        ("/answer", _other_words(draft, actions)),
        ("/answer", _lines_first(draft)),
        ("/answer", _other_sides(draft, case)),
        ("/actions", _skipped_move(moves, case)),
        ("/input_image", _other_pictures(draft, case)),
    ]
    findings = [Finding(place, problem, NAME, 0.0) for place, problem in problems if problem]
    return score_of(1.0 - len(findings) / len(problems), findings)


def _problem(action: Mapping[str, Json], last: bool, case: Case) -> str:
    name, amount = str(action.get("action")), number_of(action.get("amount"))
    if last or name == "STOP":
        return "" if last and name == "STOP" else "a way ends with STOP" if last else "stops before the end"
    moves = [a for a in anchors_of(action, case) if a.kind == "motion"]
    if not moves:
        return "cites no motion"
    move = moves[0]
    if move.attrs.get("action") != name:
        return f"is {name}, but {move.id} is {move.attrs.get('action') or 'no move'}"
    unit = "m" if name == "FORWARD" else "deg"
    if action.get("unit") != unit:
        return f"{name} is measured in {unit}"
    measured = number_of(move.attrs.get("amount"))
    slack = METRES if unit == "m" else DEGREES
    if measured is None or amount is None or abs(measured - amount) > slack:
        return f"{name} {amount} {unit}, but {move.id} is {measured} {unit}"
    return ""


def _disorder(moves: Sequence[Anchor]) -> str:
    late = next((b for a, b in pairwise(moves) if b.t0 < a.t0), None)
    return f"{late.id} is told after what came later" if late else ""


def _lines(draft: Mapping[str, Json]) -> list[tuple[str, str]]:
    text = "\n".join(str(entry.get("text") or "") for entry in objects_of(draft.get("answer")))
    return [(name, amount) for name, amount, _ in _PATTERNS["action"].findall(text)]


def _other_lines(draft: Mapping[str, Json], actions: Sequence[Mapping[str, Json]]) -> str:
    lines = _lines(draft)
    if len(lines) != len(actions):
        return f"has {len(lines)} action lines for {len(actions)} actions"
    for (name, amount), action in zip(lines, actions, strict=True):
        wanted = number_of(action.get("amount"))
        right = name == action.get("action") and (not amount or (wanted is not None and _near(amount, wanted)))
        if not right or (not amount and name != "STOP"):
            return f"says {name} {amount} where the action is {action.get('action')} {wanted}"
    return ""


def _lines_first(draft: Mapping[str, Json]) -> str:
    """What is wrong where the actions come before the words that explain them, "" for nothing."""
    found = [
        bool(_PATTERNS["action"].search(str(entry.get("text") or ""))) for entry in objects_of(draft.get("answer"))
    ]
    return "" if found == sorted(found) else "the action lines come before the plain words"


def _near(amount: str, wanted: float) -> bool:
    try:
        return abs(float(amount) - wanted) <= METRES
    except ValueError:
        return False


def _other_words(draft: Mapping[str, Json], actions: Sequence[Mapping[str, Json]]) -> str:
    texts = [str(entry.get("text") or "") for entry in objects_of(draft.get("answer"))]
    words = "\n".join(_turning(text) for text in texts if not _PATTERNS["action"].search(text))
    names = [action.get("action") for action in actions]
    for name in ("TURN_LEFT", "TURN_RIGHT"):
        turns = len(_PATTERNS[name.lower()].findall(words))
        if turns != names.count(name):
            return f"turns {turns} times where the actions have {names.count(name)} {name}"
    return ""


def names_side(text: str) -> bool:
    """Whether a text has a word for left or right."""
    return any(_PATTERNS[name].search(text) for name in ("turn_left", "turn_right"))


def _sides(text: str) -> list[re.Match[str]]:
    """Where a text says on which side something is."""
    return [
        match for match in _PATTERNS["side"].finditer(text) if not _PATTERNS["turns_to"].search(text[: match.start()])
    ]


def _turning(text: str) -> str:
    """The text without the sides of things."""
    for match in reversed(_sides(text)):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return text


def _other_sides(draft: Mapping[str, Json], case: Case) -> str:
    """A side of a thing that nothing cited beside it tells."""
    for entry in objects_of(draft.get("answer")):
        text = str(entry.get("text") or "")
        words = " ".join(words_of(a).casefold() for a in anchors_of(entry, case) if a.kind != "motion")
        for match in _sides(text):
            side = {"左": "left", "右": "right"}.get(match["zh"] or "", (match["side"] or match["hand"] or "").lower())
            if not re.search(rf"\b{side}\b", words):
                return f"says {match[0]!r}, which nothing cited there tells"
    return ""


def _other_pictures(draft: Mapping[str, Json], case: Case) -> str:
    for picture in (*objects_of(draft.get("input_image")), *objects_of(draft.get("output_image"))):
        frames = [a.frame for a in anchors_of(picture, case) if a.kind == "frame"]
        if picture.get("frame") not in frames:
            return f"shows frame {picture.get('frame')}, but cites {', '.join(map(str, frames)) or 'none'}"
    return ""


def _skipped_move(moves: Sequence[Anchor], case: Case) -> str:
    if not moves:
        return "has no move"
    known = {a.id for a in moves}
    first, last = min(a.t0 for a in moves), max(a.t1 for a in moves)
    ways = {a.attrs.get("way") for a in moves}
    between = [
        a for a in case.anchors.values()
        if a.kind == "motion" and a.attrs.get("action") and a.id not in known and first < a.t0 and a.t1 < last
        and a.attrs.get("way") in ways
    ]  # fmt: skip
    if between:
        return f"{between[0].id} lies on the way and is left out"
    beyond = next(_beyond(known, (first, last), case), None)
    return f"the way goes on: {beyond.content} at {beyond.t0:.2f} s is left out" if beyond else ""


def _beyond(told: Set[str], span: Span, case: Case) -> Iterator[Anchor]:
    """The moves before and after those that are told, of all that the request asks for.

    A way may begin and end where something is reported: a stretch from there to there is one that was chosen.
    """
    first, last = span
    edges = [t for event in case.events for t in (event.t0, event.t1)]
    begins, ends = (any(abs(t - edge) <= SLACK for t in edges) for edge in span)
    intent = parse_intent(case.intent, case.window)
    if intent.topics or intent.without:
        return
    dropped = set(citations(fields_of(case.draft).get("left_out")))
    walked = False  # who stands where a way begins only faces along it
    for move in case.there.values():
        inside = intent.span[0] <= (move.t0 + move.t1) / 2 <= intent.span[1]
        walked = walked or (inside and move.attrs.get("unit") == "m")
        before, after = not begins and move.t1 <= first + SLACK, not ends and move.t0 >= last - SLACK
        outside = move.id not in told and (before or after)
        if inside and walked and outside and move.attrs.get("action") and move.id not in dropped:
            yield move
