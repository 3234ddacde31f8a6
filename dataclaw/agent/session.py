"""Where a rollout's effects happen: calling a tool, judging a draft, telling a policy what it sees.

A session is bound to one stream and one task. It is the only place that turns a `State` into a tool call, a rubric
evaluation or a prompt; `steps` stays pure, and both drivers use the same session.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import RLock

from dataclaw.agent.case import Facts, case_of, facts_of, narrow_schema
from dataclaw.agent.look import take_look
from dataclaw.agent.prompts import system_prompt, user_prompt
from dataclaw.agent.steps import SUBMIT, State, UnknownTool
from dataclaw.choosing import BY_RULES, CHOOSE, Chooser, own_answer, point_of
from dataclaw.domain import Task
from dataclaw.errors import MissingExtraError, ToolError
from dataclaw.rewards import Verdict
from dataclaw.rewards.base import Case
from dataclaw.schema import hoist, strip_extensions
from dataclaw.schema.walk import subschemas
from dataclaw.streams.clips import MAX_CLIP_FRAMES, clip_rate
from dataclaw.tools.base import Tool, ToolContext, ToolResult
from dataclaw.tools.cache import Cache, call
from dataclaw.types import Action, Anchor, Brief, Json, Message, Span, Stream

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Session:
    """One stream and one task, ready for any number of rollouts.

    Attributes:
        stream: the stream; its annotations are taken off on the way in.
        task: the task.
        cache: results of tools by content.
        ocr: OCR engine.
        reference: the gold draft, in training and on the benchmark only.
        clock: seconds, for budgets [s].
        show_task_text: show the policy the task text that came with the stream.
        min_total: least total of a sample that is kept.
        chooser: who decides at the choice points of plans.
        busy: held while a tool is called, a draft judged, or a frame read.
    """

    stream: Stream
    task: Task
    cache: Cache
    ocr: str = "rapidocr"
    reference: Json = None
    clock: Callable[[], float] = time.monotonic
    show_task_text: bool = False
    min_total: float = 0.0
    chooser: Chooser = BY_RULES
    busy: RLock = field(default_factory=RLock, repr=False)
    shown: Stream = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", without_annotations(self.stream, self.show_task_text))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels of the stream's parts, in the order shown."""
        return tuple(self.stream.parts)

    @property
    def is_too_long(self) -> bool:
        """Whether the stream has more events than a sample of the task can be about."""
        return 0 < self.task.manifest.most_events < len(self.stream.events)

    @property
    def longest(self) -> float:
        """The longest window that a sample of the task can be about [s]: as much as a clip may show."""
        frames = self.stream.frames if self.task.manifest.one_clip else None
        return math.inf if frames is None else MAX_CLIP_FRAMES / clip_rate(frames)

    @cached_property
    def _prompts(self) -> dict[tuple[str, Span], tuple[Message, Message]]:
        return {}

    def use(self, state: State) -> tuple[ToolResult | str, float]:
        """Call the pending tool: its result, or the reason why there is none; and the seconds it took."""
        with self.busy:
            start = self.clock()
            result = self._use(state)
            return result, self.clock() - start

    def verify(self, state: State) -> tuple[Verdict, float]:
        """Judge the pending draft with every rule that needs no group; and the seconds it took."""
        with self.busy:
            self.facts(state.window)  # the verifier's own look takes none of the policy's time
            start = self.clock()
            verdict = self.task.rubric.score(self.case(state))
            return verdict, self.clock() - start

    def case(self, state: State) -> Case:
        """What the rules may look at, for the pending draft."""
        return self.case_of(state, state.pending.args.get("draft") if state.pending else None, {})

    def case_of(self, state: State, draft: Json, cited: Mapping[str, Anchor]) -> Case:
        """What the rules may look at, for one of a rollout's drafts.

        Args:
            state: the rollout.
            draft: the draft.
            cited: what it cites, by id, where the rollout has forgotten it.
        """
        return case_of(
            draft,
            self.schema(state),
            self.facts(state.window),
            task=self.task,
            anchors={**state.anchors, **cited},
            window=state.window,
            intent=state.intent.text,
            reference=self.reference,
        )

    def facts(self, window: Span) -> Facts:
        """What the rules see of the stream, the verifier's own look included; it is taken when first asked for."""
        facts = self.plain_facts(window)
        if self.task.look and facts.look is None:
            context = ToolContext(self.shown, window, ocr=self.ocr)
            look = take_look(
                self.task.look, self.stream.kind, self.labels, lambda tool, args: self._try(tool, context, args)
            )
            if look.error:
                log.info("the verifier's look at %s failed: %s", self.stream.name, look.error)
            facts = self._facts[window] = replace(facts, look=look)
        return facts

    def plain_facts(self, window: Span) -> Facts:
        """What rules see of the stream without a look: enough for the draft's form."""
        if window not in self._facts:
            self._facts[window] = facts_of(self.stream, window)
        return self._facts[window]

    @cached_property
    def _facts(self) -> dict[Span, Facts]:
        return {}

    def schema(self, state: State) -> Mapping[str, Json]:
        """The task's schema narrowed to this stream and to what the rollout has seen."""
        return narrow_schema(self.task.schema, self.plain_facts(state.window), state.window, tuple(state.anchors))

    def action_schema(self, state: State) -> dict[str, Json]:
        """JSON Schema of the next assistant turn: a tool call, or `submit` with a draft; for constrained decoding.

        With one step or call left only `submit` is allowed, so that a rollout does not end without a draft. It is not
        offered while nothing was seen that a draft could cite.
        """
        left = min(state.budget.steps - state.spent.steps, state.budget.tool_calls - state.spent.tool_calls)
        if left <= 1:
            return self._union(self.schema(state), {})
        if not state.anchors and self._cites:
            return {"anyOf": [_call(name, tool.schema()) for name, tool in self.task.tools.items()]}
        return self._union(self.schema(state), self.task.tools)

    @cached_property
    def _cites(self) -> bool:
        """Whether drafts of the task cite anchors."""
        return any(node.get("x-ref") == "anchor" for _, node in subschemas(self.task.schema))

    def _union(self, schema: Mapping[str, Json], tools: Mapping[str, Tool]) -> dict[str, Json]:
        draft, named = hoist(strip_extensions(schema), "draft")
        calls = [_call(name, tool.schema()) for name, tool in tools.items()]
        union: dict[str, Json] = {"anyOf": [*calls, _call(SUBMIT, _closed_object({"draft": draft}))]}
        return union | ({"$defs": named} if named else {})

    @cached_property
    def any_action_schema(self) -> dict[str, Json]:
        """As `action_schema`, for any stream and any moment: the same for all rollouts of the task."""
        return self._union(self.task.schema, self.task.tools)

    def messages(self, state: State) -> list[Message]:
        """The transcript as chat messages. Append-only: the messages of an earlier state are a prefix."""
        key = (state.intent.text, state.window)
        if key not in self._prompts:
            system = Message("system", system_prompt(self.task))
            self._prompts[key] = (system, Message("user", user_prompt(self.shown, self.task, *key)))
        turns = [
            Message("assistant" if turn.role == "policy" else "user", turn.text, turn.pictures) for turn in state.turns
        ]
        return [*self._prompts[key], *turns]

    def run(self, tool: Tool, context: ToolContext, args: Mapping[str, Json]) -> ToolResult:
        """Run a tool, or take its earlier result.

        Raises:
            ToolError: the arguments do not fit, or the tool cannot answer.
        """
        return call(tool, context, args, self.cache)

    def brief(self, state: State) -> Brief:
        """What a plan is told."""
        return Brief(
            intent=state.intent.text,
            task=self.task.name,
            window=state.window,
            schema=self.task.schema,
            kind=self.stream.kind,
            clock=self.stream.clock,
            frames=len(self.stream.frames.times) if self.stream.frames else 0,
            labels=self.labels,
        )

    def _use(self, state: State) -> ToolResult | str:
        action = state.pending
        if action is None:
            raise ValueError("no tool call is pending: use() follows a decision")
        if action.tool == CHOOSE:
            return self._choose(state, action)
        tool = self.task.tools.get(action.tool)
        if tool is None:
            return UnknownTool(f"no tool {action.tool!r}; there is {', '.join([*self.task.tools, SUBMIT])}")
        context = ToolContext(self.shown, state.window, state.anchors, self.schema(state), self.ocr)
        return self._try(tool, context, action.args)

    def _try(self, tool: Tool, context: ToolContext, args: Mapping[str, Json]) -> ToolResult | str:
        """A tool's result, or why there is none."""
        try:
            return self.run(tool, context, args)
        except ToolError as error:
            return str(error)
        except MissingExtraError:
            raise  # every call would fail so, and no policy can install it
        except Exception as error:
            log.warning("tool %s failed on %s", tool.name, self.stream.name, exc_info=True)
            return f"tool {tool.name} failed: {type(error).__name__}: {error}"

    def _choose(self, state: State, action: Action) -> ToolResult | str:
        try:
            point = point_of(action.args, state.anchors, self.task.name, state.intent)
        except ValueError as error:
            return str(error)
        choice = own_answer(action.args, point) or self.chooser.choose(point)
        return ToolResult(choice.note(), data=choice.to_json())


def _call(name: str, args: Mapping[str, Json]) -> dict[str, Json]:
    return _closed_object({"tool": {"const": name}, "args": args})


def _closed_object(properties: Mapping[str, Json]) -> dict[str, Json]:
    """An object that has these properties and no others."""
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def without_annotations(stream: Stream, show_task_text: bool = False) -> Stream:
    """The stream as policies and tools see it."""
    shown = {"task": stream.annotations["task"]} if show_task_text and "task" in stream.annotations else {}
    parts = {label: without_annotations(part) for label, part in stream.parts.items()}
    return replace(stream, annotations={}, parts=parts, meta={**stream.meta, **shown})
