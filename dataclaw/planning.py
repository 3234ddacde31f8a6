"""What plans are written with: call a tool, read all its pages, state something with its proof, submit a draft.

A plan is a generator of actions (`types.Plan`). These are the pieces that the plans of every domain share. They know no
domain, no stream, and no tool by name but `submit`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

from dataclaw.errors import PolicyError
from dataclaw.types import Action, Anchor, Finding, Json, Observation

T = TypeVar("T")
Asking: TypeAlias = Generator[Action, Observation, T]
"""A piece of a plan that gives a T."""
Repair: TypeAlias = Callable[[dict[str, Json], tuple[Finding, ...]], "dict[str, Json] | None"]
"""Makes another draft of a rejected one and its findings, or None where it knows none."""

CHOOSE = "choose"
"""The action that asks a chooser; its answer is part of the transcript."""
OPTION = "option"
"""Kind of an option that no tool gave: a part of the stream, a question that might be asked, a relation."""
CITES = 8
"""Most ids in one `cite`, as the schemas of this package have it."""


def ask(tool: str, **args: Json) -> Asking[Observation]:
    """Call a tool; the observation has `ok` False when the call failed, and `note` says why."""
    return (yield Action(tool, args))


def pages(tool: str, limit: int = 50, **args: Json) -> Asking[list[Anchor]]:
    """The anchors of every page of a tool that takes `page` and answers `pages`; at most `limit` pages."""
    found: list[Anchor] = []
    page, last = 1, 1
    while page <= min(last, limit):
        seen = yield from ask(tool, page=page, **args)
        if not seen.ok:
            return found
        found += seen.anchors
        last = int(cast("int", seen.data.get("pages", 1)))
        page += 1
    return found


def keep(
    point: str, options: Sequence[Anchor], refused: Mapping[str, str], other: str
) -> Asking[tuple[dict[str, str], str]]:
    """Ask the chooser which of the options the intent wants.

    Args:
        point: name of the choice point, `<domain>.<what>`.
        options: anchors that the rollout has seen, in order of time.
        refused: why the rules of the plan leave an option out, by id.
        other: why an option is left out that only the chooser refuses.

    Returns:
        Why options are left out, by id; and who chose: "rules" where that is `refused` itself.
    """
    names = [option.id for option in options]
    kept, by = yield from _choose(point, options, [name for name in names if name not in refused], {})
    if by == "rules":
        return dict(refused), by
    return {name: refused.get(name, other) for name in names if name not in kept}, by


def pick(point: str, options: Sequence[Anchor], own: str) -> Asking[tuple[str, str]]:
    """Ask the chooser which one of the options the intent wants.

    Args:
        point: name of the choice point.
        options: anchors, or options of the plan (`option`).
        own: id of the one that the rules of the plan take.

    Returns:
        The id, `own` where the chooser takes none, and who chose.
    """
    kept, by = yield from _choose(point, options, [own], {"how": "one"})
    return (kept[0] if kept else own), by


def arrange(point: str, options: Sequence[Anchor], own: Sequence[str]) -> Asking[tuple[list[str], str]]:
    """Ask the chooser which of the options belong together, and in which order.

    Args:
        point: name of the choice point.
        options: anchors, or options of the plan (`option`), in no order that says anything.
        own: ids of those that the rules of the plan take, in their order.

    Returns:
        The ids in order, and who chose.
    """
    return (yield from _choose(point, options, own, {"how": "order"}))


def option(
    name: str, content: str, cites: Iterable[str] = (), t0: float = 0.0, t1: float = 0.0, **attrs: Json
) -> Anchor:
    """An option that no tool gave.

    Args:
        name: its id among the options.
        content: what it is, in the words of the stream.
        cites: ids of the anchors that it is made of.
        t0: where what it is about begins [s]; 0 where that says nothing.
        t1: where it ends [s]; not before `t0`.
        attrs: more about it.
    """
    return Anchor(name, OPTION, content, t0, max(t0, t1), attrs={**attrs, "cites": list(cites)})


def _choose(
    point: str, options: Sequence[Anchor], own: Sequence[str], how: dict[str, Json]
) -> Asking[tuple[list[str], str]]:
    named: list[Json] = [_whole(o) if o.kind == OPTION else o.id for o in options]
    seen = yield Action(CHOOSE, {"point": point, "options": named, "kept": list(own), **how})
    return (cast("list[str]", seen.data["kept"]), str(seen.data["by"])) if seen.ok else (list(own), "rules")


def _whole(made: Anchor) -> dict[str, Json]:
    return {"id": made.id, "content": made.content, "t0": made.t0, "t1": made.t1, "attrs": dict(made.attrs)}


def submit(draft: dict[str, Json], repair: Repair | None = None) -> Asking[None]:
    """Submit a draft; where it is rejected and `repair` makes another one of it, submit that, too.

    Raises:
        PolicyError: no draft was accepted; the message names the findings.
    """
    seen = yield from ask("submit", draft=draft)
    other = repair(draft, seen.findings) if repair and not seen.ok else None
    if other is not None:
        seen = yield from ask("submit", draft=other)
    if not seen.ok:
        findings = "; ".join(f"{f.path or '/'}: {f.message}" for f in seen.findings[:3]) or seen.note
        raise PolicyError(f"the draft was not accepted: {findings}.", remedy="Choose another --task or --model.")


def decline(reason: str, remedy: str) -> PolicyError:
    """The error that a plan raises where the stream cannot give what the intent asks for; the stream is rejected.

    Args:
        reason: what is missing, a clause.
        remedy: what would help, a sentence.
    """
    return PolicyError(f"{reason.rstrip('.')}.", remedy=remedy)


def statement(text: str, cites: Iterable[str], limit: int = 0) -> dict[str, Json]:
    """A text with its citations, `{"cite": [...], "text": ...}`.

    Args:
        text: what is stated.
        cites: ids of the anchors that prove it; each is cited once, and at most `CITES` of them.
        limit: most characters, see `shorten`; 0 for no limit.
    """
    return {"cite": list(dict.fromkeys(cites))[:CITES], "text": shorten(text, limit) if limit else text}


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning up to the last word that fits into `limit` characters, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def join_words(words: Sequence[str], last: str = " and ") -> str:
    """Words as people list them, `a, b and c`; "" for none.

    Args:
        words: the words.
        last: what stands before the last one.
    """
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def capitalise(text: str) -> str:
    """The text with its first letter in upper case, the others as they are."""
    return text[:1].upper() + text[1:]


def decapitalise(text: str) -> str:
    """The text with its first letter in lower case, the others as they are."""
    return text[:1].lower() + text[1:]
