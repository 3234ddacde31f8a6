"""The domains that ship pass their own check, with every warning explained."""

from __future__ import annotations

import pytest

from dataclaw.kit.attacks import Target, attacks
from dataclaw.kit.check import check_domain
from dataclaw.kit.fixtures import FixtureSession, fixtures_of, play
from dataclaw.plugins import find_plugins, load_domain

OURS = [name for name, plugin in find_plugins().items() if (plugin.package or "").startswith("dataclaw.domains.")]


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_a_domain_that_ships_passes_with_nothing_left_unexplained(name: str) -> None:
    report = check_domain(name)
    assert report.is_sound, "\n".join(map(str, report.of("error")))
    assert not report.of("warning"), "\n".join(map(str, report.of("warning")))


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_no_attack_on_what_the_plans_write_when_the_shipped_chooser_chooses_is_accepted(name: str) -> None:
    report = check_domain(name, choose="learned")
    assert report.drafts
    assert report.is_sound, "\n".join(map(str, report.of("error")))


def test_a_goal_that_cites_everything_does_not_stand_for_the_steps() -> None:
    gui = load_domain("gui")
    for row in [row for row in fixtures_of(gui) if row.task in ("action_sequence", "how_to", "test_steps")]:
        played = play(gui, row)
        session = FixtureSession(gui.task(row.task), row.model_copy(update={"look": played.look}))
        target = Target(played.draft, session.session.schema(session.state), session.state.anchors, [])
        assert session.judge(played.draft).passed
        assert "coverage" in session.judge(attacks(target)["truncated"]).held
