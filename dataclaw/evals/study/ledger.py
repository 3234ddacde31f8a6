"""How each stage went: one small file a stage, so that a study that was killed knows what is done."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from dataclaw.errors import ConfigError
from dataclaw.evals.predict import PREDICTIONS
from dataclaw.evals.study.stages import Stage, StudyInputs, StudyPlan
from dataclaw.files import write_atomic
from dataclaw.strict import load_json

STUDY = "study.json"
StageState: TypeAlias = Literal["waiting", "running", "stopped", "failed", "predicted", "done"]
"""An evaluation that is predicted has yet to be scored."""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How a stage went when it was last tried.

    Attributes:
        state: "running" while its process lives, "stopped" where it goes on when it is asked again.
        essence: hash of what its result depends on.
        seconds: wall-clock time of all its tries [s].
        why: why it failed, "" where it did not.
        process: id of its process.
        host: where that ran.
    """

    state: StageState = "waiting"
    essence: str = ""
    seconds: float = 0.0
    why: str = ""
    process: int = 0
    host: str = ""


class StageLedger:
    """The states of a study's stages.

    Args:
        out: folder of the study.
    """

    def __init__(self, out: Path) -> None:
        self._out = out

    def record(self, stage: Stage) -> StageRecord:
        """How a stage went; one whose process is gone was stopped.

        Raises:
            ConfigError: what is kept of it is damaged.
        """
        file = self._file(stage)
        if not file.is_file():
            return StageRecord()
        try:
            found = StageRecord(**cast("dict[str, Any]", load_json(file.read_text(encoding="utf-8"))))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"damaged: {error}.", place=str(file), remedy="Remove the file.") from None
        gone = found.state == "running" and not (found.host == socket.gethostname() and _lives(found.process))
        return replace(found, state="stopped") if gone else found

    def state(self, stage: Stage) -> StageState:
        """The state of a stage; done or predicted only where what it made is there and depends on what it did."""
        went = self.record(stage)
        made = stage.result if went.state == "done" else stage.folder / PREDICTIONS
        if went.state in ("done", "predicted") and not (made.exists() and went.essence == stage.essence()):
            return "waiting"
        return went.state

    def note(self, stage: Stage, went: StageRecord) -> None:
        """Keep how a stage goes."""
        write_atomic(self._file(stage), json.dumps(asdict(went), indent=1) + "\n")

    def log(self, stage: Stage) -> Path:
        """Where a stage's output goes."""
        return self._out / "logs" / f"{stage.name.replace('/', '-')}.log"

    def _file(self, stage: Stage) -> Path:
        return self._out / "stages" / f"{stage.name.replace('/', '-')}.json"


def keep_inputs(given: StudyInputs) -> None:
    """Note what a study is run with, for `study show`."""
    said = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(given).items()}
    write_atomic(given.out / STUDY, json.dumps(said, indent=1) + "\n")


def last_inputs(file: Path, out: Path) -> StudyInputs:
    """What a study was last run with, or what it is run with where nothing is said.

    Raises:
        ConfigError: what is kept of it is damaged.
    """
    kept = out / STUDY
    if not kept.is_file():
        return StudyInputs(file, out)
    try:
        said = cast("dict[str, Any]", load_json(kept.read_text(encoding="utf-8")))
        places = {name: Path(said[name]) for name in ("corpus", "bench")}
        return StudyInputs(file, out, **places, **{name: said[name] for name in ("limit", "steps", "device")})
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"damaged: {error}.", place=str(kept), remedy="Remove the file.") from None


def states(plan: StudyPlan, ledger: StageLedger) -> Mapping[str, StageState]:
    """The state of every stage, by name."""
    return {name: ledger.state(stage) for name, stage in plan.stages.items()}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
