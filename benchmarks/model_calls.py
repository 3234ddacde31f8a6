"""How many requests, tokens, pictures and how much money one sample takes from a model that is asked over a network.

    python benchmarks/model_calls.py [--code CHECKOUT] [--model openai:gpt-5] [--transcripts FILE]

One stream a domain: the trace and the cut of `examples/`, and a scene of three worlds. The planner's own rollout is
recorded; then `dataclaw run` asks a server on loopback, which answers as that rollout went on: what was looked at
already it does not ask for again, calls that it may name together it names together, and it ends with the planner's
draft. So every row gives the same sample. Tokens are counted as for the model named: text by its length, pictures by
its rule; cached are those of a beginning that an earlier request had, byte for byte. `--code` runs another checkout,
whose requests are answered one action at a time if it asks so. `--transcripts` writes every conversation, whole.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from dataclaw import tailor
from dataclaw.models.image_tokens import image_rule, text_tokens
from dataclaw.models.prices import find_price
from dataclaw.testing import Asked, ModelServer, Reply
from dataclaw.types import Action, Usage
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.maker import Maker

ROOT = Path(__file__).parents[1]
HEAD = """# What a model reads and says

Whole conversations of [one sample a domain](models.md), written by `python benchmarks/model_calls.py --transcripts
docs/transcripts.md`. The answers are those of the planner's own rollout, right and dull; `[picture]` stands for
an image, and tools and forms, which providers are given apart, are left out. In `choose` the model leaves all as it is.

"""
SCENES = {
    "daily.temporal_qa": SceneSpec("chores", 3, 2, "held"),
    "education.lecture_summary": SceneSpec("talk", 3, 2, "held"),
    "embodied.interleaved_tutorial": SceneSpec("bench", 3, 2, "held"),
}
CASES = {
    "gui.action_sequence": (ROOT / "examples/traces/shop_and_mail", "Extract the ordered UI actions with coordinates"),
    "aigc.edit_plan": (ROOT / "examples/cuts/violin_workshop.edl", "the cut of the first half of the programme"),
}


@dataclass
class Played:
    """A model that goes on as a recorded rollout did.

    Attributes:
        script: the rollout's actions, its draft last.
        model: whose tokens are counted.
        usage: what all its requests took.
    """

    script: list[Action]
    model: str
    usage: Usage = field(default_factory=Usage)
    heard: list[str] = field(default_factory=list)
    _before: list[tuple[str, list[str]]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        """What the rollout did next."""
        told = "\n".join(asked.texts)
        if '"texts"' in told and "Places:" in told:
            said: Any = Reply(json.dumps({"texts": []}))
        elif '"keep"' in told and "Facts:" in told:
            said = Reply(json.dumps({"keep": [], "why": "the rules are right"}))
        else:
            said = self._next(asked, told)
        images = [Image.open(io.BytesIO(data)).size for data in asked.images]
        rule = image_rule(self.model)
        seen = sum(rule.tokens(*size) for size in images)
        read = text_tokens(asked.prefix) + sum(map(text_tokens, asked.texts)) + seen
        written = text_tokens(said.text) + sum(text_tokens(json.dumps(dict(call.args))) for call in said.calls)
        self._hear(asked, said)
        self.usage += Usage(1, read, self._kept(asked), written, len(images))
        return said

    def _hear(self, asked: Asked, said: Reply) -> None:
        """Keep what is new in a request, and its answer."""
        known = len(self._before[-1][1]) if self._before else 0
        for message in asked.body["messages"][known and known + 1 :]:
            text = "\n".join(part for part in _texts(message["content"]))
            self.heard.append(f"**{message['role']}**\n\n{_block(text)}")
        calls = [f"{call.tool}({json.dumps(dict(call.args), ensure_ascii=False)})" for call in said.calls]
        self.heard.append(f"**model**\n\n{_block(said.text or chr(10).join(calls))}")

    def _next(self, asked: Asked, told: str) -> Reply:
        if not asked.body.get("tools"):  # one action an answer
            looked = sum(_called(action) in told for action in self.script[:-1]) if "Looked at already" in told else 0
            return Reply(_text(self.script[min(looked + asked.turns, len(self.script) - 1)]))
        missing = [action for action in self.script[:-1] if _called(action) not in told]
        return Reply(calls=missing if missing and not asked.turns else self.script[-1:])

    def _kept(self, asked: Asked) -> int:
        """Tokens of the longest beginning that an earlier request had."""
        pieces = [json.dumps(message, sort_keys=True) for message in asked.body["messages"]]
        texts = [text_tokens(piece) if "base64" not in piece else 0 for piece in pieces]
        best = 0
        for prefix, earlier in self._before:
            if prefix == asked.prefix:
                same = next((at for at, (a, b) in enumerate(zip(pieces, earlier, strict=False)) if a != b), None)
                same = min(len(pieces), len(earlier)) if same is None else same
                best = max(best, text_tokens(prefix) + sum(texts[:same]))
        self._before.append((asked.prefix, pieces))
        return best


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [part.get("text") or "[picture]" for part in content]


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


def _called(action: Action) -> str:
    return f"{action.tool}({', '.join(f'{key}={value!r}' for key, value in action.args.items())})"


def _text(action: Action) -> str:
    return json.dumps({"tool": action.tool, "args": dict(action.args)}, ensure_ascii=False)


def recorded(path: Path, domain: str, task: str, intent: str) -> list[Action]:
    """The planner's own rollout, without its choices."""
    (outcome,) = tailor(path, intent, domain=domain, task=task, choose="rules")
    if not outcome.samples:
        raise SystemExit(f"{domain}.{task}: {outcome.rejected[0]['reason']}")
    turns = [turn["action"] for turn in outcome.traces[0]["turns"] if turn["role"] == "policy"]
    return [Action(turn["tool"], turn["args"]) for turn in turns if turn["tool"] != "choose"]


def _rehearse(command: list[str]) -> dict[str, Any]:
    """What `--dry-run` says of the same run."""
    where = command.index("--out")
    done = subprocess.run(
        [*command[:where], *command[where + 2 :], "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)[0]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--code", type=Path, default=ROOT, help="checkout that asks")
    parser.add_argument("--model", default="openai:gpt-5")
    parser.add_argument("--transcripts", type=Path, help="page to write")
    options = parser.parse_args()
    price = find_price(options.model)
    own = options.code.resolve() == ROOT
    ways = {"look": ["--tools", "native"], "choose": ["--mode", "choose"]} if own else {"as it was": []}
    pages: list[str] = []
    head = ["task", "way", "requests", "tokens read", "cached", "written", "pictures", "cost of a sample"]
    print(f"| {' | '.join([*head, '--dry-run: requests, read, written'])} |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, Maker(Path(folder) / "scenes") as maker:
        cases = {name: (str(path), intent) for name, (path, intent) in CASES.items()}
        for name, spec in SCENES.items():
            scene = maker.make(spec)
            if not isinstance(scene, Scene):
                raise SystemExit(str(scene))
            asks = find_world(spec.world).requests(scene, 12)
            cases[name] = (str(scene.path), next(ask.intent for ask in asks if ask.task == name.partition(".")[2]))
        for name, (path, intent) in cases.items():
            domain, _, task = name.partition(".")
            script = recorded(Path(path), domain, task, intent)
            for way, flags in ways.items():
                played = Played(script, options.model)
                with ModelServer(played.answer) as server:
                    command = [sys.executable, "-m", "dataclaw.cli", "run", path, "-d", domain, "-t", task]
                    command += ["-i", intent, "-m", options.model, "--base-url", server.url, "--choose", "rules"]
                    command += ["--no-report", "--out", str(Path(folder) / f"{name}-{way}"), "--json", *flags]
                    guess = _rehearse(command) if own else {}
                    environment = {**os.environ, "PYTHONPATH": str(options.code)}
                    done = subprocess.run(
                        command, cwd=options.code, capture_output=True, text=True, env=environment, check=False
                    )
                made = json.loads(done.stdout)["accepted"] if done.stdout.startswith("{") else done.stderr[-300:]
                used = played.usage
                cost = f"{price.of_usage(used):.3f}" if price else ""
                told_before = f"{guess['requests']}, {guess['read']:,}, {guess['written']:,}" if guess else ""
                row = [name, way, used.requests, used.read, used.cached, used.written, used.images, cost, told_before]
                told = " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in row)
                pages.append("\n\n".join([f"## {name}, {way}", f"> {intent}", *played.heard]))
                print(f"| {told} |{'' if made == 1 else f' not accepted: {made}'}", flush=True)

    if options.transcripts:
        options.transcripts.write_text(HEAD + "\n\n".join(pages) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
