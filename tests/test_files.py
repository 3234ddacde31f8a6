from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dataclaw.config import RunConfig
from dataclaw.errors import OwnedError
from dataclaw.files import owned_folder, remove_halves
from dataclaw.run.prepare import prepare
from dataclaw.run.run import run, sources_at

HOLDER = """
import sys, time
from pathlib import Path
from dataclaw.files import owned_folder
with owned_folder(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""
TRACE = Path(__file__).parents[1] / "examples/traces/shop_and_mail"


def test_a_folder_has_one_owner_who_is_named_and_death_lets_go(tmp_path: Path) -> None:
    out = tmp_path / "out"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, out], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(OwnedError, match=rf"process {holder.pid} on .+, since \d{{4}}-"), owned_folder(out):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with owned_folder(out), pytest.raises(OwnedError, match=f"process {os.getpid()} "), owned_folder(out):
        pass
    with owned_folder(out):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".owner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError), owned_folder(tmp_path):  # noqa: PT011 - the number of the error depends on the system
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_two_runs_never_write_into_one_folder(tmp_path: Path) -> None:
    setup = prepare(RunConfig(intent="Extract the ordered UI actions with coordinates", domain="gui"))
    sources, out = sources_at([TRACE]), tmp_path / "out"
    first = run(setup, sources, out)
    next(first)
    with pytest.raises(OwnedError, match="writes into this folder"):
        next(run(setup, sources, out))
    (*_, last) = first
    assert last.outcome
    (*_, again) = run(setup, sources, out)
    assert again.outcome
    assert again.outcome.again


def test_halves_of_files_are_removed_and_nothing_else(tmp_path: Path) -> None:
    whole, hidden = tmp_path / "a.json", tmp_path / "done" / ".b.json"
    halves = [tmp_path / ".a.json.x1.tmp", tmp_path / "done" / ".b.json.x2.tmp"]
    for file in (whole, hidden, *halves, tmp_path / "other" / ".c.json.x3.tmp"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    remove_halves(tmp_path, "done")
    assert [file.exists() for file in (whole, hidden, *halves)] == [True, True, False, False]
    assert (tmp_path / "other" / ".c.json.x3.tmp").exists()
