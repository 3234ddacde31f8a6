"""What draws the rooms: its own lines stay off the terminal."""

from __future__ import annotations

import logging

import pytest

from dataclaw_worlds.daily.engine import CameraPose, HouseStage, Room


def test_the_engine_prints_nothing_and_what_it_says_is_in_the_log(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="dataclaw_worlds.daily.engine"):
        stage = HouseStage([Room(0.0, 4.0, 0.0, 4.0)], [], [], (64, 48))
    assert stage.look(CameraPose(1.0, 1.0, 0.0)).shape == (48, 64, 3)
    stage.close()
    shown = capfd.readouterr()
    assert "Falling back" not in shown.out + shown.err
    assert any("Falling back" in line for line in caplog.messages)
