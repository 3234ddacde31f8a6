from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from dataclaw.errors import DataClawError

APP = Path(__file__).parents[2] / "examples" / "langgraph_app"
CONFIG = APP / "langgraph.json"
TRACES = APP.parent / "traces"


def load(entry: str) -> object:
    """What an entry `./file.py:name` means, found as the server finds it."""
    file, _, name = entry.partition(":")
    spec = importlib.util.spec_from_file_location("app", APP / file)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def test_the_command_line_of_langgraph_takes_the_configuration():
    config = pytest.importorskip("langgraph_cli.config")
    checked = config.validate_config_file(CONFIG)
    assert checked["graphs"] == json.loads(CONFIG.read_text())["graphs"]


def test_every_entry_compiles_and_serves_the_folder_and_nothing_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATACLAW_STREAMS", str(TRACES))
    for entry in json.loads(CONFIG.read_text())["graphs"].values():
        graph = load(entry)()
        end = graph.invoke({"path": "calendar_only", "intent": "Extract the ordered UI actions with coordinates"})
        assert [sample["task"] for sample in end["samples"]] == ["action_sequence"]
        for outside in ("../cuts", str(APP), "not_there"):
            with pytest.raises(DataClawError, match="there is no stream"):
                graph.invoke({"path": outside, "intent": "anything"})
