"""What the picture with a graph shows, and which picture went in.

A PNG with a graph is usually what the graph made, but people also share pictures of the whole editor with the graph
inside. Sizes tell them apart: nothing without a resizing node makes another size than its latent picture has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.edits.graph import Graph, Node
from dataclaw.streams.edits.stills import frames_of, size_of, stretch_notes
from dataclaw.streams.files import inside
from dataclaw.types import Frames, Json

_GRID = 8
"""Pixels of a cell of the latent picture, which every usual VAE decodes to whole cells."""

_RESIZES = ("Upscale", "Scale", "Resize", "Crop", "Pad", "Stitch", "Concat", "Composite")
"""Parts of the names of nodes after which the picture may have any size."""

_ENCODES = ("VAEEncode", "InpaintModelConditioning")
"""How the names of nodes begin that make the latent picture of a picture."""

_FOLDER = re.compile(r" \[(input|output|temp)\]$")
Size = tuple[int, int]


def graph_pictures(path: Path, graph: Graph) -> tuple[Frames, dict[str, Json], list[str]]:
    """Frames, meta and problems: the result, after the picture that was edited where that lies beside.

    `meta["roles"]` says what each is: "before" and "after", "hint" for a picture that only guides (a scribble), or
    "illustration" for a picture that the graph cannot have made, which is shown only where nothing went in.

    Raises:
        StreamError: the picture itself cannot be read.
    """
    role, given, problems = _input_picture(path, graph)
    size = size_of(path)
    made = _graph_size(graph, given if role == "before" else None)
    if made != size and not _may_be_any_size(graph) and (made or size[0] % _GRID or size[1] % _GRID):
        said = f"its graph makes {made[0]}x{made[1]} px" if made else f"its graph makes multiples of {_GRID} px"
        problems.append(f"The picture is {size[0]}x{size[1]} px but {said}: not the result, but a picture of it.")
        files = {role: given} if given else {"illustration": path}
    else:
        files = {role: given, "after": path} if given else {"after": path}
    times = [0.0, float(len(graph.nodes))][-len(files) :]
    frames, meta = frames_of(files, times)
    return frames, meta, [*problems, *stretch_notes(meta["pictures"], meta["sizes"])]


def input_pictures(path: Path, graph: Graph) -> tuple[Frames | None, dict[str, Json], list[str]]:
    """Frames, meta and problems of a graph without a result: the picture that it loads, where that lies beside it."""
    role, given, problems = _input_picture(path, graph)
    if given is None:
        return None, {}, problems
    frames, meta = frames_of({role: given}, [0.0])
    return frames, meta, problems


def _input_picture(path: Path, graph: Graph) -> tuple[str, Path | None, list[str]]:
    """Role and file of the picture that went in, the edited one before a mere hint, and why others are not used."""
    problems: list[str] = []
    found: dict[str, list[Path]] = {"before": [], "hint": []}
    edited = _feeding(graph, _ENCODES)
    for node in _loads(graph):
        name = str(node.inputs["image"])
        try:
            file = inside(path.parent, _FOLDER.sub("", name))
            size_of(file)
        except StreamError as error:
            missing = f"{name[:100]!r} does not lie beside the picture"
            problems.append(
                f"Node {node.id} loads a picture: {missing if error.message.startswith('cannot') else error}"
            )
            continue
        found["before" if node.id in edited else "hint"].append(file)
    role = "before" if found["before"] else "hint"
    if len(found[role]) > 1:
        problems.append(f"The graph loads {len(found[role])} pictures; {found[role][0].name!r} is shown.")
    return role, (found[role] or [None])[0], problems


def _loads(graph: Graph) -> Iterator[Node]:
    for node in graph.nodes:
        if node.kind == "LoadImage" and isinstance(node.inputs.get("image"), str) and not node.mode:
            yield node


def _feeding(graph: Graph, kinds: tuple[str, ...]) -> set[str]:
    """Ids of all nodes from which one of these kinds takes something, near or far."""
    needed: set[str] = set()
    for node in reversed(graph.nodes):  # in topological order every user stands behind what it uses
        if node.id in needed or node.kind.startswith(kinds):
            needed.update(target for target, _ in node.links.values())
    return needed


def _graph_size(graph: Graph, edited: Path | None) -> Size | None:
    """`(width, height)` [px] that the graph makes; None where its nodes do not say."""
    sizes: set[Size] = set()
    for node in graph.nodes:
        width, height = node.inputs.get("width"), node.inputs.get("height")
        if node.kind.startswith("Empty") and "Latent" in node.kind and isinstance(width, int):
            sizes.add((width // _GRID * _GRID, int(height) // _GRID * _GRID if isinstance(height, int) else 0))
    if not sizes and edited:
        width, height = size_of(edited)
        sizes.add((width // _GRID * _GRID, height // _GRID * _GRID))
    return sizes.pop() if len(sizes) == 1 else None


def _may_be_any_size(graph: Graph) -> bool:
    """Whether something resizes between the latent picture and the saved one, or nothing is decoded at all."""
    decoded = any(node.kind.startswith("VAEDecode") for node in graph.nodes)
    resized = _feeding(graph, ("SaveImage", "PreviewImage")) - _feeding(graph, _ENCODES)
    return not decoded or any(part in node.kind for node in graph.nodes if node.id in resized for part in _RESIZES)
