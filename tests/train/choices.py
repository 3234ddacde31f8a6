"""Corpora of choices for the tests of training."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dataclaw.types import Anchor

THINGS = ("onion", "carrot", "lentil", "garlic", "pepper", "celery", "tomato", "leek")


def choice(number: int) -> dict[str, Any]:
    """Two of the things are named, and wanted, or named as unwanted."""
    a, b = THINGS[number % 8], THINGS[(number * 3 + 1) % 8]
    without = number % 2 == 1
    options = [Anchor(f"e{at}", "event", f"chop the {thing}", float(at), at + 1.0) for at, thing in enumerate(THINGS)]
    named = {f"e{THINGS.index(a)}", f"e{THINGS.index(b)}"}
    wanted = [option.id for option in options if (option.id in named) != without]
    intent = f"{'leave out' if without else 'only'} {a} and {b}"
    return choice_row("daily.narrations", intent, options, wanted)


def first_step(number: int) -> dict[str, Any]:
    """One of the things comes first, and is named."""
    options = [Anchor(f"e{at}", "event", f"chop the {thing}", float(at), at + 1.0) for at, thing in enumerate(THINGS)]
    return choice_row("daily.first", f"begin with the {THINGS[number % 8]}", options, [f"e{number % 8}"], "one", "e0")


def parts_in_order(number: int) -> dict[str, Any]:
    """Parts say their place; those of the other kind do not belong."""
    places = random.Random(number).sample(range(5), 5)
    options = [Anchor(label, "option", f"{'red' if at % 2 else 'blue'} part stage{place}", 0.0, 0.0)
               for at, (label, place) in enumerate(zip("ABCDE", places, strict=True))]  # fmt: skip
    mine = [(place, label) for at, (label, place) in enumerate(zip("ABCDE", places, strict=True)) if at % 2]
    return choice_row("gui.parts", "the red ones", options, [label for _, label in sorted(mine)], "order", *"ABCDE")


def choice_row(
    point: str, intent: str, options: Sequence[Anchor], wanted: Sequence[str], how: str = "some", *kept: str
) -> dict[str, Any]:
    """A choice as a trace has it."""
    return {"point": point, "intent": intent, "how": how, "options": [asdict(option) for option in options],
            "kept": list(kept) or [option.id for option in options], "wanted": list(wanted)}  # fmt: skip


def write_corpus(folder: Path, choices: Sequence[dict[str, Any]], held: Sequence[dict[str, Any]] = ()) -> Path:
    """A corpus of nothing but choices, one a trace."""
    (folder / "export").mkdir(parents=True)
    for name, rows in (("traces.jsonl", choices), ("validation_traces.jsonl", held)):
        lines = [json.dumps({"id": f"{name}-{at}", "domain": row["point"].partition(".")[0], "task": "how",
                             "messages": [], "choices": [row]}) for at, row in enumerate(rows)]  # fmt: skip
        (folder / "export" / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder
