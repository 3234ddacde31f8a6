"""What the stream holds, by a look of the verifier's own: so that a policy cannot earn by looking less.

A manifest declares the calls (`look`). The session makes them, whatever the policy called; they cost the policy
nothing. What was found is compared with what the policy saw by content: ids are given in the order of first sight, and
two who look in another order give other ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dataclaw.agent.steps import fact_of
from dataclaw.domain import OwnCall
from dataclaw.errors import ToolError
from dataclaw.tools.base import Tool, ToolResult
from dataclaw.types import Action, Anchor, Box, Json, Span

PART, PAGE = "part", "page"
MOST_PAGES = 1000
"""Pages of one call; a tool that claims more is taken for broken."""
ALIKE = 0.5
"""Two spans, or two boxes, are of one thing where they share at least this much of what they cover together."""
AT_ONCE = 0.05
"""Moments that are no further apart are one [s, or steps]."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class VerifierLook:
    """What the verifier found by itself.

    Attributes:
        anchors: the facts in the order found, each once; ids of other kinds than event and frame are "".
        calls: the calls that were made, pages and parts among them.
        error: why nothing can be said of what the stream holds, "" when it can.
    """

    anchors: tuple[Anchor, ...] = ()
    calls: tuple[Action, ...] = ()
    error: str = ""


def take_look(
    declared: Sequence[OwnCall],
    kind: str,
    labels: Sequence[str],
    run: Callable[[Tool, Mapping[str, Json]], ToolResult | str],
) -> VerifierLook:
    """Make the calls that a task declares: on each part of the stream, to the last page.

    Args:
        declared: the calls.
        kind: kind of the stream; calls for other kinds are left out.
        labels: labels of the stream's parts.
        run: makes one call; a text says why it failed.
    """
    made: list[Action] = []
    found: dict[tuple[object, ...], Anchor] = {}
    own = [call for call in declared if not call.reads or kind in call.reads]
    for call in own:
        for args in _for_each_part(call, labels):
            for action, result in _read_pages(call.tool, args, run):
                made.append(action)
                if isinstance(result, str):
                    return VerifierLook(calls=tuple(made), error=f"{action.tool} {dict(action.args)}: {result}")
                for anchor in result.anchors:
                    found.setdefault(fact_of(anchor), anchor)
    error = "" if own else f"none of its calls is made on streams of kind {kind!r}"
    return VerifierLook(tuple(found.values()), tuple(made), error)


def _for_each_part(call: OwnCall, labels: Sequence[str]) -> list[dict[str, Json]]:
    args = dict(call.args)
    every = labels and PART in call.tool.args.model_fields and PART not in args
    return [{**args, PART: label} for label in labels] if every else [args]


def _read_pages(
    tool: Tool, args: Mapping[str, Json], run: Callable[[Tool, Mapping[str, Json]], ToolResult | str]
) -> Iterator[tuple[Action, ToolResult | str]]:
    result = run(tool, args)
    yield Action(tool.name, args), result
    pages = 1 if isinstance(result, str) or PAGE in args else result.data.get("pages", 1)
    if not isinstance(pages, int) or PAGE not in tool.args.model_fields:
        return
    for page in range(2, pages + 1):
        further = {**args, PAGE: page}
        result = run(tool, further) if page <= MOST_PAGES else f"has {pages} pages, at most {MOST_PAGES} are read"
        yield Action(tool.name, further), result
        if isinstance(result, str):
            return


@dataclass(eq=False)
class There(Mapping[str, Anchor]):
    """What the stream holds, under the ids by which a rollout knows it; see `rewards.base.Case.there`.

    It is put together when it is first read, since most rules never do.

    Attributes:
        found: gives what the verifier found.
        seen: what the rollout has seen, by id.
        error: why nothing was found out, "" when it was.
    """

    found: Callable[[], Sequence[Anchor]]
    seen: Mapping[str, Anchor]
    error: str = ""
    _named: dict[str, Anchor] | None = field(default=None, init=False, repr=False)

    def __getitem__(self, key: str) -> Anchor:
        """The anchor of that id."""
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        """The ids in the order found."""
        return iter(self._all())

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all())

    def _all(self) -> dict[str, Anchor]:
        if self.error:
            raise ToolError(
                f"the verifier's own look failed, so nobody knows what there is: {self.error}",
                remedy="Declare a look (domain.toml) that works on such streams.",
            )
        if self._named is None:
            self._named = name_alike(self.found(), self.seen)
        return self._named


def name_alike(found: Sequence[Anchor], seen: Mapping[str, Anchor]) -> dict[str, Anchor]:
    """What was found, by the ids of what was seen where both are the same thing, and by `unseen:N` where they are not.

    The same thing is the same fact, or an anchor of the same id, kind and time that its tool named itself. Of what is
    then left it is the anchor of the same kind, part and words, numbers aside, that covers nearly the same time and
    place: who looks at a part of a stream measures a thing a little differently. Each has one counterpart at most.
    """
    ids = {fact_of(anchor): name for name, anchor in reversed(list(seen.items()))}
    names = [_same_id(anchor, seen) or ids.get(fact_of(anchor), "") for anchor in found]
    left: dict[tuple[str, ...], list[Anchor]] = {}
    for name in seen.keys() - set(names):
        left.setdefault(_words_of(seen[name]), []).append(seen[name])
    named: dict[str, Anchor] = {}
    for number, anchor in enumerate(found):
        name = names[number]
        if not name:
            near = [one for one in left.get(_words_of(anchor), ()) if _is_alike(anchor, one)]
            twin = min(near, key=lambda one: (abs(one.t0 - anchor.t0) + abs(one.t1 - anchor.t1), one.id), default=None)
            if twin is not None:
                left[_words_of(twin)].remove(twin)
            name = twin.id if twin else f"unseen:{number}"
        named.setdefault(name, replace(anchor, id=name))
    return named


def _same_id(anchor: Anchor, seen: Mapping[str, Anchor]) -> str:
    other = seen.get(anchor.id) if anchor.id else None
    same = other is not None and other.kind == anchor.kind and _shares_time(anchor, other)
    return anchor.id if same else ""


def _words_of(anchor: Anchor) -> tuple[str, ...]:
    return (anchor.kind, anchor.part, _NUMBER.sub("#", anchor.content))


def _is_alike(one: Anchor, other: Anchor) -> bool:
    if one.box is not None and other.box is not None and _overlap_of_boxes(one.box, other.box) < ALIKE:
        return False
    exact = one.box is not None or one.t1 - one.t0 > AT_ONCE or one.content == other.content
    return exact and _shares_time(one, other)


def _shares_time(one: Anchor, other: Anchor) -> bool:
    """Whether two anchors cover nearly the same time."""
    if max(one.t1 - one.t0, other.t1 - other.t0) <= AT_ONCE:
        return abs(one.t0 - other.t0) <= AT_ONCE
    return _share((one.t0, one.t1), (other.t0, other.t1)) >= ALIKE


def _share(one: Span, other: Span) -> float:
    """What two spans have in common, of what they cover together, 0..1."""
    both = min(one[1], other[1]) - max(one[0], other[0])
    whole = max(one[1], other[1]) - min(one[0], other[0])
    return max(0.0, both) / whole if whole > 0 else 1.0


def _overlap_of_boxes(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    whole = sum(areas) - both
    return both / whole if whole > 0 else 1.0
