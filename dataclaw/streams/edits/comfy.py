"""Generation and editing graphs of ComfyUI: in the picture that they made, or in a JSON file.

ComfyUI writes the executed graph into its PNG as text `prompt` and the editor's as `workflow`. The first is what ran,
so it is read; the second lends the titles, and stands in where the first is missing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.edits.comfy_pictures import graph_pictures, input_pictures
from dataclaw.streams.edits.graph import Graph, Node, graph_of, parse_graph, without_obscenity
from dataclaw.streams.edits.png_text import Chunk, read_text_chunk, text_chunks
from dataclaw.streams.files import head_of, text_in
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Json, Stream

_KEYWORDS = ("prompt", "workflow")
_API = re.compile(rb'\s*\{\s*("prompt"\s*:\s*\{\s*)?"[^"]{1,80}"\s*:\s*\{')


def _claims_png(path: Path) -> bool:
    return path.suffix.lower() == ".png" and bool(_graph_chunks(path))


def _graph_chunks(path: Path) -> dict[str, Chunk]:
    return {chunk.keyword: chunk for chunk in text_chunks(path) if chunk.keyword in _KEYWORDS}


def _claims_json(path: Path) -> bool:
    head = head_of(path, 2**16, ".json")
    if b'"last_node_id"' in head[:4096] and b'"last_link_id"' in head[:4096]:
        return True
    return b'"class_type"' in head and b'"inputs"' in head and bool(_API.match(head))


def _open_json(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - one graph a file
    value, problems = parse_graph(text_in(path), str(path))
    graph = graph_of(value, str(path))
    stream = _stream(path, "comfyui_json", graph, [*problems, *graph.problems], sampling)
    frames, meta, said = input_pictures(path, graph)
    return replace(stream, frames=frames, meta={**stream.meta, **meta}, problems=(*stream.problems, *said))


def _open_png(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - one graph a picture
    graph, problems = _graph_in(path)
    stream = _stream(path, "comfyui_png", graph, problems, sampling)
    try:
        frames, meta, said = graph_pictures(path, graph)
    except StreamError as error:
        return replace(stream, problems=(*stream.problems, f"The picture cannot be shown: {error}"))
    return replace(stream, frames=frames, meta={**stream.meta, **meta}, problems=(*stream.problems, *said))


def _graph_in(path: Path) -> tuple[Graph, list[str]]:
    """The graph that made the picture.

    Raises:
        StreamError: neither of its texts holds one; the message is that of the executed one.
    """
    graphs: dict[str, Graph] = {}
    problems: list[str] = []
    errors: list[StreamError] = []
    for keyword, chunk in sorted(_graph_chunks(path).items()):
        place = f"{path}: text {keyword!r}"
        try:
            value, said = parse_graph(read_text_chunk(path, chunk), place)
            graphs[keyword] = graph_of(value, place)
        except StreamError as error:
            errors.append(error)
            continue
        problems += said if keyword == "prompt" or "prompt" not in graphs else []
    if not graphs:
        raise errors[0] if errors else StreamError("holds no graph.", place=path, remedy="Save it again.")
    used = graphs.get("prompt") or graphs["workflow"]
    problems += [f"Left out: {error}" for error in errors]
    return _with_titles(used, graphs.get("workflow")), [*problems, *used.problems]


def _with_titles(graph: Graph, editor: Graph | None) -> Graph:
    """The executed graph with the editor's titles where it has none, and the editor's notes."""
    if editor is None or editor is graph:
        return graph
    titles = {node.id: node.title for node in editor.nodes}
    nodes = tuple(replace(node, title=node.title or titles.get(node.id, "")) for node in graph.nodes)
    return replace(graph, nodes=nodes, notes=editor.notes)


def _stream(path: Path, form: str, graph: Graph, problems: list[str], sampling: Sampling) -> Stream:
    count = float(len(graph.nodes))
    meta: dict[str, Json] = {"graph": {"form": graph.form, "nodes": len(graph.nodes)}, "windows": []}
    if graph.notes:
        meta["notes"] = list(graph.notes[:20])
    return Stream(
        id=content_id([path], form, salt_of(sampling)),
        kind="edit",
        name=path.name,
        path=str(path.absolute()),
        format=form,
        duration=count,
        clock="index",
        events=tuple(_event(index, node) for index, node in enumerate(graph.nodes)),
        meta=meta,
        problems=tuple(problems),
    )


def _event(index: int, node: Node) -> Event:
    links: dict[str, Json] = {name: [target, slot] for name, (target, slot) in node.links.items()}
    attrs: dict[str, Json] = {
        "id": node.id,
        "title": node.title,
        "inputs": without_obscenity(node.inputs),
        "links": links,
    }
    if node.mode:
        attrs["mode"] = node.mode
    return Event(index, "node", float(index), float(index), text=node.kind, place=f"node {node.id}", attrs=attrs)


COMFY_PNG = Loader("comfyui_png", "edit", _claims_png, _open_png)
COMFY_JSON = Loader("comfyui_json", "edit", _claims_json, _open_json)
