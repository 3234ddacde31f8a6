"""The same trials in another process, with another hash seed; only `check` runs this module.

Sets and dictionaries keyed by hash come out in another order there; a reward that depends on it is none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dataclaw.errors import PluginError
from dataclaw.kit.fixture_trial import run_trials
from dataclaw.kit.fixtures import fixtures_of
from dataclaw.plugins.find import Plugin
from dataclaw.plugins.load import load_plugin
from dataclaw.types import Json

SEED = "20220101"
SECONDS = 300.0
"""How long the other process may take [s]."""


def trials_elsewhere(plugin: Plugin) -> list[Json]:
    """What every fixture of a domain gives in another process, aligned with `run_trials`.

    Raises:
        PluginError: the process did not end, or not well.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "trials.json"
        command = [
            sys.executable,
            "-m",
            "dataclaw.kit.second_process",
            plugin.name,
            str(plugin.root),
            plugin.package or "",
            str(out),
        ]
        registry = {"DATACLAW_PLUGINS": str(plugin.registry.resolve())} if plugin.registry else {}
        environment = os.environ | registry | {"PYTHONHASHSEED": SEED}
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            message = f"the trial in another process did not end within {SECONDS:g} s."
            raise PluginError(message, place=plugin.name, remedy="Look for code that waits.") from None
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            raise PluginError(f"the trial in another process failed: {last[0].rstrip('.')}.", place=plugin.name)
        return json.loads(out.read_text(encoding="utf-8"))


def main(name: str, root: str, package: str, out: str) -> None:
    """Run the trials and write what they gave."""
    domain = load_plugin(Plugin(name, Path(root), package or None, "path given"))
    trials = [trial.to_json() for trial in run_trials(domain, fixtures_of(domain))]
    Path(out).write_text(json.dumps(trials), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:5])
