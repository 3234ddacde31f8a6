"""Trajectories of agents: AgentNet / OpenCUA, and ATIF, the interchange format of agent harnesses."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dataclaw.export.asking import texts_of
from dataclaw.export.example import Example, ExampleTurn, LeftOutExample, Medium
from dataclaw.export.formats.base import Format, Lines, fragment_text
from dataclaw.types import Json
from dataclaw.version import __version__

CALL = "pyautogui"
SCHEMA = "ATIF-v1.7"


class AgentNet(Lines):
    """AgentNet as OpenCUA publishes it: a task a line, each step with its screenshot, thought and pyautogui code."""

    name = "agentnet"
    summary = "AgentNet / OpenCUA: a task a line, steps with screenshot, thought and pyautogui code"
    whole = True
    coordinates = "fractions"

    def row(self, example: Example) -> dict[str, Json] | LeftOutExample:
        """One task."""
        steps = [(step, _picture(example, step)) for step in example.steps if step.get("code")]
        if not steps or len(steps) < len(example.steps):
            return LeftOutExample(example.id, "AgentNet holds steps with code, which its answer does not have")
        return {
            "task_id": example.id,
            "instruction": _instruction(example),
            "task_completed": True,
            "traj": [
                {
                    "index": index,
                    "image": self.target.store.add(picture),
                    "value": {key: value for key, value in step.items() if isinstance(value, str)},
                }
                for index, (step, picture) in enumerate(steps)
            ],
        }


class Atif(Format):
    """ATIF 1.7: one JSON file a trajectory below `train/` and `validation/`, evidence in `extra`."""

    name = "atif"
    summary = "ATIF 1.7: a trajectory a file, tool calls with observations, evidence in extra"
    whole = True
    coordinates = "fractions"

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Write one trajectory."""
        steps = [*self._steps(example)]
        sample = example.sample
        body: dict[str, Json] = {
            "schema_version": SCHEMA,
            "session_id": example.stream,
            "trajectory_id": example.id,
            "agent": {"name": "dataclaw", "version": __version__, "model_name": sample.made_by.policy},
            "steps": [{"step_id": number, **step} for number, step in enumerate(steps, 1)],
            "final_metrics": {"total_steps": len(steps)},
            "extra": {
                "intent": sample.intent.text,
                "evidence": dict(sample.evidence),
                "anchors": {k: a.model_dump(mode="json", exclude_defaults=True) for k, a in sample.anchors.items()},
                "total": sample.verdict.total,
            },
        }
        file = self.target.root / side / f"{example.id}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return None

    def close(self) -> None:
        """Nothing is open."""

    def _steps(self, example: Example) -> Iterator[dict[str, Json]]:
        if not example.steps:
            for turn in example.turns:
                yield self._turn_step(turn, example)
            return
        screens = [_picture(example, step) for step in example.steps]
        yield {"source": "user", "message": [_text(_instruction(example)), self._image(screens[0])]}
        for number, step in enumerate(example.steps):
            call = f"call-{number + 1}"
            after = [self._image(screens[number + 1])] if number + 1 < len(screens) else []
            taken: dict[str, Json] = {
                "source": "agent",
                "message": str(step.get("action", "")),
                "reasoning_content": str(step.get("thought", "")),
                "extra": {"observation": step.get("observation", "")},
            }
            if step.get("code"):
                taken["tool_calls"] = [
                    {"tool_call_id": call, "function_name": CALL, "arguments": {"code": step["code"]}}
                ]
                if after:
                    taken["observation"] = {"results": [{"source_call_id": call, "content": after}]}
            yield taken

    def _turn_step(self, turn: ExampleTurn, example: Example) -> dict[str, Json]:
        """A turn without tools: what was asked, and the answer with its reasoning."""
        media = [self._image(medium) for medium in turn.media if medium.kind == "image"]
        text = "".join(fragment_text(part, self.target.coordinates) for part in turn.fragments)
        source = {"assistant": "agent"}.get(turn.role, turn.role)
        step: dict[str, Json] = {"source": source, "message": [_text(text), *media] if media else text}
        if turn.role == "assistant" and (thoughts := texts_of(example.sample.cot)):
            step["reasoning_content"] = "\n".join(thoughts)
        if clips := [self.target.store.add(medium) for medium in turn.media if medium.kind == "video"]:
            step["extra"] = {"videos": clips}
        return step

    def _image(self, medium: Medium) -> dict[str, Json]:
        path = f"../{self.target.store.add(medium)}"
        return {"type": "image", "source": {"media_type": "image/jpeg", "path": path}}


def _text(text: str) -> dict[str, Json]:
    return {"type": "text", "text": text}


def _picture(example: Example, step: dict[str, Json]) -> Medium:
    """The screen before a step, which the example shows."""
    return example.files.pictures["", int(step["frame"])]


def _instruction(example: Example) -> str:
    """What the agent was told: the first line of what the user says."""
    (asked, *_) = [turn for turn in example.turns if turn.role == "user"]
    text = "".join(getattr(part, "text", "") for part in asked.fragments).strip()
    return text.removeprefix("Task: ")
