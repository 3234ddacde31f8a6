"""Worlds that a domain's `worlds.py` brings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dataclaw.errors import PluginError, UsageError
from dataclaw.plugins import plugin_at
from dataclaw.worlds import SceneSpec, entries, find_world, folder_of, worlds_of
from dataclaw.worlds.maker import Maker
from dataclaw.worlds.plugin_worlds import plugin_worlds, worlds_in


def rewrite(workplace: Path, old: str, new: str) -> None:
    file = workplace / "harvest" / "worlds.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_they_are_found_beside_those_of_packages(workplace: Path) -> None:
    assert [world.name for world in worlds_of("harvest")] == ["orchard"]
    assert find_world("desk").domain == "gui"
    assert str(entries()["orchard"]) == f"{workplace / 'harvest' / 'worlds.py'}:WORLD"
    assert folder_of("orchard") == workplace / "harvest"


def test_another_process_makes_their_scenes(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Maker(workplace / "scenes") as maker:
        scene = maker.make(SceneSpec("orchard", 1))
    assert (workplace / "scenes" / "orchard-train-2-000001" / "orchard-train-2-000001.picked").is_file()
    assert scene.spec.world == "orchard"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"orchard", "harvest"', '"orchard", "gui"', "world 'orchard' serves 'gui', and the domain is 'harvest'"),
        ('{"list_picked": expert}', '{"list_all": expert}', "an expert of 'list_all', which is no task"),
        ("WORLD = World(", "OTHER = print if True else World(", "worlds.py brings no World"),
        ("WORLD = ", "1 / 0\nWORLD = ", r"cannot be imported: worlds.py:\d+: ZeroDivisionError"),
    ],
)
def test_a_wrong_worlds_py_is_said_and_left_out(
    workplace: Path, caplog: pytest.LogCaptureFixture, old: str, new: str, said: str
) -> None:
    rewrite(workplace, old, new)
    with pytest.raises(PluginError, match=said):
        worlds_in(plugin_at("harvest"))
    assert plugin_worlds() == {}
    assert "worlds of domain harvest are left out: " in caplog.text
    with pytest.raises(UsageError, match="no world 'orchard'"):
        find_world("orchard")


def test_a_world_that_takes_a_name_is_left_out(workplace: Path, caplog: pytest.LogCaptureFixture) -> None:
    rewrite(workplace, '"orchard", "harvest"', '"desk", "harvest"')
    assert find_world("desk").domain == "gui"
    assert [world.name for world in worlds_of("harvest")] == []
    assert "there is a world 'desk' already, in dataclaw_worlds" in caplog.text


def test_what_its_code_raises_is_blamed_on_it(workplace: Path) -> None:
    rewrite(workplace, '    rng = scene.spec.rng("asks")\n', "    raise KeyError('basket')\n")
    world = find_world("orchard")
    with pytest.raises(PluginError, match=r"world orchard: requests.*failed: worlds.py:\d+: KeyError: 'basket'"):
        world.requests(None, 3)  # pyright: ignore[reportArgumentType]


def test_the_proof_finds_them(workplace: Path) -> None:
    command = [sys.executable, "-m", "dataclaw_worlds.proof", "orchard", "--seeds", "0-1", "--similarity", "fuzzy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "orchard-train-2-000001: 2 asks" in done.stdout
    assert "list_picked  4     100" in done.stdout
