"""What a run would cost, before it runs: `dataclaw run --dry-run`.

Streams are opened and routed but nothing is decoded. Token counts are characters / 4. What a policy will really do is
not known: calls are those of a typical rollout (every tool once, then a draft), tokens follow from the prompt's length.
"""

from __future__ import annotations

from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.prompts import system_prompt, user_prompt
from dataclaw.agent.router import has_pictures, route
from dataclaw.agent.runtime import Runtime
from dataclaw.errors import DataClawError
from dataclaw.models.adapter_index import PLANNER
from dataclaw.run.prepare import Setup
from dataclaw.run.run import Sources
from dataclaw.streams import Sampling
from dataclaw.tools.cache import Cache
from dataclaw.types import Json

EVENT_TOKENS = 25
"""Tokens that an event costs when it is listed."""
DRAFT_TOKENS = 90
"""Tokens that an event costs in a draft."""
SECONDS_A_FRAME = 0.35
"""Reading the text around a pointer, on two cores [s]."""
TOKENS_A_SECOND = {"embedded": (170.0, 100.0)}
"""(read, written) tokens a second; measured on two cores."""
REMOTE = (2000.0, 60.0)


def estimate(setup: Setup, sources: Sources) -> list[dict[str, Json]]:
    """One row a stream: kind, task, calls, tokens and seconds; a stream that cannot be opened says why."""
    config = setup.config
    runtime = Runtime(Planner(), setup.domains, Cache(), Sampling(max_frames=config.max_frames))
    runtime.readers.update(sources)
    rows: list[dict[str, Json]] = []
    for source in sources:
        try:
            stream = runtime.stream(source)
            routed = route(
                config.intent,
                stream.kind,
                runtime.domains,
                domain=setup.domain,
                task=config.task,
                pictures=has_pictures(stream),
            ).require_match()
        except DataClawError as error:
            rows.append({"source": source, "kind": "rejected", "task": str(error)})
            continue
        choice, domain = routed.choice, runtime.domains[routed.choice.domain]
        task = domain.task(choice.task)
        decider = setup.deciders[choice.domain]
        prompt = system_prompt(task) + user_prompt(stream, task, config.intent, (0.0, stream.duration))
        calls = (len(task.tools) + 1) * config.best_of * config.samples
        events = max(len(stream.events), 8)
        context = len(prompt) // 4 + events * EVENT_TOKENS
        written = (events * DRAFT_TOKENS + 20 * calls) * config.best_of
        model = decider.model != PLANNER
        read_speed, write_speed = TOKENS_A_SECOND.get(decider.model, REMOTE)
        frames = min(len(stream.frames.times), events) if stream.frames else 0
        seconds = frames * SECONDS_A_FRAME + ((context / read_speed + written / write_speed) if model else 0.0)
        rows.append(
            {
                "source": source,
                "kind": stream.kind,
                "task": f"{choice.domain}.{choice.task}{'' if routed.sure else ' (unsure)'}",
                "calls": calls,
                "tokens_read": context * calls if model else 0,
                "tokens_written": written if model else 0,
                "seconds": round(seconds, 1),
                "domain": choice.domain,
                "decides": decider.record(),
            }
        )
    return rows
