"""What a domain's loaders claim of other people's files: a loader that takes too much takes what is not its own."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from dataclaw.kit.line_numbers import function_line
from dataclaw.kit.report import Notes
from dataclaw.plugins import guard
from dataclaw.plugins.code import claimed_anyway
from dataclaw.plugins.guard import call_guarded
from dataclaw.streams.loader import Loader

FILE = "loaders.py"


def check_claims(loaders: Sequence[Loader], notes: Notes) -> None:
    """Note every loader that claims a file or folder in which nothing of its own can be."""
    for loader in loaders:
        greedy = claimed_anyway(loader)
        fault = f"claims {greedy}" if greedy else _fault(loader)
        if fault:
            notes.error("loader", f"loader {loader.name} {fault}, which is not of its format.",
                        "Let `claims` look at the name and at the first bytes, be strict, and never raise.", file=FILE,
                        line=function_line(loader.claims), subject=loader.name)  # fmt: skip


def _fault(loader: Loader) -> str:
    """What it does with files of others that it should not do; "" when it leaves them alone."""
    claims = inspect.unwrap(loader.claims)
    with tempfile.TemporaryDirectory() as name:
        for what, path in _decoys(Path(name)).items():
            try:
                if call_guarded(f"loader {loader.name}", guard.CLAIM, claims, path):
                    return f"claims {what}"
            except Exception as error:  # noqa: BLE001 - a plugin's loader may raise anything, and must not
                return f"raises {type(error).__name__} on {what}"
    return ""


def _decoys(folder: Path) -> dict[str, Path]:
    """Files and folders of others, by what they are called."""
    files = {
        "a text file with other words": ("notes.txt", b"Nothing to see here.\n"),
        "an empty JSON object": ("settings.json", b"{}"),
        "a JSON file of somebody else": ("package.json", b'{"name": "else", "version": "1.0.0"}'),
        "a JSON Lines file of somebody else": ("log.jsonl", b'{"level": "info"}\n{"level": "info"}\n'),
        "bytes that are no format": ("data.bin", bytes(range(256))),
        "a broken video": ("clip.mp4", b"\0\0\0\x18ftypmp42" + bytes(64)),
    }
    for name, content in files.values():
        (folder / name).write_bytes(content)
    made = {what: folder / name for what, (name, _) in files.items()}
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(2):
        Image.new("RGB", (8, 8)).save(pictures / f"{number:03}.png")
    return made | {
        "a picture": pictures / "000.png",
        "a folder of pictures": pictures,
        "a folder of other people's files": folder,
    }
