"""A plugin's own rules, tools, plans and loaders, imported and put behind the guard.

Everything that a plugin's code may do wrong later (raise, hang, print, exit) is dealt with here, once, so that the
rest of the house calls plugins as it calls its own.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import logging
import sys
import tempfile
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, TypeVar, cast

from dataclaw.errors import DataClawError, PluginError, StreamError
from dataclaw.plugins import guard
from dataclaw.plugins.find import Plugin
from dataclaw.plugins.guard import call_guarded
from dataclaw.rewards.base import Case, Rule, Score
from dataclaw.rewards.frozen import frozen_case
from dataclaw.streams.grid import Sampling
from dataclaw.streams.loader import Loader
from dataclaw.streams.registry import builtin as builtin_loaders
from dataclaw.tools import builtin as builtin_tools
from dataclaw.tools.base import Tool, ToolResult
from dataclaw.types import Action, Json, Observation, Plan, Stream

MODULES = ("rules", "tools", "plans", "loaders")
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Code:
    """What a plugin's modules bring.

    Attributes:
        rules: its rules by name.
        tools: its tools by name.
        plans: its plans by task.
        loaders: its loaders.
        failed: why rules of other domains that it uses cannot be had, by full name.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    plans: Mapping[str, Plan] = field(default_factory=dict[str, Plan])
    loaders: tuple[Loader, ...] = ()
    failed: Mapping[str, DataClawError] = field(default_factory=dict[str, DataClawError])


def read_code(plugin: Plugin, domain: str) -> Code:
    """Import a plugin's modules; those it lacks bring nothing.

    Raises:
        PluginError: a module cannot be imported, or brings something under a name that it may not have.
    """
    return Code(
        rules=rules_of(plugin, domain), tools=tools_of(plugin), plans=plans_of(plugin), loaders=loaders_of(plugin)
    )


def rules_of(plugin: Plugin, domain: str) -> dict[str, Rule]:
    """The plugin's rules by name.

    Raises:
        PluginError: as `read_code`.
    """
    rules = {rule.name: rule for rule in _instances(module(plugin, "rules"), Rule)}
    for name in rules:
        if not name.startswith(f"{domain}."):
            raise PluginError(f"rule {name!r} must be named {domain}.{name}.", place=plugin.name, remedy="Rename it.")
    return rules if _ours(plugin) else {name: replace(rule, judge=_judging(rule)) for name, rule in rules.items()}


def tools_of(plugin: Plugin) -> dict[str, Tool]:
    """The plugin's tools by name.

    Raises:
        PluginError: as `read_code`.
    """
    tools = {tool.name: tool for tool in _instances(module(plugin, "tools"), Tool)}
    clash = sorted(set(tools) & set(builtin_tools()))
    if clash:
        raise PluginError(f"tools {clash} have the names of built-in ones.", place=plugin.name, remedy="Rename them.")
    return tools if _ours(plugin) else {n: replace(tool, run=_running(plugin, tool)) for n, tool in tools.items()}


def plans_of(plugin: Plugin) -> dict[str, Plan]:
    """The plugin's plans by task.

    Raises:
        PluginError: as `read_code`.
    """
    plans: Any = getattr(module(plugin, "plans"), "PLANS", {})
    if not isinstance(plans, dict) or not all(callable(plan) for plan in cast("dict[str, Any]", plans).values()):
        raise PluginError("PLANS must map names of tasks to plans.", place=plugin.name, remedy="Mend plans.py.")
    found = cast("dict[str, Plan]", plans)
    return (
        found
        if _ours(plugin)
        else {name: guarded_plan(f"{plugin.name}: plan of {name}", plan) for name, plan in found.items()}
    )


def loaders_of(plugin: Plugin) -> tuple[Loader, ...]:
    """The plugin's loaders.

    Raises:
        PluginError: as `read_code`.
    """
    loaders = _instances(module(plugin, "loaders"), Loader)
    if not loaders:
        return ()
    clash = sorted({loader.name for loader in loaders} & {loader.name for loader in builtin_loaders()})
    if clash:
        raise PluginError(f"loaders {clash} have the names of built-in ones.", place=plugin.name, remedy="Rename them.")
    return tuple(loaders) if _ours(plugin) else tuple(_loading(plugin, loader) for loader in loaders)


def _ours(plugin: Plugin) -> bool:
    """Whether it ships with DataClaw: a guarded call costs 0.1 ms, which what we test ourselves need not pay."""
    return plugin.package is not None and plugin.package.startswith("dataclaw.domains.")


def module(plugin: Plugin, name: str) -> ModuleType | None:
    """A module of the plugin, imported; None when it has none of that name.

    Raises:
        PluginError: it cannot be imported; the message names the line.
    """
    if not (plugin.root / f"{name}.py").is_file():
        return None
    package = plugin.package or _package_of(plugin)
    try:
        return call_guarded(f"{plugin.name}: {name}.py", guard.IMPORT, importlib.import_module, f"{package}.{name}")
    except DataClawError:
        raise
    except Exception as error:
        raise PluginError(
            f"{name}.py cannot be imported: {where(error, plugin.root)}{type(error).__name__}: {error}.",
            place=plugin.name,
            remedy="Mend the plugin, or disable it in plugins.toml.",
        ) from error


def where(error: BaseException, root: Path) -> str:
    """`"rules.py:12: "`: the innermost line of the plugin that an exception went through; "" where there is none."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(root):
        return f"{Path(error.filename).relative_to(root)}:{error.lineno}: "
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(root)]
    return f"{Path(frames[-1].filename).relative_to(root)}:{frames[-1].lineno}: " if frames else ""


def _package_of(plugin: Plugin) -> str:
    """Import a plain folder as a package under a name of its own, so that its modules can import each other."""
    package = f"dataclaw_domain_{plugin.name}"
    if package in sys.modules and list(sys.modules[package].__path__) == [str(plugin.root)]:
        return package
    for loaded in [m for m in sys.modules if m == package or m.startswith(f"{package}.")]:
        del sys.modules[loaded]
    spec = importlib.util.spec_from_loader(package, loader=None, is_package=True)
    if spec is None:
        raise PluginError("cannot be made a package.", place=plugin.name, remedy="Check the folder's name.")
    spec.submodule_search_locations = [str(plugin.root)]
    sys.modules[package] = importlib.util.module_from_spec(spec)
    importlib.invalidate_caches()
    return package


def _instances(found: ModuleType | None, kind: type[T]) -> list[T]:
    members: list[Any] = list(vars(found).values()) if found else []
    return [member for member in members if isinstance(member, kind)]


def _judging(rule: Rule) -> Callable[..., Any]:
    """The rule behind the guard, with a frozen copy of its case each time: what it changes, nobody else sees."""
    judge = _behind_guard(f"rule {rule.name}", guard.RULE, rule.judge)

    @functools.wraps(rule.judge)
    def judge_copy(case: Case, **params: Json) -> Score:
        return judge(frozen_case(case), **params)

    return judge_copy


def _running(plugin: Plugin, tool: Tool) -> Callable[..., ToolResult]:
    run = _behind_guard(f"{plugin.name}: tool {tool.name}", guard.TOOL, tool.run)

    @functools.wraps(tool.run)
    def run_checked(*args: object, **kwargs: object) -> ToolResult:
        result = cast("object", run(*args, **kwargs))
        if not isinstance(result, ToolResult):
            raise PluginError(
                f"tool {tool.name} gave {type(result).__name__} instead of a ToolResult.", place=plugin.name
            )
        return result

    return run_checked


PATIENCE = 3
"""Calls in a row that may overrun before a function is not called any more: a run must not wait on each draft."""


def _behind_guard(who: str, limit: guard.Limit, function: Callable[..., T]) -> Callable[..., T]:
    overruns = 0

    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> T:
        nonlocal overruns
        if overruns >= PATIENCE:
            message = f"overran its time {PATIENCE} times in a row and is not called any more."
            raise PluginError(message, place=who, remedy="Mend the plugin, or disable it.")
        try:
            result = call_guarded(who, limit, function, *args, **kwargs)
        except guard.OverrunError:
            overruns += 1
            raise
        overruns = 0
        return result

    return call


def guarded_plan(
    who: str, plan: Callable[[T], Generator[Action, Observation, None]]
) -> Callable[[T], Generator[Action, Observation, None]]:
    """A plan (or an expert, which is told more than a brief), each of its steps behind the guard.

    Args:
        who: the plugin and the plan, for messages.
        plan: the plan.
    """

    @functools.wraps(plan)
    def start(brief: T) -> Generator[Action, Observation, None]:
        steps = cast("object", call_guarded(who, guard.PLAN, plan, brief))
        if not isinstance(steps, Generator):
            raise PluginError(f"gave {type(steps).__name__} instead of a generator.", place=who, remedy="Use yield.")
        return _Steps(who, cast("Generator[Action, Observation, None]", steps))

    return start


class _Steps(Generator[Action, Observation, None]):
    """A plan under way, each step behind the guard."""

    def __init__(self, who: str, steps: Generator[Action, Observation, None]) -> None:
        self._who, self._steps = who, steps

    def send(self, value: Observation) -> Action:
        action = cast("object", call_guarded(self._who, guard.PLAN, self._steps.send, value))
        if not isinstance(action, Action):
            raise PluginError(f"yielded {type(action).__name__} instead of an Action.", place=self._who)
        return action

    def throw(self, typ: Any, val: Any = None, tb: TracebackType | None = None) -> Action:
        return self._steps.throw(typ, val, tb)


def _loading(plugin: Plugin, loader: Loader) -> Loader:
    """The loader, kept to its word: `claims` and `count` never raise, `open` raises StreamError only."""
    who = f"{plugin.name}: loader {loader.name}"

    def count(path: Path) -> int:
        try:
            return max(1, int(call_guarded(who, guard.CLAIM, loader.count, path)))
        except Exception:
            log.warning("%s failed to count %s", who, path, exc_info=True)
            return 1

    @functools.wraps(loader.open)
    def open_one(path: Path, index: int, sampling: Sampling) -> Stream:
        try:
            stream = cast("object", call_guarded(who, guard.OPEN, loader.open, path, index, sampling))
        except StreamError:
            raise
        except Exception as error:
            message = f"{who} failed: {where(error, plugin.root)}{type(error).__name__}: {error}."
            raise StreamError(message, place=str(path), remedy="Tell the plugin's author.") from error
        if not isinstance(stream, Stream):
            raise StreamError(f"{who} gave {type(stream).__name__} instead of a Stream.", place=str(path))
        return stream

    return replace(loader, claims=_claiming(who, loader), count=count, open=open_one, owner=plugin.name)


def _claiming(who: str, loader: Loader) -> Callable[[Path], bool]:
    @functools.cache
    def is_greedy() -> bool:
        found = claimed_anyway(loader)
        if found:
            log.warning("%s claims %s, and so anything: it is not asked; its `claims` must be stricter", who, found)
        return bool(found)

    @functools.wraps(loader.claims)
    def claims(path: Path) -> bool:
        try:
            return bool(call_guarded(who, guard.CLAIM, loader.claims, path)) and not is_greedy()
        except Exception:
            log.warning("%s failed on %s, which it is not asked for again", who, path, exc_info=True)
            return False

    return claims


def claimed_anyway(loader: Loader) -> str:
    """What a loader claims although nothing is in it: "an empty file", "an empty folder"; "" where it is sound."""
    with tempfile.TemporaryDirectory() as name:
        file, folder = Path(name, "file"), Path(name, "folder")
        file.touch()
        folder.mkdir()
        for path, what in ((file, "an empty file"), (folder, "an empty folder")):
            with suppress(Exception):  # what it raises is told where it is asked
                if call_guarded(f"loader {loader.name}", guard.CLAIM, inspect.unwrap(loader.claims), path):
                    return what
    return ""
