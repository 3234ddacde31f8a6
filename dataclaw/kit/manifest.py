"""Reading a domain.toml for its check: every wrong key with its line, and what is right of it for the checks after.

A key that is wrong is put aside, not the file: what it spoils is remembered, so that the rest is checked all the same
and nothing is held against what was put in its place.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dataclaw.config import DomainManifest
from dataclaw.errors import PluginError
from dataclaw.kit.line_numbers import toml_line
from dataclaw.kit.report import Notes
from dataclaw.plugins.find import Plugin
from dataclaw.plugins.load import inside
from dataclaw.plugins.merge import KeyPath
from dataclaw.strict import MAX_TOML, MOST_PROBLEMS, describe_error, parse_toml
from dataclaw.types import Json

MANIFEST = "domain.toml"
ROUNDS = 8
"""Times that a manifest is looked at again, for what was hidden behind what was wrong before."""
_AT = re.compile(r"at line (\d+)")
_IN_PLACE: dict[str, Json] = {
    "version": "0",
    "api": 1,
    "summary": "-",
    "reads": ["gui"],
    "tools": ["overview"],
    "schema": "domain.toml",
    "intents": ["-"],
    "rule": "json",
}
"""What stands in for a key that must be there."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A manifest with its text.

    Attributes:
        plugin: where it lies.
        text: the file's text.
        manifest: the declaration; where keys were wrong, with something in their place.
        spoilt: those keys; of a manifest that has any, no code is run.
    """

    plugin: Plugin
    text: str
    manifest: DomainManifest
    spoilt: frozenset[KeyPath] = frozenset()

    def line(self, *path: str | int) -> int:
        """Line of a key of the manifest."""
        return toml_line(self.text, path)

    def is_spoilt(self, *path: str | int) -> bool:
        """Whether the key, or one around it, was wrong."""
        return any(path[: len(place)] == place for place in self.spoilt)


def read_declaration(plugin: Plugin, notes: Notes) -> Declaration | None:
    """The manifest, or None when nothing of it can be used; every wrong key is noted with its line."""
    found = _read(plugin.root / MANIFEST, notes)
    if found is None:
        return None
    text, data = found
    manifest, spoilt = _validate(plugin, data, text, notes)
    if manifest is None:
        return None
    if plugin.package is not None and manifest.name != plugin.name and ("name",) not in spoilt:
        line = toml_line(text, ("name",))
        notes.error("manifest", f"says name = {manifest.name!r}, but is announced as {plugin.name!r}.",
                    "Make them equal.", file=MANIFEST, line=line)  # fmt: skip
    return Declaration(plugin, text, manifest, spoilt)


def own_names(root: Path, module: str) -> frozenset[str] | None:
    """Every string that a module of the plugin's writes out, a rule's or tool's name among them; read, not run.

    None when it cannot be read, so that nothing is known; empty when there is no such module.
    """
    file = root / module
    if not file.is_file():
        return frozenset()
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return None
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


def utf8_problem(raw: bytes) -> tuple[str, int]:
    """`(what is wrong, line)` where bytes are not UTF-8; ("", 0) where they are."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"byte 0x{raw[error.start]:02x}"
        return f"not UTF-8: {byte} ({error.reason})", raw.count(b"\n", 0, error.start) + 1
    return "", 0


def is_text(root: Path, file: str) -> bool:
    """Whether it is a file of the folder, in UTF-8."""
    try:
        return not utf8_problem(inside(root, file).read_bytes())[0]
    except PluginError:
        return False


def _read(file: Path, notes: Notes) -> tuple[str, dict[str, Json]] | None:
    if not file.is_file():
        notes.error("manifest", "there is no domain.toml.", "Make one: dataclaw domain new NAME.", file=MANIFEST)
        return None
    with file.open("rb") as opened:
        raw = opened.read(MAX_TOML + 1)
    if len(raw) > MAX_TOML:
        notes.error("manifest", f"larger than {MAX_TOML} bytes.", "Make it smaller.", file=MANIFEST, line=1)
        return None
    wrong, line = utf8_problem(raw)
    if wrong:
        notes.error("manifest", f"{wrong}.", "Save it as UTF-8.", file=MANIFEST, line=line)
        return None
    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    try:
        return text, parse_toml(raw)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1  # "(at end of document)"
        notes.error("manifest", f"not valid TOML: {error}.", "Mend the line.", file=MANIFEST, line=line)
        return None


def _validate(
    plugin: Plugin, data: dict[str, Json], text: str, notes: Notes
) -> tuple[DomainManifest | None, frozenset[KeyPath]]:
    data, spoilt = deepcopy(data), set[KeyPath]()
    for _ in range(ROUNDS):
        try:
            return DomainManifest.model_validate(data), frozenset(spoilt)
        except ValidationError as error:
            wrong = error.errors()
        for problem in wrong[:MOST_PROBLEMS]:  # what is wrong a thousand times is wrong in the same way
            place = problem["loc"]
            if place not in spoilt:
                where = ".".join(map(str, place)) or "the file"
                said = describe_error(problem, DomainManifest).rstrip(".")
                notes.error("manifest", f"{where}: {said}.", file=MANIFEST, line=toml_line(text, place))
            spoilt.add(place)
        for problem in sorted(wrong, key=lambda one: -len(one["loc"])):
            _replace_wrong(data, problem, plugin)
    return None, frozenset(spoilt)


def _replace_wrong(data: dict[str, Json], problem: ErrorDetails, plugin: Plugin) -> None:
    """Take the wrong value out, and put something in its place where there must be something."""
    *around, last = problem["loc"]
    holder: Json = data
    for step in around:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):  # a key that pydantic names and TOML has not: "[key]" of a table
            return
    if isinstance(holder, list) and isinstance(last, int):
        cast("list[Json]", holder)[last] = _item(around, data)
    elif isinstance(holder, dict):
        fields = cast("dict[str | int, Json]", holder)
        fields.pop(last, None)
        stand_in = _stand_in(str(last), around, plugin, data)
        if stand_in is not None:
            fields[last] = stand_in


def _stand_in(key: str, around: Sequence[str | int], plugin: Plugin, data: dict[str, Json]) -> Json:
    in_task = len(around) == 2 and around[0] == "tasks"
    in_rule = (len(around), *around[:1]) == (2, "rules") or (len(around) == 4 and around[2] == "rules")
    if not around and key == "name":
        return re.sub(r"[^a-z0-9_]", "_", plugin.root.name.lower()).lstrip("_0123456789")[:48] or "domain"
    if key == "tasks" and not around:
        return {"none": {"summary": "-", "schema": "domain.toml", "intents": ["-"], "rules": [_rule(data)]}}
    if in_task and key == "rules":
        return [_rule(data)]
    if in_rule and key == "term":
        return _rule(data)["term"]
    wanted = ("rule",) if in_rule else ("summary", "schema", "intents") if in_task else tuple(_IN_PLACE)
    return deepcopy(_IN_PLACE.get(key)) if key in wanted and (in_task or in_rule or not around) else None


def _item(around: Sequence[str | int], data: dict[str, Json]) -> Json:
    kind = str(around[-1])
    return _rule(data) if kind == "rules" else _IN_PLACE.get(kind, ["-"])[0]


def _rule(data: dict[str, Json]) -> dict[str, Json]:
    terms = data.get("terms")
    names = [name for name in cast("dict[str, Json]", terms) if name.isidentifier()] if isinstance(terms, dict) else []
    return {"rule": "json", "term": names[0] if names else "format"}
