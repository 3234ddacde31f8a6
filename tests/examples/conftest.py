"""The examples share what their tools found, so that the pictures of a trace are read once."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _shared(cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", cache)
