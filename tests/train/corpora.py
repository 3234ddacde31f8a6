"""A small corpus of made-up traces in two domains, in the files of a real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOMAINS = ("gui", "daily")


def action(tool: str, **args: Any) -> str:
    """An action as a policy writes it."""
    return json.dumps({"tool": tool, "args": args}, separators=(",", ":"))


def trace(number: int, domain: str = "gui") -> dict[str, Any]:
    """A trace of three turns, of which the second went wrong and is not learnt."""
    draft = {"cot": [{"cite": [f"e{number}"], "text": "seen"}], "question": {"cite": ["e1"], "text": "Which?"}}
    turns = [
        ("system", f"Work on {domain}.", False),
        ("user", f"Task {number}.", False),
        ("assistant", action("list_events", page=number % 3), True),
        ("user", "id|t\ne1|0.5", False),
        ("assistant", action("crop", frame=number), False),
        ("user", "no such frame", False),
        ("assistant", action("submit", draft=draft), True),
    ]
    messages = [{"role": role, "content": text, "train": train} for role, text, train in turns]
    return {"id": f"{domain}-{number:03}", "domain": domain, "task": "t", "detour": "", "messages": messages}


def corpus(folder: Path, *, traces: int = 12, held: int = 3) -> Path:
    """Write a corpus with so many training and validation traces a domain."""
    export = folder / "export"
    export.mkdir(parents=True)
    write(export / "traces.jsonl", [trace(n, d) for n in range(traces) for d in DOMAINS])
    write(export / "validation_traces.jsonl", [trace(500 + n, d) for n in range(held) for d in DOMAINS])
    return folder


def write(path: Path, rows: list[Any]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
