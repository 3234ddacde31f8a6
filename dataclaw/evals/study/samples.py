"""Drafts of a policy for a person to read: each thing that it says, with the evidence that it cites beside it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from dataclaw.evals.benchmark import BenchItem
from dataclaw.evals.metrics import parse_draft
from dataclaw.evals.predict import Prediction
from dataclaw.files import write_atomic
from dataclaw.tools.view import plain
from dataclaw.types import Anchor, Json

FILE = "samples.md"
PARTS = 40
"""Parts of a draft that are shown."""
SAYS, CITED = 300, 160
"""Characters that are shown of a value and of a piece of evidence."""


def write_samples(
    out: Path, items: Sequence[BenchItem], made: Mapping[str, Prediction], *, count: int, seed: int
) -> tuple[Path, int]:
    """Write some drafts of a run as a Markdown page, drawn evenly over tasks; the page, and how many there are.

    Args:
        out: the run's folder.
        items: its items.
        made: their predictions, by item.
        count: drafts to show.
        seed: which ones.
    """
    chosen = draw_evenly([item for item in items if (one := made.get(item.id)) and one.draft is not None], count, seed)
    head = (
        f"# {len(chosen)} drafts to read\n\nDrawn evenly over tasks with seed {seed}, from {len(made)} predictions.\n"
    )
    write_atomic(out / FILE, "\n".join([head, *(line for item in chosen for line in draft_lines(item, made[item.id]))]))
    return out / FILE, len(chosen)


def draw_evenly(items: Sequence[BenchItem], count: int, seed: int) -> list[BenchItem]:
    """Some items, as many of each task as possible, in the benchmark's order."""
    piles: dict[tuple[str, str], list[BenchItem]] = {}
    for item in random.Random(seed).sample(items, len(items)):
        piles.setdefault((item.domain, item.task), []).append(item)
    deepest = max((len(pile) for pile in piles.values()), default=0)
    turns = [pile[at] for at in range(deepest) for _, pile in sorted(piles.items()) if at < len(pile)]
    wanted = {item.id for item in turns[:count]}
    return [item for item in items if item.id in wanted]


def draft_lines(item: BenchItem, one: Prediction) -> Iterator[str]:
    """A draft as Markdown: what was asked, what the rules say, and a table of what it states."""
    yield f"\n## {item.id}\n"
    yield f"> {_cell(item.intent, SAYS)}\n"
    judged = "accepted" if one.accepted else f"held by {', '.join(one.held)}" if one.held else "not judged"
    rules = ", ".join(f"{name} {score:.2f}" for name, score in one.rules.items())
    task = f"{one.domain or item.domain}.{one.task or item.task}"
    yield f"{task}, {item.kind}, {item.window[0]:.1f} to {item.window[1]:.1f} s."
    yield f"{judged.capitalize()}. Rules: {rules or 'none'}.\n"
    draft = parse_draft(one.draft)
    if not isinstance(draft, dict):
        yield f"No object: {_cell(str(one.draft), SAYS)}"
        return
    yield "| part | says | evidence |\n|---|---|---|"
    parts = list(statements(cast("Json", draft)))
    for place, said, cite in parts[:PARTS]:
        proof = "<br>".join(_evidence(name, one.cited_draft(item).anchors) for name in cite)
        yield f"| `{place}` | {_cell(said, SAYS)} | {proof} |"
    if len(parts) > PARTS:
        yield f"| ... | {len(parts) - PARTS} more parts | |"


def statements(value: Json, place: str = "", cite: Sequence[str] = ()) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Every object of a draft that says something: where it stands, what it says, and what it cites.

    One that cites nothing has the citations of the object that holds it.
    """
    if isinstance(value, list):
        for at, inner in enumerate(cast("list[Json]", value)):
            yield from statements(inner, f"{place}[{at}]", cite)
    elif isinstance(value, dict):
        fields = {key: inner for key, inner in cast("dict[str, Json]", value).items() if key != "cite"}
        own: Json = cast("dict[str, Json]", value).get("cite")
        cites = [str(name) for name in cast("list[Json]", own)] if isinstance(own, list) else cite
        flat = {key: inner for key, inner in fields.items() if _is_flat(inner)}
        if flat:
            yield place or "(top)", "; ".join(f"{key}: {_value_text(inner)}" for key, inner in flat.items()), cites
        for key, inner in fields.items():
            if key not in flat:
                yield from statements(inner, f"{place}.{key}".lstrip("."), cites)
    elif value is not None:
        yield place, _value_text(value), cite


def _is_flat(value: Json) -> bool:
    inner = cast("list[Json]", value) if isinstance(value, list) else [value]
    return not any(isinstance(one, dict | list) for one in inner)


def _value_text(value: Json) -> str:
    return ", ".join(map(str, cast("list[Json]", value))) if isinstance(value, list) else str(value)


def _evidence(name: str, anchors: Mapping[str, Anchor]) -> str:
    anchor = anchors.get(name)
    if anchor is None:
        return f"{_cell(name, 40)}: **nothing that it saw**"
    return f"{_cell(name, 40)} ({_cell(anchor.kind, 40)}, {anchor.t0:.1f} s): {_cell(anchor.content, CITED)}"


def _cell(text: str, limit: int) -> str:
    """Untrusted text as a table's cell."""
    safe = plain(text, limit).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    return safe.replace("<", "&lt;").replace("*", "\\*")
