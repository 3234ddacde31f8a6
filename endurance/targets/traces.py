"""GUI traces of the eighteen formats, read by their parsers, and as streams."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import ROOT, put, read_stream
from pyautogui_trace_parsers import Trace, TraceError, detect, parse_many, to_agentnet_jsonl, to_pyautogui, to_uitars
from pyautogui_trace_parsers.formats import windows_psr
from tests.bad_input.files import agentnet, playwright
from tests.pyautogui_trace_parsers.formats import test_windows_psr as psr
from tests.pyautogui_trace_parsers.formats.test_playwright import zipped

FIXTURES = ROOT / "tests" / "pyautogui_trace_parsers" / "fixtures"
_FOLDERS = {"agentnet_raw", "osworld", "screenagent"}
"""Fixtures that are a trace as a folder; elsewhere each file is one."""
_PICTURES = {".png", ".jpg"}


def read_trace(path: Path) -> None:
    """Find the format of a trace, parse all of it, and write it in every form.

    Raises:
        TraceError: it is none, or broken.
    """
    for trace in parse_many(path, detect(path)):
        for write in (to_pyautogui, to_agentnet_jsonl, _to_uitars):
            with suppress(TraceError):  # what a form cannot say
                write(trace)


def _to_uitars(trace: Trace) -> None:
    to_uitars(trace.events)


def _format(name: str, share: int) -> FuzzTarget:
    def make(folder: Path) -> None:
        source = FIXTURES / name
        if name in _FOLDERS:
            shutil.copytree(source, folder / name)
            return
        for file in sorted(source.iterdir()):
            if file.is_file() and file.suffix not in _PICTURES:
                (folder / file.name).write_bytes(file.read_bytes())

    patterns = ("*.json", "*.jsonl", "*.txt", "*.xml", "*.py", "*.trace")
    return FuzzTarget(f"trace {name}", make, read_trace, share, files=patterns)


def _psr(folder: Path) -> None:
    report = (FIXTURES / "windows_psr" / "report.xml").read_text()
    put(folder, {"steps.zip": psr.packed(report), "steps.mht": psr.mht(report)})


def _archives(folder: Path) -> None:
    log = (FIXTURES / "playwright" / "version_8.trace").read_bytes()
    short = playwright("click", "fill").encode()
    put(folder, {"long.zip": zipped({"0-trace.trace": log}), "short.zip": zipped({"trace.trace": short})})


def _as_streams(folder: Path) -> None:
    put(folder, {"clicks.jsonl": agentnet()})
    for name in ("agentnet_raw", "osworld"):
        shutil.copytree(FIXTURES / name, folder / name)
    for name in ("uitars/steps.json", "pc_tracker/log.jsonl", "pynput_log/recording.json"):
        (folder / name.replace("/", "-")).write_bytes((FIXTURES / name).read_bytes())


def _formats() -> list[FuzzTarget]:
    own = {"playwright", "windows_psr"}
    return [_format(path.name, 16) for path in sorted(FIXTURES.iterdir()) if path.is_dir() and path.name not in own]


TARGETS = (
    *_formats(),
    FuzzTarget("trace playwright", _archives, read_trace, 16),
    FuzzTarget("trace windows_psr", _psr, windows_psr.parse, 16),
    FuzzTarget("traces as streams", _as_streams, read_stream, 12, files=("*.json", "*.jsonl", "*.txt")),
)
