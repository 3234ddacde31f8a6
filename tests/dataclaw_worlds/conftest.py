"""Worlds need engines of the system; on a machine without them their tests are skipped, with what is missing."""

from __future__ import annotations

import ctypes.util
import shutil

import pytest

NEEDS = {"gui": "chromium", "embodied": "EGL", "daily": "EGL"}
REMEDY = "apt-get install chromium libegl1 libgl1 libglu1-mesa"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = {"chromium": bool(shutil.which("chromium")), "EGL": bool(ctypes.util.find_library("EGL"))}
    for item in items:
        need = NEEDS.get(item.path.parent.name)
        if need and not there[need] and item.path.parents[1].name == "dataclaw_worlds":
            item.add_marker(pytest.mark.skip(reason=f"{need} is not installed: {REMEDY}"))
