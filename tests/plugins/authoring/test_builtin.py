"""The domains that ship pass their own check, with every warning explained."""

from __future__ import annotations

import pytest

from dataclaw.plugins import find_plugins
from dataclaw.plugins.authoring.check import check_domain

OURS = [name for name, plugin in find_plugins().items() if (plugin.package or "").startswith("dataclaw.domains.")]


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_a_domain_that_ships_passes_with_nothing_left_unexplained(name: str) -> None:
    report = check_domain(name)
    assert report.is_sound, "\n".join(map(str, report.of("error")))
    assert not report.of("warning"), "\n".join(map(str, report.of("warning")))
