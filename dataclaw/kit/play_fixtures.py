"""`dataclaw domain test`: every fixture through the planner, end to end, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dataclaw.agent.steps import best
from dataclaw.domain import Domain
from dataclaw.kit.child import STEP, run_job
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import fixtures_of, place_of, play
from dataclaw.kit.observed import load_observed
from dataclaw.kit.progress import CheckStep, trying
from dataclaw.plugins.find import Plugin, plugin_at
from dataclaw.types import Json


def play_fixtures(name: str, *, registry: Path | None = None, step: float = STEP) -> list[dict[str, Json]]:
    """What the planner hands in at each fixture of a domain.

    Args:
        name: name of a discovered domain, or path of a plugin folder.
        registry: the `plugins.toml` to use instead of the default.
        step: how long one call of the plugin's code may take at most [s].

    Raises:
        UsageError: there is no such domain.
        ChildError: the plugin's code ended the process, or took too long.
        PluginError: the plugin is wrong.
    """
    return run_job(play_job, plugin_at(name, registry), {}, step=step)


def play_job(plugin: Plugin, args: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The same in this process."""
    del args
    domain = load_observed(plugin).domain
    return [_play_one(domain, row) for row in fixtures_of(domain)]


def _play_one(domain: Domain, row: Fixture) -> dict[str, Json]:
    with trying(CheckStep("playing the fixture", at=place_of(row))):
        played = play(domain, row)
    found = best(played.state)
    return {
        "domain": domain.name,
        "task": row.task,
        "line": row.line,
        "passed": played.is_accepted and not played.failed_rules,
        "why": played.why or (f"accepted, but {played.failed_rules}" if played.failed_rules else ""),
        "steps": played.state.spent.steps,
        "total": round(found.verdict.total, 4) if found else None,
        "draft": played.draft,
    }
