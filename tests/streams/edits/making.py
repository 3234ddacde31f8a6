"""Small editing files written by hand: PNGs with text chunks, OTIO documents, lists, histories."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": 7, "steps": 20, "cfg": 8.0, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
                   "latent_image": ["5", 0]},
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "_meta": {"title": "Wish"},
          "inputs": {"text": "a blue mug", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["8", 0]}},
}  # fmt: skip


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path: Path, *texts: bytes, size: tuple[int, int] = (64, 64), colour: str = "#3366cc") -> Path:
    """A picture with whole text chunks right after its header."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    data = buffer.getvalue()
    path.write_bytes(data[:33] + b"".join(texts) + data[33:])
    return path


def tell(graph: Any, keyword: bytes = b"prompt", kind: bytes = b"tEXt") -> bytes:
    """A graph as a text chunk of any of the three kinds."""
    text = graph if isinstance(graph, bytes) else json.dumps(graph).encode()
    body = {b"tEXt": b"", b"zTXt": b"\0", b"iTXt": b"\1\0\0\0"}[kind]
    return chunk(kind, keyword + b"\0" + body + (text if kind == b"tEXt" else zlib.compress(text)))


def time(value: float, rate: float = 24.0) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, duration: float, rate: float = 24.0) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, rate), "duration": time(duration, rate)}


def clip(name: str, start: float, duration: float, rate: float = 24.0, **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span(start, duration, rate), **more}


def gap(duration: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": span(0, duration)}


def many(schema: str, name: str, children: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": schema, "name": name, "children": list(children), **more}


def timeline(path: Path, *tracks: Any, **more: Any) -> Path:
    document = {"OTIO_SCHEMA": "Timeline.1", "name": "Cut", "tracks": many("Stack.1", "tracks", tracks), **more}
    path.write_text(json.dumps(document))
    return path


def history(path: Path, rows: str, attributes: str = 'darktable:history_end="2"', before: str = "") -> Path:
    path.write_text(
        f"""<?xml version="1.0"?>{before}
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:darktable="http://darktable.sf.net/" {attributes}>{rows}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""
    )
    return path


def row(num: int, operation: str, params: str, *, enabled: int = 1, version: int = 1, blend: str = "00000000") -> str:
    return (
        f'<rdf:li darktable:num="{num}" darktable:operation="{operation}" darktable:enabled="{enabled}" '
        f'darktable:modversion="{version}" darktable:params="{params}" darktable:multi_priority="0" '
        f'darktable:blendop_params="{blend}"/>'
    )
