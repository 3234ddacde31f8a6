"""Workers of Ray do what processes do: all items are done, and the one that kills its worker is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.config import RunConfig
from dataclaw.run.pool import Died
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run, sources_at
from tests.bad_input.files import agentnet
from tests.run.test_pool import double

pytest.importorskip("ray")
from dataclaw.run.ray_pool import map_in_ray

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_every_item_is_done_once_and_a_deadly_one_is_found():
    found = dict(map_in_ray(double, [1, 13, 2, 3, 4, 5], 2))
    assert isinstance(found.pop(13), Died)
    assert found == {n: 2 * n for n in (1, 2, 3, 4, 5)}
    with pytest.raises(ValueError, match="negative"):
        list(map_in_ray(double, [1, -1], 2))


def test_a_run_writes_the_same_bytes_wherever_its_workers_are(tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.jsonl").write_text(agentnet([f"pyautogui.click(x=0.{number + 1}, y=0.5)"] * (number + 2)))
    setup = prepare(RunConfig(intent="list every action", domain="gui"))
    sources = sources_at([str(folder)])
    made: list[bytes] = []
    for name, workers, engine in (("one", 1, "pool"), ("two", 2, "pool"), ("ray", 2, "ray")):
        out = tmp_path / name
        assert len([news for news in run(setup, sources, out, workers=workers, engine=engine) if news.outcome]) == 7
        made.append((out / "samples.jsonl").read_bytes())
    assert made[0] == made[1] == made[2]
    assert len([json.loads(line) for line in made[0].splitlines()]) == 7
