"""Write `docs/intents.md`: one trace, five intents, what each of them keeps and leaves out, from real runs.

    python docs/make_intents.py

The test of the page runs the same intents and compares the counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw import DataClawError, tailor

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/intents.md"
TRACE = "examples/traces/shop_and_mail"
SHOWN = 3
NEAR = 0.06
"""Times of the truth and of an event that are one and the same [s]."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An intent, the folder its command writes, and what a reader should look for in the output."""

    intent: str
    out: str
    look: str


WISHES = (
    Wish("everything", "out/all", "Nothing is dropped, so wrong turns and their way back are in it."),
    Wish(
        "only the shop window",
        "out/shop",
        "Every page of the shop is kept, wrong turns included: the intent asks for a window, not for a goal.",
    ),
    Wish(
        "only what led to the final state",
        "out/needed",
        "The wrong product, the lantern, the newsletter and the quantity that was set back are gone.",
    ),
    Wish(
        "a tutorial for a person",
        "out/tutorial",
        "Clicking into a field and typing are one instruction; places are named in words, not in pixels.",
    ),
    Wish(
        "test steps for an agent",
        "out/test",
        "Each step has a precondition, an action with coordinates and an expected result.",
    ),
)


@dataclass(frozen=True, slots=True)
class Made:
    """What an intent gave.

    Attributes:
        sample: the sample.
        items: the list in its answer: actions or steps.
        head: the answer's goal, title or name.
    """

    sample: dict[str, Any]
    items: list[dict[str, Any]]
    head: str

    @property
    def counts(self) -> str:
        """The line of the page that a test compares."""
        out = self.sample["left_out"]
        kind = "actions" if "actions" in self.sample["answer"] else "steps"
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(out["by_reason"].items()))
        kept = f"{out['events'] - out['count']} of {out['events']} events kept, in {len(self.items)} {kind}"
        return f"{kept}; {out['count']} left out" + (f" ({reasons})." if reasons else ".")


def make(intent: str) -> Made:
    """Run one intent over the trace.

    Raises:
        DataClawError: the sample was rejected.
    """
    (outcome,) = tailor(ROOT / TRACE, intent, domain="gui")
    if not outcome.samples:
        raise DataClawError(f"{intent!r} was rejected: {outcome.rejected[0]['reason']}")
    (sample,) = outcome.samples
    items = next(value for value in sample["answer"].values() if isinstance(value, list))
    head = next(value["text"] for value in sample["answer"].values() if isinstance(value, dict) and "text" in value)
    return Made(sample, items, head)


def page() -> Iterator[str]:
    """The page, line by line."""
    yield from ("# One trace, five intents", "")
    yield "<!-- Made by docs/make_intents.py from real runs; change the code, then run it. -->"
    yield from ("", *_introduction(), "")
    made = {wish: make(wish.intent) for wish in WISHES}
    yield from ("| intent | task found | kept events | written as | left out |", "|---|---|---|---|---|")
    for wish, result in made.items():
        out, kind = result.sample["left_out"], "actions" if "actions" in result.sample["answer"] else "steps"
        cells = (wish.intent, f"`{result.sample['task']}`", str(out["events"] - out["count"]))
        yield f"| {' | '.join(cells)} | {len(result.items)} {kind} | {out['count']} |"
    shown: dict[str, str] = {}
    for wish, result in made.items():
        yield from ("", *_section(wish, result, shown))


def _introduction() -> Iterator[str]:
    yield (
        f"The trace is [`{TRACE}`](../{TRACE}/): in 80 s a person reads a mail, orders two blue mugs in a shop,"
        " answers with the order number, and notes the delivery day. On the way they open a wrong product, set the"
        " quantity too high and back, look at a lantern, mistype a word and read a newsletter. (Letters that were"
        " mistyped and erased are two rows of the trace's truth, but part of one piece of typing to every reader of"
        " events.) No task is named in the commands: it is found from the intent. The policy is `planner`, which is"
        " deterministic and needs no model."
    )


def _section(wish: Wish, made: Made, shown: dict[str, str]) -> Iterator[str]:
    """One intent; `shown` holds the lists of left out events that the page has so far, by what they say."""
    yield from (f'## "{wish.intent}"', "", "```console")
    yield f'$ dataclaw run --domain gui --intent "{wish.intent}" {TRACE} --out {wish.out}'
    yield from ("```", "", made.counts, "", wish.look, "")
    yield from ("```text", made.head)
    yield from (json.dumps(item, ensure_ascii=False) for item in made.items[:SHOWN])
    yield from ("...", "```")
    named = made.sample["left_out"]["named"]
    if not named:
        return
    known = shown.setdefault(json.dumps(named), wish.intent)
    if known != wish.intent:
        yield from ("", f'Left out: the same {len(named)} events as with "{known}".')
        return
    yield from ("", "Left out:", "", "| event | what | window | why |", "|---|---|---|---|")
    for row in named:
        yield f"| `{row['event']}` | {row['what']} | {row['window']} | {row['reason']} |"
    if set(made.sample["left_out"]["by_reason"]) & {"detour", "undone"}:
        yield from ("", _agreement(named, made.sample))


def _agreement(named: list[dict[str, Any]], sample: dict[str, Any]) -> str:
    """How what was left out compares with what the recorded script knows of its own actions."""
    truth, start = _truth()
    times = {name: anchor["t0"] for name, anchor in sample["anchors"].items()}
    gone = [times[row["event"]] for row in named]
    rows = [(row["start_time"] - start, row["purpose"]) for row in truth]
    found = [any(abs(t - at) < NEAR for at in gone) for t, purpose in rows if purpose != "needed"]
    wrong = [at for at in gone if any(abs(t - at) < NEAR and purpose == "needed" for t, purpose in rows)]
    return (
        f"Of the {len(found)} rows that the recorded script did for nothing, {sum(found)} are left out here; of those"
        f" that it needed, {len(wrong)}."
    )


def _truth() -> tuple[list[dict[str, Any]], float]:
    folder = ROOT / TRACE
    lines = (folder / "reduced_events_complete.jsonl").read_text(encoding="utf-8").splitlines()
    start = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))["video_start_timestamp"]
    return [json.loads(line) for line in lines], float(start)


def main() -> int:
    """Write the page."""
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")
    print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
