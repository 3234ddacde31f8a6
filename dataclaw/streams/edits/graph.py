"""ComfyUI graphs as nodes in the order in which they run: the executed form (API) and the editor's.

The executed form is `{id: {class_type, inputs}}`, an input being a value or a link `[id, slot]`. The editor's has
`nodes`, `links` and values by position (`widgets`). Nodes that the editor keeps for itself (notes) are not steps.
"""

from __future__ import annotations

import heapq
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import cast

from dataclaw.errors import StreamError
from dataclaw.streams.values import MOST, list_of, object_of, text_of
from dataclaw.types import Json
from pyautogui_trace_parsers.files import finite_float, finite_int, without_half_pairs

MAX_NODES = 5_000
_MAX_BENDS = 100
"""Bends of one link that are followed."""

MAX_LITERAL = 20_000
"""Longest value of an input [characters as JSON]."""

_EDITOR_ONLY = frozenset({"control_after_generate", "upload", "choose file to upload"})
"""Values that belong to the editor and not to the picture."""

_NOTES = frozenset({"Note", "MarkdownNote"})
_HELPERS = frozenset({"Reroute", "PrimitiveNode"})
"""Nodes of the editor that are gone once a graph is executed: a bend in a link, a value of its own."""

_MODES = {2: "muted", 4: "bypassed"}
MASK = "***"
"""Stands for a word that no training sample should repeat."""
_OBSCENE = re.compile(
    r"\b(?:nsfw|nud(?:e|es|ity)|naked|porn\w*|hentai|sex(?:ual|y)?|erotic\w*|penis\w*|vagina\w*|genital\w*|nipples?|"
    r"pussy|dicks?|cocks?|cum|fuck\w*|tits|boobs|blowjob\w*|masturbat\w*)\b",
    re.IGNORECASE,
)
_EXPORT = "Export the graph again (API format)."


@dataclass(frozen=True, slots=True)
class Node:
    """A step of a graph.

    Attributes:
        id: its number in the graph.
        kind: its class ("KSampler").
        title: what the user calls it, "" when nothing else than its class.
        inputs: values that stand in the node itself.
        links: `(id, slot)` of the output that each other input takes.
        mode: "" or "muted" (not run), "bypassed" (its input is handed on).
    """

    id: str
    kind: str
    title: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    links: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, "tuple[str, int]"])
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order, what was wrong, and the notes that lie in it."""

    nodes: tuple[Node, ...]
    form: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parse_graph(text: str, place: str) -> tuple[Json, list[str]]:
    """The JSON of a graph, with NaN as null: ComfyUI itself writes NaN for nodes that are to run every time.

    Raises:
        StreamError: not JSON, nested too deeply, or a number out of range.
    """
    odd: list[str] = []

    def nothing(name: str) -> None:
        odd.append(name)

    def number(digits: str) -> float | None:
        value = finite_float(digits)
        return value if abs(value) <= MOST else nothing(digits[:40])

    def whole(digits: str) -> int | None:
        value = finite_int(digits)
        return value if abs(value) < _MOST_SEED else nothing(digits[:40])

    try:
        read = json.loads(text, parse_constant=nothing, parse_float=number, parse_int=whole)
        value = without_half_pairs(read)
    except RecursionError:
        raise StreamError("is nested too deeply.", place=place, remedy=_EXPORT) from None
    except ValueError as error:
        raise StreamError(f"is not JSON: {error}.", place=place, remedy=_EXPORT) from None
    first = f"{odd[0]}{', the first of them,' if len(odd) > 1 else ''}" if odd else ""
    return value, [f"{len(odd)} value(s) are no number that a node takes ({first}); read as nothing."] if odd else []


_MOST_SEED = 2**64
"""Seeds are whole numbers of 64 bits; none is larger."""


def is_api(value: Json) -> bool:
    """Whether it is a graph in the executed form."""
    entries = object_of(value).values()
    return bool(entries) and all(isinstance(object_of(entry).get("class_type"), str) for entry in entries)


def is_editor(value: Json) -> bool:
    """Whether it is a graph of the editor."""
    fields = object_of(value)
    return isinstance(fields.get("nodes"), list) and isinstance(fields.get("links"), list)


def graph_of(value: Json, place: str) -> Graph:
    """The graph of a parsed document; `{"prompt": graph}`, as sent to a server, is opened.

    Raises:
        StreamError: it is no graph, too large, or goes in a circle.
    """
    if is_api(inner := object_of(value).get("prompt")):
        value = inner
    if is_api(value):
        graph = _of_api(value)
    elif is_editor(value):
        graph = _of_editor(value, place)
    else:
        raise StreamError(
            "is no ComfyUI graph: neither nodes with a class_type nor nodes with links.", place=place, remedy=_EXPORT
        )
    if not graph.nodes:
        raise StreamError("has no node.", place=place, remedy=_EXPORT)
    if len(graph.nodes) > MAX_NODES:
        raise _too_many(len(graph.nodes), place)
    return _in_order(graph, place)


def _too_many(count: int, place: str) -> StreamError:
    return StreamError(f"has {count:,} nodes; up to {MAX_NODES:,} are read.", place=place, remedy="Split the graph.")


def _of_api(value: Json) -> Graph:
    entries = cast("dict[str, dict[str, Json]]", value)
    problems: list[str] = []
    found: list[Node] = []
    for name, entry in entries.items():
        meta = object_of(entry.get("_meta"))
        inputs = object_of(entry.get("inputs"))
        links = {key: link for key, v in inputs.items() if (link := _link(v, entries)) is not None}
        literals = {key: v for key, v in inputs.items() if key not in links}
        title = text_of(meta.get("title"))
        found.append(_node(name, (text_of(entry["class_type"]), title), (literals, links), "", problems))
    return Graph(tuple(found), "api", tuple(problems))


def _link(value: Json, entries: Mapping[str, Json]) -> tuple[str, int] | None:
    """A link `[id, slot]`; a list of two other things is a value."""
    if not isinstance(value, list) or len(pair := cast("list[Json]", value)) != 2:
        return None
    target, slot = pair
    if not isinstance(slot, int) or isinstance(slot, bool) or not isinstance(target, str | int):
        return None
    # a number as id is a link only where there is that node: [512, 512] is a size
    return (str(target), slot) if isinstance(target, str) or str(target) in entries else None


def _of_editor(value: Json, place: str) -> Graph:
    fields = cast("dict[str, Json]", value)
    entries = [object_of(v) for v in cast("list[Json]", fields["nodes"])]
    if len(entries) > MAX_NODES:
        raise _too_many(len(entries), place)
    origins, primitives = _through_reroutes(entries, _origins(cast("list[Json]", fields["links"])))
    problems: list[str] = []
    found: list[Node] = []
    notes: list[str] = []
    inner = {text_of(object_of(g).get("id")) for g in list_of(object_of(fields.get("definitions")).get("subgraphs"))}
    for entry in entries:
        kind = text_of(entry.get("type"))
        if kind in _HELPERS:
            continue
        if kind in _NOTES:
            notes.extend(text_of(v)[:2000] for v in list_of(entry.get("widgets_values")))
            continue
        if kind in inner:
            problems.append(f"Node {entry.get('id')} is a graph of its own; what is inside is not read.")
        sockets = [object_of(v) for v in list_of(entry.get("inputs"))]
        links = {text_of(s.get("name")): origins[k] for s in sockets if (k := str(s.get("link"))) in origins}
        literals = {k: v for k, v in _widgets(kind, entry, sockets).items() if k not in links}
        literals |= {k: primitives[target] for k, (target, _) in links.items() if target in primitives}
        links = {k: link for k, link in links.items() if link[0] not in primitives}
        mode = entry.get("mode")
        mode = _MODES.get(mode, "") if isinstance(mode, int) else ""
        name = str(entry.get("id"))
        found.append(_node(name, (kind, text_of(entry.get("title"))), (literals, links), mode, problems))
    return Graph(tuple(found), "editor", tuple(problems), tuple(note for note in notes if note))


def _origins(links: list[Json]) -> dict[str, tuple[str, int]]:
    """`(node, slot)` that each link comes from; a link is a list, or an object in newer editors."""
    found: dict[str, tuple[str, int]] = {}
    for link in links:
        entry = object_of(link)
        row = [entry.get(k) for k in ("id", "origin_id", "origin_slot")] if entry else list_of(link)[:3]
        if len(row) == 3 and isinstance(row[2], int):
            found[str(row[0])] = (str(row[1]), row[2])
    return found


def _through_reroutes(
    entries: Sequence[Mapping[str, Json]], origins: dict[str, tuple[str, int]]
) -> tuple[dict[str, tuple[str, int]], dict[str, Json]]:
    """Where links come from with bends taken out, and the value of each node that is nothing but one."""
    bends: dict[str, str] = {}
    values: dict[str, Json] = {}
    for entry in entries:
        name = str(entry.get("id"))
        if entry.get("type") == "PrimitiveNode":
            values[name] = (list_of(entry.get("widgets_values")) or [None])[0]
        if entry.get("type") == "Reroute":
            bends[name] = str(list_of(entry.get("inputs")) and object_of(list_of(entry.get("inputs"))[0]).get("link"))
    return {name: _straight(link, bends, origins) for name, link in origins.items()}, values


def _straight(
    link: tuple[str, int], bends: Mapping[str, str], origins: Mapping[str, tuple[str, int]]
) -> tuple[str, int]:
    """Where a link comes from behind all of its bends; a circle of bends, or an open end, stays as it is."""
    for _ in range(_MAX_BENDS):
        if link[0] not in bends or bends[link[0]] not in origins:
            break
        link = origins[bends[link[0]]]
    return link


@lru_cache(maxsize=1)
def _widget_names() -> dict[str, list[str]]:
    """Names of a node's values in their order, by its class."""
    return tomllib.loads(Path(__file__).with_name("widgets.toml").read_text(encoding="utf-8"))


def _widgets(kind: str, entry: Mapping[str, Json], sockets: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Values of an editor's node by name; those whose name nobody says are `value_0`, `value_1`, ..."""
    values = entry.get("widgets_values")
    if isinstance(values, dict):
        return {k: v for k, v in cast("dict[str, Json]", values).items() if k not in _EDITOR_ONLY}
    row = list_of(values)
    names = _widget_names().get(kind) or _socket_names(sockets, row)
    known = {name: v for name, v in zip(names, row, strict=False) if name not in _EDITOR_ONLY}
    return known | {f"value_{k}": v for k, v in enumerate(row) if k >= len(names)}


def _socket_names(sockets: Sequence[Mapping[str, Json]], row: list[Json]) -> list[str]:
    """Names that newer editors give with the inputs, the seed's control put after the seed."""
    names: list[str] = []
    for name in (text_of(object_of(s.get("widget")).get("name")) for s in sockets):
        if name:
            names.append(name)
            at = len(names)
            if "seed" in name and at < len(row) and row[at] in ("randomize", "fixed", "increment", "decrement"):
                names.append("control_after_generate")
    return names


def without_obscenity(inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Inputs of a node with `MASK` for the obscene words that negative prompts often list."""
    return {key: _OBSCENE.sub(MASK, value) if isinstance(value, str) else value for key, value in inputs.items()}


def _node(
    name: str,
    called: tuple[str, str],
    given: tuple[Mapping[str, Json], Mapping[str, tuple[str, int]]],
    mode: str,
    problems: list[str],
) -> Node:
    kind, title = called
    literals, links = given
    kept = {k[:200]: v for k, v in literals.items() if k not in _EDITOR_ONLY and len(_as_text(v)) <= MAX_LITERAL}
    cut = [k for k in literals if k not in _EDITOR_ONLY and k not in kept]
    if cut:
        problems.append(f"Node {name[:40]} has values of more than {MAX_LITERAL:,} characters; left out.")
    return Node(name[:80], kind[:200], "" if title == kind else title[:200], kept, links, mode)


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _in_order(graph: Graph, place: str) -> Graph:
    """The nodes so that each stands after those it takes from; among equals, by number.

    Raises:
        StreamError: the links go in a circle.
    """
    known = {node.id: node for node in graph.nodes}
    problems = list(graph.problems)
    if len(known) < len(graph.nodes):
        problems.append("Several nodes have one id; the last of each is used.")
    for name, node in known.items():
        lost = {key: link for key, link in node.links.items() if link[0] not in known}
        for key, (target, _) in lost.items():
            problems.append(f"Node {name} takes {key!r} from node {target[:40]}, which is not there; left out.")
        kept = {key: link for key, link in node.links.items() if key not in lost}
        known[name] = Node(node.id, node.kind, node.title, node.inputs, kept, node.mode)
    order = _topological(known)
    if len(order) < len(known):
        rest = sorted((name for name in known if name not in order), key=_number)
        raise StreamError(
            f"its links go in a circle through nodes {', '.join(rest[:8])}: it cannot be run.",
            place=place,
            remedy="Cut the circle in the editor and export the graph again.",
        )
    return Graph(tuple(order.values()), graph.form, tuple(problems), graph.notes)


def _topological(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Kahn's order (CACM 5(11), 1962), the lowest number first among those that are ready."""
    waiting = {name: len({link[0] for link in node.links.values()}) for name, node in nodes.items()}
    users: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        for target in {link[0] for link in node.links.values()}:
            users[target].append(name)
    ready = [(_number(name), name) for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    order: dict[str, Node] = {}
    while ready:
        _, name = heapq.heappop(ready)
        order[name] = nodes[name]
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, (_number(user), user))
    return order


def _number(name: str) -> tuple[int, int, str]:
    return (0, int(name), "") if name.isascii() and name.isdecimal() and len(name) < 20 else (1, 0, name)
