"""What plans are written with: ask a tool, read all pages of it, say something with its proof, hand in a draft.

A plan is a generator of actions (`types.Plan`); these are the pieces that every domain's plans share. They know no
domain, no stream and no tool by name but `submit`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TypeAlias, TypeVar, cast

from dataclaw.errors import PolicyError
from dataclaw.types import Action, Anchor, Finding, Json, Observation

T = TypeVar("T")
Asking: TypeAlias = Generator[Action, Observation, T]
"""A piece of a plan that gives a T."""
Mend: TypeAlias = Callable[[dict[str, Json], tuple[Finding, ...]], "dict[str, Json] | None"]

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


def submit(draft: dict[str, Json], mend: Mend | None = None) -> Asking[None]:
    """Hand in a draft; what comes back is mended once where `mend` knows how.

    Raises:
        PolicyError: the draft was not accepted; the message says what was held against it.
    """
    seen = yield Action("submit", {"draft": draft})
    mended = mend(draft, seen.findings) if mend and not seen.ok else None
    if mended is not None:
        seen = yield Action("submit", {"draft": mended})
    if not seen.ok:
        held = "; ".join(f"{f.path or '/'}: {f.message}" for f in seen.findings[:3]) or seen.note
        raise PolicyError(f"the draft was not accepted: {held}.", remedy="Choose another --task or --model.")


def decline(reason: str, remedy: str) -> PolicyError:
    """To be raised by a plan whose stream cannot give what the intent asks for; the stream is rejected with it.

    Args:
        reason: what is missing, a clause.
        remedy: what would help, a sentence.
    """
    return PolicyError(f"{reason.rstrip('.')}.", remedy=remedy)


def said(text: str, cites: Iterable[str], limit: int = 0) -> dict[str, Json]:
    """A sentence with its citations, each once; `limit` [characters] cuts at a word's end, 0 does not."""
    return {"cite": list(dict.fromkeys(cites))[:CITES], "text": clipped(text, limit) if limit else text}


def clipped(text: str, limit: int) -> str:
    """The text, or its beginning up to the last word that fits, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
