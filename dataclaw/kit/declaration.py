"""What a domain declares, checked before anything of it runs: manifest, files, schemas, rules, tools, templates.

Nothing stops at the first problem. What a problem spoils is left out, and the rest is checked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import cast

from rapidfuzz import fuzz

from dataclaw.config import Budget, RuleUse, TaskManifest
from dataclaw.errors import ConfigError, DataClawError, PluginError, did_you_mean
from dataclaw.kit.line_numbers import function_line, json_line
from dataclaw.kit.manifest import MANIFEST, Declaration, own_names, utf8_problem
from dataclaw.kit.own_look import check_look
from dataclaw.kit.progress import CheckStep, trying
from dataclaw.kit.report import Notes
from dataclaw.kit.weights import check_weights
from dataclaw.plugins.borrow import borrow_rules
from dataclaw.plugins.code import Code, loaders_of, plans_of, rules_of, tools_of
from dataclaw.plugins.load import inside
from dataclaw.plugins.merge import KeyPath, merge_rules, used_rules
from dataclaw.rewards import Rubric, library
from dataclaw.rewards.base import Rule
from dataclaw.schema import load_schema
from dataclaw.schema.narrow import key_order
from dataclaw.schema.recursion import loops
from dataclaw.schema.walk import subschemas
from dataclaw.streams.registry import builtin as builtin_loaders
from dataclaw.strict import check
from dataclaw.tools import builtin as builtin_tools
from dataclaw.tools.base import Tool
from dataclaw.types import Json

KINDS = frozenset({"gui", "video", "fragments", "trajectory", "edit", "timeline", "lesson", "narration"})
FEWEST_INTENTS = 3
ALIKE = 92.0
"""Templates of two tasks whose words agree by this much (0 to 100, in any order) are the same question."""
_AT = re.compile(r"\(at line (\d+)|at line (\d+)|line (\d+)")
_IN_SCHEMA = re.compile(r"(?:not a JSON Schema: )?\$([^:\s]*): ")
_IN_CODE = re.compile(r"([\w/]+\.py):(\d+): ")
_SLOT = re.compile(r"\{[a-z_]+\}")


def read_parts(declared: Declaration, notes: Notes) -> Code:
    """The plugin's code, module by module; a module that is wrong is noted and brings nothing."""
    rules: Mapping[str, Rule] = {}
    tools: Mapping[str, Tool] = {}
    plans = loaders = None
    plugin = declared.plugin
    with _noted_errors(notes, "rules.py"):
        rules = rules_of(plugin, declared.manifest.name)
    with _noted_errors(notes, "tools.py"):
        tools = tools_of(plugin)
    with _noted_errors(notes, "plans.py"):
        plans = plans_of(plugin)
    with _noted_errors(notes, "loaders.py"):
        loaders = loaders_of(plugin)
    borrowed = borrow_rules(plugin, declared.manifest)
    return Code({**borrowed.rules, **rules}, tools, plans or {}, loaders or (), borrowed.failed)


def declared_parts(declared: Declaration) -> Code:
    """Stand-ins for what a declaration names of other domains, where no code is looked at."""
    borrowed = borrow_rules(declared.plugin, declared.manifest, code=False)
    return Code(borrowed.rules, failed=borrowed.failed)


@contextmanager
def _noted_errors(notes: Notes, file: str) -> Generator[None]:
    """Note a plugin's error instead of raising it."""
    try:
        with trying(CheckStep(f"importing {file}", "import", file, 1)):
            yield
    except PluginError as error:
        found = _IN_CODE.search(error.message)
        file, line = (found[1], int(found[2])) if found else (file, 1)
        notes.error("code", error.message, error.remedy, file=file, line=line)


def check_declaration(declared: Declaration, code: Code, notes: Notes, *, loaded: bool = True) -> set[str]:
    """Check everything that is declared.

    Args:
        declared: the manifest.
        code: what the plugin's modules bring.
        notes: where problems go.
        loaded: False when the plugin's code was not looked at, so that names of its own are not known.

    Returns:
        The tasks that are sound enough to be run.
    """
    sound: set[str] = set()
    broken = any(problem.check == "code" for problem in notes.problems)
    loaded = loaded and not broken and not declared.spoilt
    for name, task in declared.manifest.tasks.items():
        before = sum(problem.level == "error" for problem in notes.problems)
        _check_task(declared, code, notes, name, task, loaded)
        if not broken and not declared.spoilt and before == sum(problem.level == "error" for problem in notes.problems):
            sound.add(name)
        check_weights(declared, notes, name)  # whose weights say little can be tried all the same
    _check_prompt(declared, notes, declared.manifest.prompt, ("prompt",))
    _check_file(declared, notes, declared.manifest.fixtures, ("fixtures",))
    if not declared.manifest.fixtures and not declared.is_spoilt("fixtures"):
        notes.error("fixtures", "there are no fixtures.", 'Add fixtures = "fixtures.jsonl".', file=MANIFEST, line=1)
    _check_templates(declared, notes)
    _check_idle(declared, code, notes)
    return sound


def _check_task(declared: Declaration, code: Code, notes: Notes, name: str, task: TaskManifest, loaded: bool) -> None:
    place = ("tasks", name)
    if declared.is_spoilt(*place):
        return
    _check_kinds(declared, code, notes, name, task)
    _check_prompt(declared, notes, task.prompt, (*place, "prompt"))
    if not declared.is_spoilt(*place, "schema") and _check_file(declared, notes, task.schema_file, (*place, "schema")):
        _check_schema(declared.plugin.root, task.schema_file, notes, name)
    own = own_names(declared.plugin.root, "rules.py") if declared.spoilt else None
    rules = {**library(), **code.rules}
    merged = merge_rules(declared.manifest, name)
    for key, message, remedy in merged.problems:
        if not declared.is_spoilt(*key):
            notes.error("rule", message, remedy, file=MANIFEST, line=declared.line(*key), task=name)
    for key, use in merged.rules.items():
        ours = use.rule.startswith(f"{declared.manifest.name}.")
        known = loaded or not ours or (own is not None and use.rule not in own)
        if known and not declared.is_spoilt(*key, "rule"):
            _check_rule(declared, rules, code.failed.get(use.rule), notes, key, use)
    if loaded or declared.spoilt:
        _check_tools(declared, code, notes, name, task)
    check_look(declared, {**builtin_tools(), **code.tools}, notes, name, task, loaded=loaded)
    try:
        check({**declared.manifest.budget.model_dump(), **task.budget}, Budget, "budget")
    except ConfigError as error:
        line = declared.line(*place, "budget")
        notes.error("manifest", error.message, error.remedy, file=MANIFEST, line=line, task=name)
    if len(task.intents) < FEWEST_INTENTS and not declared.is_spoilt(*place, "intents"):
        line = declared.line(*place, "intents")
        notes.error("intents", f"has {len(task.intents)} intent template(s), at least {FEWEST_INTENTS} are needed.",
                    "Write what users would say.", file=MANIFEST, line=line, task=name)  # fmt: skip


def _check_file(declared: Declaration, notes: Notes, file: str | None, key: tuple[str, ...]) -> bool:
    if file is None:
        return False
    try:
        inside(declared.plugin.root, file)
    except PluginError as error:
        task = key[1] if len(key) > 1 else ""
        notes.error("file", error.message, error.remedy, file=MANIFEST, line=declared.line(*key), task=task)
        return False
    return True


def _check_prompt(declared: Declaration, notes: Notes, file: str | None, key: tuple[str, ...]) -> None:
    if file is not None and _check_file(declared, notes, file, key):
        wrong, line = utf8_problem((declared.plugin.root / file).read_bytes())
        if wrong:
            task = key[1] if len(key) > 1 else ""
            notes.error("file", f"{wrong}.", "Save it as UTF-8.", file=file, line=line, task=task)


def _check_kinds(declared: Declaration, code: Code, notes: Notes, name: str, task: TaskManifest) -> None:
    known = KINDS | {loader.kind for loader in (*builtin_loaders(), *code.loaders)}
    own = bool(task.reads)
    for kind in task.reads or declared.manifest.reads:
        if kind not in known:
            line = declared.line(*(("tasks", name, "reads") if own else ("reads",)))
            notes.error("kind", f'no loader gives streams of kind "{kind}".', did_you_mean(kind, known),
                        file=MANIFEST, line=line, task=name if own else "")  # fmt: skip


def _check_rule(
    declared: Declaration,
    rules: Mapping[str, Rule],
    failed: DataClawError | None,
    notes: Notes,
    key: KeyPath,
    use: RuleUse,
) -> None:
    weights = dict(declared.manifest.terms)
    if declared.is_spoilt("terms", use.term) or declared.is_spoilt(*key, "term"):
        weights.setdefault(use.term, 1.0)
    try:
        Rubric.build(weights, [use], rules)
    except ConfigError as error:
        task = str(key[1]) if key[0] == "tasks" else ""
        known, terms = ", ".join(sorted(rules)), ", ".join(declared.manifest.terms)
        remedy = f"There is: {known}." if use.rule not in rules else f"Terms: {terms}."
        message, remedy = (failed.message, failed.remedy) if failed else (error.message, remedy)
        line = declared.line(*key)
        notes.error("rule", message, remedy, file=MANIFEST, line=line, task=task, subject=use.rule)


def _check_tools(declared: Declaration, code: Code, notes: Notes, name: str, task: TaskManifest) -> None:
    tools = {**builtin_tools(), **code.tools}
    written = own_names(declared.plugin.root, "tools.py") if declared.spoilt else frozenset[str]()
    own = bool(task.tools)
    reads = set(task.reads or declared.manifest.reads)
    for index, tool in enumerate(task.tools or declared.manifest.tools):
        path = ("tasks", name, "tools", index) if own else ("tools", index)
        place: dict[str, Json] = {"file": MANIFEST, "line": declared.line(*path), "task": name if own else ""}
        if tool not in tools and (written is None or tool in written):
            continue  # the plugin's own perhaps, whose code is not run
        if tool not in tools:
            notes.error("tool", f"there is no tool {tool!r}.", did_you_mean(tool, tools), **place)
        elif own and tools[tool].kinds and not reads.intersection(tools[tool].kinds):
            kinds = ", ".join(tools[tool].kinds)
            notes.error(
                "tool", f"tool {tool!r} works on {kinds}, which the task does not read.", "Take it out.", **place
            )


def _check_schema(root: Path, file: str, notes: Notes, task: str) -> None:
    text = (root / file).read_text(encoding="utf-8", errors="replace")
    try:
        schema = load_schema(inside(root, file), thorough=True)
    except DataClawError as error:
        line = _schema_line(text, error.message)
        notes.error("schema", error.message, error.remedy, file=file, line=line, task=task)
        return
    for pointer, target in loops(schema):
        notes.error("schema", f"{pointer}: {target} leads back to what holds it, so that a draft may nest without end.",
                    "Write out as many levels as a draft needs.", file=file, line=json_line(text, pointer),
                    task=task)  # fmt: skip
    for pointer, message in _habits(schema):
        notes.error("schema", f"{pointer or '/'}: {message}.", file=file, line=json_line(text, pointer), task=task)


def _schema_line(text: str, message: str) -> int:
    found, at = _IN_SCHEMA.match(message), _AT.search(message)
    if found:
        return json_line(text, "".join(f"/{t}" for t in re.split(r"[.\[\]]+", found[1]) if t))
    return int(next(g for g in at.groups() if g)) if at else 1


def _habits(schema: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """What a valid schema may still lack to be a good draft's form: `(pointer, what)`."""
    cites = False
    for pointer, node in subschemas(dict(schema)):
        if node.get("type") == "array" and "maxItems" not in node and "prefixItems" not in node:
            yield pointer, "an array needs maxItems, or a draft may never end"
        properties = cast("dict[str, dict[str, Json]]", node.get("properties", {}))
        if properties and node.get("additionalProperties") is not False:
            yield pointer, 'an object needs "additionalProperties": false'
        for key, sub in properties.items():
            if not _has_description(sub, schema):
                yield f"{pointer}/properties/{key}", "needs a description: it is what a model reads"
        if "cite" in properties:
            cites = True
            if key_order(node)[0] != "cite":
                yield pointer, "cite must come first: evidence is named before what it proves"
    if not cites:
        yield "", "nothing cites: a draft must name its evidence"


def _has_description(sub: Json, schema: Mapping[str, Json]) -> bool:
    from dataclaw.kit.attacks import follow_refs

    return not isinstance(sub, dict) or bool(
        cast("dict[str, Json]", sub).get("description") or follow_refs(cast("Json", sub), schema).get("description")
    )


def _check_templates(declared: Declaration, notes: Notes) -> None:
    """Templates that two tasks share send a user to either of them."""
    said = [
        (task, index, intent, " ".join(_SLOT.sub(" ", intent).casefold().split()))
        for task, manifest in declared.manifest.tasks.items()
        for index, intent in enumerate(manifest.intents)
        if not declared.is_spoilt("tasks", task, "intents")
    ]
    for (task, index, first, one), (other, number, second, two) in combinations(said, 2):
        same = one == two
        if not same and (task == other or fuzz.token_sort_ratio(one, two) < ALIKE):
            continue
        place: dict[str, Json] = {"file": MANIFEST, "line": declared.line("tasks", other, "intents", number)}
        where = f"{first!r} of {task} (line {declared.line('tasks', task, 'intents', index)})"
        message = f"the template {second!r} is {'' if same else 'nearly '}{where}: an intent could mean either."
        notes.error("templates", message, "Say what sets them apart.", task=other, **place)


def _check_idle(declared: Declaration, code: Code, notes: Notes) -> None:
    """What the code brings and nothing uses."""
    manifest = declared.manifest
    used = used_rules(manifest)
    for name, rule in code.rules.items():
        if name not in used:
            notes.warn("idle", f"rule {name} is used by no task.", "Use it, or take it out.", file="rules.py",
                       line=function_line(rule.judge), subject=name)  # fmt: skip
    for name in sorted(set(code.plans) - set(manifest.tasks)):
        notes.error("plan", f"PLANS has {name!r}, which is no task.", did_you_mean(name, manifest.tasks),
                    file="plans.py", line=function_line(code.plans[name]), subject=name)  # fmt: skip
