"""One process makes the scenes of all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dataclaw.worlds.maker import Maker


@pytest.fixture(scope="session")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    with Maker(tmp_path_factory.mktemp("scenes")) as made:
        yield made
