"""DataClaw as a toolset of a pydantic-ai agent.

The agent sees which recordings there are, has samples made of one, and asks what proves a field of an answer. What a
model says is not trusted: it names recordings, never paths, and an error goes back to it as something to do better.
Run it with any model of pydantic-ai's: `python examples/toolset.py examples/traces openai:MODEL "What was ordered?"`
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pydantic_ai import Agent, FunctionToolset, ModelRetry

from dataclaw import DataClawError, tailor


def make_toolset(folder: Path, **options: Any) -> FunctionToolset[Any]:
    """Tools over the recordings in a folder; `options` are those of `dataclaw.tailor`."""
    recordings = {path.name: path for path in sorted(folder.iterdir()) if path.is_dir()}
    made: dict[str, dict[str, Any]] = {}
    toolset: FunctionToolset[Any] = FunctionToolset()

    @toolset.tool_plain
    def list_recordings() -> list[str]:
        """Name the recordings that samples can be made of."""
        return list(recordings)

    @toolset.tool_plain
    def make_samples(recording: str, intent: str) -> list[dict[str, Any]]:
        """Make verified training samples of one recording; say in plain words what they are for."""
        if recording not in recordings:
            raise ModelRetry(f"There is no recording {recording!r}, only: {', '.join(recordings)}.")
        try:
            (outcome,) = tailor(recordings[recording], intent, **options)
        except DataClawError as error:
            raise ModelRetry(str(error)) from None
        made.update({sample["id"]: sample for sample in outcome.samples})
        kept = [{name: sample[name] for name in ("id", "question", "answer")} for sample in outcome.samples]
        return kept or [{"rejected": row["reason"], "remedy": row["remedy"]} for row in outcome.rejected]

    @toolset.tool_plain
    def show_evidence(sample: str, pointer: str) -> list[str]:
        """Show what proves a field of a sample, `/answer/actions/0/point` for example."""
        if sample not in made or pointer not in made[sample]["evidence"]:
            fields = list(made[sample]["evidence"])[:20] if sample in made else []
            raise ModelRetry(f"Nothing there. Samples: {list(made)}; fields: {fields}.")
        anchors = made[sample]["anchors"]
        return [f"{anchors[one]['t0']:.2f} s: {anchors[one]['content']}" for one in made[sample]["evidence"][pointer]]

    return toolset


if __name__ == "__main__":
    agent = Agent(sys.argv[2], toolsets=[make_toolset(Path(sys.argv[1]))])
    print(agent.run_sync(sys.argv[3]).output)
