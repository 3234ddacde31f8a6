"""Write the reference pages (`tasks.md`, `tools.md`, `rules.md`, `cli.md`, `formats.md`) from the code they describe.

    python docs/make_reference.py [--check]

`--check` writes nothing and says which pages are out of date (exit code 1). Tables are made from declarations, not from
printed help, so that they do not depend on a terminal or on the version of a library.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import typer

from dataclaw import rewards
from dataclaw.cli import app
from dataclaw.plugins import find_plugins, read_manifest
from dataclaw.rewards import Rule, evidence
from dataclaw.streams.grid import Sampling
from dataclaw.streams.sources import MANIFESTS
from dataclaw.streams.video import VIDEO_SUFFIXES
from dataclaw.tools import builtin
from dataclaw.tools.base import Tool
from pyautogui_trace_parsers import Event, formats
from pyautogui_trace_parsers.model import Verb

HERE = Path(__file__).resolve().parent
NOTE = "<!-- Made by docs/make_reference.py; change the code, then run it. -->"
DOMAINS = ("aigc", "daily", "education", "embodied", "gui")
SHELL_OPTIONS = {"install_completion", "show_completion"}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(escape, row))} |"


def escape(cell: str) -> str:
    """A table's cell whose bars and, outside code, angle brackets stay what they are."""
    spans = re.split(r"(`[^`]*`)", cell.replace("|", r"\|"))
    return "".join(span if span.startswith("`") else span.replace("<", "&lt;") for span in spans)


def code(value: Any) -> str:
    """The value in backticks, "" for nothing."""
    return f"`{value}`" if value not in (None, "") else ""


def attributes(owner: type) -> list[tuple[str, str]]:
    """The `Attributes:` of a class's docstring: name and meaning."""
    return entries(inspect.getdoc(owner) or "", "Attributes:")


def entries(doc: str, heading: str) -> list[tuple[str, str]]:
    """The named entries below a heading of a Google docstring."""
    _, found, below = doc.partition(f"{heading}\n")
    if not found:
        return []
    section = re.split(r"\n(?=\S)", below)[0]
    items = re.split(r"\n(?= {4}\S)", section.rstrip("\n"))
    pairs = (item.strip().partition(": ") for item in items if item.strip())
    return [(name, " ".join(meaning.split())) for name, _, meaning in pairs]


# Tasks


def tasks_page() -> Iterator[str]:
    """`tasks.md`: every task of the built-in domains."""
    yield from ("# Tasks", "", NOTE, "")
    yield (
        "What the five built-in domains make. `dataclaw domain show NAME` prints a domain's tasks with their rules and"
        " with what users may say; `dataclaw domain test NAME` runs its examples."
    )
    for name in DOMAINS:
        manifest = read_manifest(find_plugins()[name].root)
        yield from ("", f"## {name}", "", manifest.summary, "")
        rows = [
            (f"`{task}`", one.summary, ", ".join(one.reads or manifest.reads)) for task, one in manifest.tasks.items()
        ]
        yield from table(("task", "what it makes", "reads"), rows)


# Tools


def tools_page() -> Iterator[str]:
    """`tools.md`: every tool with its arguments."""
    yield from ("# Tools", "", NOTE, "")
    yield (
        "What the agent can call. Every tool looks at the stream it is given and answers with a note and *anchors*:"
        " facts with a time, a place and an id, which a draft may cite. Results depend on the stream and the"
        " arguments alone and are cached by content. `dataclaw tools list` prints the same list."
    )
    yield ""
    yield (
        "An event is cited as `e<index>`, a frame as `f<index>`; other anchors get a letter (`t` text, `c` change, `s`"
        " segment, `w` window, `l` link, `p` state, `r` motion, `k` cut, `d` slide, `o` operation, `v` clip,"
        " `u` speech, `m` anything else) and a number on first sight. In a stream of labelled fragments the ids start"
        " with the label (`A.e3`), and `part` says which fragment is meant."
    )
    for _, tool in sorted(builtin().items()):
        yield from ("", f"## {tool.name}", "", inspect.getdoc(tool.run) or tool.doc, "")
        yield from _arguments(tool)
        facts = [] if not tool.kinds else [f"Reads only streams of kind {', '.join(map(code, tool.kinds))}."]
        facts += [] if tool.cached else ["Depends on what was seen before; not cached."]
        if facts:
            yield from ("", " ".join(facts))
    yield from (
        "",
        "## submit",
        "",
        "Hand in the draft; the rules judge it. Not a tool of a domain: the agent itself.",
        "",
    )
    yield from table(("argument", "type", "default", "meaning"), [("`draft`", "object", "needed", "the draft")])


def _arguments(tool: Tool) -> Iterator[str]:
    schema = tool.schema()
    rows = [
        (code(name), _type(node), _default(name, node, schema), str(node.get("description", "")))
        for name, node in schema["properties"].items()
    ]
    yield from table(("argument", "type", "default", "meaning"), rows) if rows else ["No arguments."]


def _type(node: dict[str, Any]) -> str:
    if "enum" in node:
        return ", ".join(map(code, node["enum"]))
    if "anyOf" in node:
        return " or ".join(_type(branch) for branch in node["anyOf"])
    kind = node.get("type", "any")
    name = f"{_type(node['items'])}s" if kind == "array" and "items" in node else str(kind)
    if kind == "array" and node.get("minItems") == node.get("maxItems") is not None:
        return f"{node['minItems']} {name}"
    low, high = (node.get(key) for key in (("minItems", "maxItems") if kind == "array" else ("minimum", "maximum")))
    if low is None and high is None:
        return name
    return f"{name}, {low if low is not None else ''}..{high if high is not None else ''}"


def _default(name: str, node: dict[str, Any], schema: dict[str, Any]) -> str:
    if name in schema.get("required", []):
        return "needed"
    return {"''": "", "None": "", "[]": ""}.get(repr(node.get("default")), code(node.get("default")))


# Rules


def rules_page() -> Iterator[str]:
    """`rules.md`: every rule of the library and of the built-in domains."""
    yield from ("# Rules", "", NOTE, "")
    yield (
        "A rule is a deterministic judgement of a draft: a score in [0, 1] and findings by JSON pointer. The same rules"
        " send a draft back at inference and are the reward in training. A task's `domain.toml` names its rules with"
        " term, weight, gate and mark (see [domains.md](domains.md)); `dataclaw domain show gui` prints them for every"
        " task. A rule that needs a reference or a group of rollouts is left out where there is none, and the rubric"
        " weighs those that remain; one that breaks is named in the verdict and counts as missing, never as 0."
    )
    families = sorted({rule.judge.__module__ for rule in rewards.library().values()})
    for family in families:
        mine = [rule for rule in rewards.library().values() if rule.judge.__module__ == family]
        yield from _family(f"`{family}`", inspect.getdoc(sys.modules[family]) or "", mine)
    for name in DOMAINS:
        module = importlib.import_module(f"dataclaw.domains.{name}.rules")
        own = [
            value for value in vars(module).values() if isinstance(value, Rule) and value.name.startswith(f"{name}.")
        ]
        yield from _family(f"`{module.__name__}`, of the domain {name}", inspect.getdoc(module) or "", own)
    yield from ("", "## What `x-support` may ask for", "", "```text", inspect.getdoc(evidence) or "", "```")


def _family(title: str, doc: str, rules: Sequence[Rule]) -> Iterator[str]:
    yield from ("", f"## {title}", "", doc.split("\n\n")[0])
    known = dict(pair for rule in rules for pair in entries(inspect.getdoc(rule.judge) or "", "Args:"))
    for rule in rules:
        yield from ("", f"### {rule.name}", "")
        whole = inspect.getdoc(rule.judge) or ""
        yield whole.partition("\nArgs:\n")[0].rstrip()
        if rule.needs:
            yield from ("", f"Needs a {' and a '.join(sorted(rule.needs))}.")
        rows = _parameters(rule.judge, known)
        if rows:
            yield ""
            yield from table(("parameter", "default", "meaning"), rows)


def _parameters(judge: Callable[..., Any], meanings: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, default and meaning of a rule's parameters; rules of one family share the meanings."""
    parameters = list(inspect.signature(judge).parameters.values())[1:]
    rows: list[tuple[str, str, str]] = []
    for parameter in parameters:
        default = "needed" if parameter.default is inspect.Parameter.empty else code(repr(parameter.default))
        rows.append((code(parameter.name), default, meanings[parameter.name]))
    return rows


# Command line


def cli_page() -> Iterator[str]:
    """`cli.md`: every command with its options."""
    yield from ("# Command line", "", NOTE, "")
    yield "Exit codes: 0 all good, 1 something failed (the reason is printed), 2 wrong usage."
    yield from _command("dataclaw", typer.main.get_command(app))


def _command(name: str, command: Any) -> Iterator[str]:
    yield from ("", f"{'#' * min(2 + name.count(' '), 4)} {name}", "", *_help(command))
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name not in SHELL_OPTIONS]
    if arguments:
        yield ""
        yield from table(("argument", "meaning"), [(code(p.metavar or p.name.upper()), p.help) for p in arguments])
    if options:
        yield ""
        rows = [(_flags(p), _preset(p), p.help) for p in options]
        yield from table(("option", "default", "meaning"), rows)
    for sub, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{name} {sub}", inner)


def _help(command: Any) -> Iterator[str]:
    text, found, examples = inspect.cleandoc(command.help or "").partition("Examples:\n")
    yield text.rstrip()
    if found:
        lines = [line.strip() for line in examples.splitlines() if line.strip()]
        yield from ("", "```console", *(f"$ {line}" for line in lines), "```")


def _flags(option: Any) -> str:
    return ", ".join(map(code, [*option.opts, *option.secondary_opts]))


def _preset(option: Any) -> str:
    if option.required:
        return "needed"
    if isinstance(option.default, bool):
        return ("on" if option.default else "off") if option.secondary_opts else ""
    return code(option.default)


# Formats


def formats_page() -> Iterator[str]:
    """`formats.md`: what can be read, and the action model."""
    yield from ("# Trace and recording formats", "", NOTE, "")
    yield "What is in a file decides how it is read, never its name alone."
    yield from ("", "## GUI traces", "")
    yield (
        "Read by `pyautogui_trace_parsers`, which uses the standard library only and stands alone: `parse(path)` gives"
        " a `Trace` of canonical events. Code in a trace is parsed, never executed."
    )
    yield ""
    yield from table(("format", "what it is"), [(code(name), what) for name, what in formats().items()])
    yield from ("", "Look at one:", "", "```console")
    yield "$ python -m pyautogui_trace_parsers examples/traces/shop_and_mail"
    yield "```"
    yield from ("", f"Verbs: {', '.join(map(code, get_args(Verb)))}.")
    yield from ("", "An event has these fields:", "")
    yield from table(("field", "meaning"), [(code(name), meaning) for name, meaning in attributes(Event)])
    yield from ("", "## Recordings", "")
    yield (
        f"Video that ffmpeg's libraries decode ({', '.join(code(s) for s in sorted(VIDEO_SUFFIXES))} and others by"
        " content), and folders of numbered pictures."
    )
    yield from ("", "## Fragments", "")
    yield (
        f"A folder with {' or '.join(map(code, MANIFESTS))}, or with files named like `fragment_a.mp4`,"
        " `fragment_b.mp4`, ... of any format above, is one stream whose parts are labelled A, B, ..."
    )
    yield from ("", "## Sampling", "")
    fields = {field.name: field.default for field in dataclasses.fields(Sampling)}
    rows = [(code(name), code(fields[name]), meaning) for name, meaning in attributes(Sampling)]
    yield from table(("setting", "default", "meaning"), rows)


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "tasks.md": tasks_page,
    "tools.md": tools_page,
    "rules.md": rules_page,
    "cli.md": cli_page,
    "formats.md": formats_page,
}


def stale(folder: Path = HERE) -> dict[str, str]:
    """Pages that do not say what the code says, each with the difference."""
    found: dict[str, str] = {}
    for name, page in PAGES.items():
        new = "\n".join(page()) + "\n"
        old = (folder / name).read_text(encoding="utf-8") if (folder / name).is_file() else ""
        if new != old:
            found[name] = "\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), name, "code", n=1))
    return found


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        for name, difference in (found := stale()).items():
            print(f"{name} is out of date; run: python docs/make_reference.py\n{difference}", file=sys.stderr)
        return 1 if found else 0
    for name, page in PAGES.items():
        (HERE / name).write_text("\n".join(page()) + "\n", encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
