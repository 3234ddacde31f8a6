"""What a client may know of domains, and what the rules say of its drafts: done aside, with domains loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dataclaw.agent import steps
from dataclaw.agent.case import Facts, narrow_schema
from dataclaw.agent.steps import State
from dataclaw.domain import Domain, Task
from dataclaw.errors import UsageError, did_you_mean
from dataclaw.run.rescore import Rescorer, read_samples, read_trace
from dataclaw.schema import outline, problems, strip_extensions
from dataclaw.serve.opening import Plugins, set_up
from dataclaw.types import Json


def list_domains(plugins: Plugins) -> list[dict[str, Json]]:
    """Every domain with what it reads and its tasks."""
    return [
        {
            "name": domain.name,
            "summary": domain.manifest.summary,
            "reads": list(domain.manifest.reads),
            "tasks": {task.name: task.manifest.summary for task in domain.tasks.values()},
        }
        for domain in set_up(plugins).domains.values()
    ]


def show_domain(name: str, task: str | None, plugins: Plugins) -> dict[str, Json]:
    """A domain: of each task what it is for, what users say, and the form of its drafts; of one task its schema, too.

    Raises:
        UsageError: no such domain or task.
    """
    domain = _domain(name, plugins)
    told: dict[str, Json] = {
        "name": domain.name,
        "version": domain.manifest.version,
        "summary": domain.manifest.summary,
    }
    told["reads"] = list(domain.manifest.reads)
    if task is None:
        return {**told, "tasks": [_about(one) for one in domain.tasks.values()]}
    one = domain.task(task)
    return {**told, "task": {**_about(one), "schema": strip_extensions(one.schema)}}


def _domain(name: str, plugins: Plugins) -> Domain:
    domains = set_up(plugins).domains
    if name not in domains:
        raise UsageError(f"no domain {name!r}.", place="domain", remedy=did_you_mean(name, domains))
    return domains[name]


def _about(task: Task) -> dict[str, Json]:
    rules = [
        {"rule": use.declared.rule, "term": use.declared.term, "gate": use.declared.gate} for use in task.rubric.uses
    ]
    told: dict[str, Json] = {"name": task.name, "summary": task.manifest.summary, "reads": list(task.reads)}
    told["intents"] = list(task.manifest.intents[:5])
    return {**told, "draft": outline(task.schema), "rules": rules}


def validate_draft(draft: Json, domain: str, task: str, plugins: Plugins) -> dict[str, Json]:
    """Whether a draft has the form of a task: `valid`, and `problems` by JSON pointer.

    Raises:
        UsageError: no such domain or task.
    """
    return _validity(draft, _domain(domain, plugins).task(task).schema)


def validate_sample(draft: Json, out: Path, sample: str, plugins: Plugins) -> dict[str, Json]:
    """As `validate_draft`, for the stream and the anchors that a sample of a run was made of; None: its own draft.

    Raises:
        UsageError: the run has no such sample.
    """
    state, facts = _rollout(out, sample)
    task = _domain(state.domain, plugins).task(state.task)
    best = steps.best(state)
    anchors = {**state.anchors, **(best.cited if best else {})}
    schema = narrow_schema(task.schema, facts, state.window, tuple(anchors))
    return _validity(best.draft if draft is None and best else draft, schema)


def score_sample(draft: Json, out: Path, sample: str, plugins: Plugins) -> dict[str, Json]:
    """The verdict of the rules on a sample of a run, or on another draft in its place.

    Raises:
        UsageError: the run has no such sample, or it handed in no draft.
    """
    state, facts = _rollout(out, sample)
    best = steps.best(state)
    written = read_samples(out / "samples.jsonl").get(sample)
    if best is not None and draft is not None:
        state, written = replace(state, drafts=(replace(best, draft=draft),)), None
    judged = Rescorer(plugins.registry, domains=dict(set_up(plugins).domains)).judge(state, facts, written)
    if judged is None:
        raise UsageError("no draft was handed in.", place=sample, remedy="Its rejection says why.")
    return {"sample": sample, "task": judged.task, **judged.after.to_json()}


def _rollout(out: Path, sample: str) -> tuple[State, Facts]:
    known = {file.stem: file for file in (out / "traces").glob("*.json")}
    if sample not in known:
        raise UsageError(f"the job has no sample {sample[:200]!r}.", place="sample", remedy=did_you_mean(sample, known))
    return read_trace(known[sample])


def _validity(draft: Json, schema: Mapping[str, Json]) -> dict[str, Json]:
    found = problems(draft, schema)
    return {"valid": not found, "problems": [{"path": path, "message": message} for path, message in found]}
