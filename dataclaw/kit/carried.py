"""What a domain brings to the training side: its worlds, and the chooser, adapters and benchmarks of its package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dataclaw.choosing.card import CARD, read_card
from dataclaw.choosing.learned import ARRAYS, load_learned
from dataclaw.errors import ConfigError, DataClawError, PluginError
from dataclaw.kit.manifest import MANIFEST, Declaration
from dataclaw.kit.report import Notes
from dataclaw.models.adapter_index import INDEX, adapter_file, read_index
from dataclaw.plugins.carried import KINDS, carried_folder, read_pinned
from dataclaw.plugins.find import Plugin, read_manifest
from dataclaw.plugins.load import inside
from dataclaw.schema import load_schema, schema_hash
from dataclaw.worlds.plugin_worlds import worlds_in

_MAKE = {
    "chooser": "Ship one: dataclaw train ship RUN --as NAME, or take the line out.",
    "adapters": "Ship one: dataclaw train ship RUN --as NAME, or take the line out.",
    "pinned": "Pin one: dataclaw bench build --name NAME, or take the line out.",
}
_PARTS = {"chooser": CARD, "adapters": INDEX, "pinned": "*.json"}


def own_chooser(plugin: Plugin) -> dict[str, Path]:
    """The folder of the chooser that a domain carries, by its name; empty where it carries none."""
    try:
        manifest = read_manifest(plugin.root)
        folder = carried_folder(plugin.root, manifest, "chooser")
    except (ConfigError, PluginError):  # the check says so
        return {}
    return {manifest.name: folder} if folder and (folder / CARD).is_file() else {}


def check_worlds(declared: Declaration, notes: Notes) -> None:
    """Note what is wrong about `worlds.py`, which is imported."""
    try:
        worlds_in(declared.plugin)
    except (ConfigError, PluginError) as error:
        notes.error("worlds", error.message, error.remedy, file="worlds.py", line=0)


def check_carried(declared: Declaration, notes: Notes) -> None:
    """Note what is wrong about the folders that the manifest names; no code is imported."""
    for what in KINDS:
        if declared.is_spoilt(what):
            continue
        try:
            folder = carried_folder(declared.plugin.root, declared.manifest, what)
        except PluginError as error:
            notes.error("carried", error.message, error.remedy, file=MANIFEST, line=declared.line(what))
            continue
        if folder is None:
            continue
        if not any(folder.glob(_PARTS[what])):
            message = f"{what}: there is no {_PARTS[what]} in {folder.name!r} yet."
            notes.warn("carried", message, _MAKE[what], file=MANIFEST, line=declared.line(what), subject=what)
            continue
        for file, message, remedy in _PROBLEMS[what](declared, folder):
            place = file.relative_to(declared.plugin.root.resolve()).as_posix()
            notes.error("carried", message, remedy, file=place)


def _chooser_problems(declared: Declaration, folder: Path) -> Iterator[tuple[Path, str, str]]:
    manifest = declared.manifest
    try:
        card = read_card(folder)
    except ConfigError as error:
        yield folder / CARD, error.message, error.remedy
        return
    try:
        load_learned(folder)
    except ConfigError as error:
        yield folder / ARRAYS, error.message, error.remedy
    known = {f"{manifest.name}.{task}" for task in manifest.tasks}
    for task in sorted(set(card.tasks) - known):
        remedy = "Measure and ship it for this domain: dataclaw train ship."
        yield folder / CARD, f"the card tells of {task!r}, which is no task of this domain.", remedy
    for point in card.trained.points:
        if not point.startswith(f"{manifest.name}."):
            remedy = "Train it on this domain alone: dataclaw train sft --domain."
            yield folder / CARD, f"it learned the choice point {point!r}, which is another domain's.", remedy


def _adapter_problems(declared: Declaration, folder: Path) -> Iterator[tuple[Path, str, str]]:
    del declared
    try:
        index = read_index(folder)
    except ConfigError as error:
        yield folder / INDEX, error.message, error.remedy
        return
    for name in index.adapters:
        try:
            adapter_file(name, folder, index)
        except DataClawError as error:
            yield folder / INDEX, error.message, error.remedy


def _pinned_problems(declared: Declaration, folder: Path) -> Iterator[tuple[Path, str, str]]:
    manifest = declared.manifest
    for file in sorted(folder.glob("*.json")):
        try:
            said = read_pinned(file)
        except ConfigError as error:
            yield file, error.message, error.remedy
            continue
        if said["asked"]["domains"] != [manifest.name]:
            remedy = "Keep it in the package of the domain that it is of."
            yield file, f"it is a benchmark of {', '.join(said['asked']['domains'])}.", remedy
            continue
        for name, then in said["schemas"].items():
            now = _schema_hash(declared, name.partition(".")[2])
            if now and now != then:
                remedy = "Undo the change, or pin a new one under another --name and delete this one."
                yield file, f"its references were written for another schema of {name} ({then}, now {now}).", remedy


def _schema_hash(declared: Declaration, task: str) -> str:
    """The hash of a task's schema; "" where there is none, which is told elsewhere."""
    known = declared.manifest.tasks.get(task)
    try:
        return schema_hash(load_schema(inside(declared.plugin.root, known.schema_file))) if known else ""
    except DataClawError:
        return ""


_PROBLEMS = {"chooser": _chooser_problems, "adapters": _adapter_problems, "pinned": _pinned_problems}
