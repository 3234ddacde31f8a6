"""How many drafts a core judges in a second: a 14-step draft, a rubric of 8 rules.

    python benchmarks/rules.py [--seconds 2]

"narrowed once" is best-of-n or a repair loop on one stream; "narrowed each" is GRPO, where every rollout has seen other
anchors and brings its own narrowed schema, which is then narrowed, compiled and used once.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import replace

import jsonschema
from rich.console import Console
from rich.table import Table

from dataclaw.config import RuleUse
from dataclaw.rewards import Case, Rubric, library
from dataclaw.schema import narrow, parse_json
from dataclaw.types import Anchor, Event, Json

STEPS = 14
BATCH = 50
CITE: Json = {"type": "array", "minItems": 1, "maxItems": 6, "items": {"type": "string", "x-ref": "anchor"}}
RULES = ("json", "schema", "evidence", "order", "coverage", "media_ranges", "temporal_shape", "group_length")


def closed(**properties: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "x-order": list(properties),
        "properties": properties,
    }


def task_schema() -> Json:
    step = closed(
        cite=CITE,
        time={"type": "number", "x-ref": "time", "x-support": "time"},
        frame={"type": "integer", "x-ref": "frame", "x-support": "frame"},
        verb={"enum": ["click", "write", "scroll"], "x-support": "verb"},
        point={"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "x-support": "point"},
        text={"type": "string", "maxLength": 200, "x-support": ["text", "target"]},
        thought={"type": "string", "maxLength": 400},
    )
    left = closed(cite=CITE, reason={"enum": ["repeated", "idle", "mistake"]})
    thought = closed(cite=CITE, text={"type": "string", "maxLength": 400})
    return closed(
        cot={"type": "array", "maxItems": 8, "items": thought},
        goal={"type": "string", "maxLength": 200},
        steps={"type": "array", "maxItems": 60, "items": step},
        left_out={"type": "array", "maxItems": 60, "items": left},
    )


def typical_case() -> Case:
    times = [float(second) for second in range(40)]
    names = [f"button {index}" for index in range(20)]
    anchors = {
        f"e{i}": Anchor(
            f"e{i}", "event", f'click "{names[i]}"', 2.0 * i, 2.0 * i, 2 * i, None, (40.0 * i, 300.0),
            attrs={"verb": "click", "text": "", "target": names[i], "keys": [], "window": "Fernhill Supply"},
        )
        for i in range(20)
    }  # fmt: skip
    for i in range(100):
        anchors[f"t{i}"] = Anchor(
            f"t{i}", "text", f"some line of text {i}", i / 3, i / 3, i // 3, (0.0, 0.0, 90.0, 20.0)
        )
    step = [
        {
            "cite": [f"e{i}", f"t{i}"],
            "time": 2.0 * i + (0.5 if i == 7 else 0.0),
            "frame": 2 * i,
            "verb": "click",
            "point": [40.0 * i + (15 if i == 5 else 0), 300.0],
            "text": names[i] if i != 9 else "buttn nine",
            "thought": "The cart is open, so the next thing to do is to press this button and wait for the page.",
        }
        for i in range(STEPS)
    ]
    draft = {
        "cot": [
            {"cite": [f"e{2 * i}"], "text": "The page shows the cart; pressing this leads on. " * 2} for i in range(6)
        ],
        "goal": "order a blue mug from the shop",
        "steps": step,
        "left_out": [{"cite": [f"e{i}"], "reason": "repeated"} for i in range(STEPS, 20)],
    }
    events = tuple(Event(i, "click", 2.0 * i, 2.0 * i) for i in range(20))
    return Case(
        text=json.dumps(draft),
        draft=draft,
        schema=bound(anchors),
        anchors=anchors,
        frame_times=times,
        frame_size=(1280, 720),
        events=events,
        window=(0.0, 40.0),
        reference=draft,
        group_lengths=[600, 580, 900, 120],
        group_totals=[1.5, 1.4, 1.2, 0.9],
    )


def bound(anchors: dict[str, Anchor]) -> dict[str, Json]:
    return narrow(task_schema(), frames=40, window=(0.0, 40.0), anchor_ids=list(anchors), labels=[])


def rate(work: Callable[[], object], seconds: float) -> float:
    """Calls a second of CPU time: the fastest of all batches of 50, what the code costs when nothing disturbs it."""
    work()
    fastest, start = math.inf, time.process_time()
    while time.process_time() - start < seconds:
        began = time.process_time()
        for _ in range(BATCH):
            work()
        fastest = min(fastest, time.process_time() - began)
    return BATCH / fastest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time of each row")
    seconds = parser.parse_args().seconds
    case, base, rules = typical_case(), task_schema(), library()
    uses = [RuleUse(rule=name, term="anchor", gate=name in {"json", "schema"}) for name in RULES]
    rubric = Rubric.build({"anchor": 1.0}, uses, rules)
    verdict = rubric.score(case)
    if verdict.failed or verdict.skipped or len(verdict.scores) != len(RULES):
        raise SystemExit(f"the typical case is not judged in full: {verdict.failed} {verdict.skipped}")
    broken = replace(case, draft={**case.draft, "steps": [{**step, "verb": "tap"} for step in case.draft["steps"]]})

    def narrowed_each() -> object:
        ids = list(case.anchors)
        schema = narrow(base, frames=40, window=(0.0, 40.0), anchor_ids=ids, labels=[])
        return rubric.score(replace(case, draft=parse_json(case.text), schema=schema, declared=base))

    rows: list[tuple[str, Callable[[], object]]] = [
        ("rubric, draft parsed, narrowed once", lambda: rubric.score(replace(case))),
        ("rubric + parsing the text", lambda: rubric.score(replace(case, draft=parse_json(case.text)))),
        ("rubric + parsing, narrowed each", narrowed_each),
        ("rubric, draft that fails the schema in 14 places", lambda: rubric.score(replace(broken))),
        ("group of 8, each draft", lambda: rubric.score_group([case] * 8)),
        ("parse_json alone", lambda: parse_json(case.text)),
        ("copying the case alone", lambda: replace(case)),
        ("narrow alone", lambda: bound(dict(case.anchors))),
    ]
    rows += [(f"rule {name}", lambda rule=rules[name]: rule.judge(replace(case))) for name in RULES]
    slow = jsonschema.Draft202012Validator(case.schema)
    rows.append(("(jsonschema, validation alone)", lambda: slow.is_valid(case.draft)))
    table = Table("what", "a second and core", "us each", title=f"{STEPS}-step draft, {len(case.text)} characters")
    for name, work in rows:
        each = rate(work, seconds) * (8 if name.startswith("group") else 1)
        table.add_row(name, f"{each:,.0f}", f"{1e6 / each:,.1f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
