"""What reviews are for: samples that people stand by, as gold; and the streams that are to be run again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataclaw.files import write_atomic
from dataclaw.media import MEDIA
from dataclaw.serve.view.open_run import OpenRun
from dataclaw.types import Json


@dataclass(frozen=True, slots=True)
class GoldCount:
    """What was written as gold.

    Attributes:
        accepted: samples as the run wrote them.
        edited: samples with the edits of a review.
        outdated: reviewed samples that the run has written anew since; they are left out until somebody looks again.
    """

    accepted: int
    edited: int
    outdated: int


def write_gold(runs: Sequence[OpenRun], file: Path) -> GoldCount:
    """Write what reviews accepted or edited: lines as of `samples.jsonl`, each with its `review`.

    Raises:
        UsageError: an edit can no longer be judged (its trace is gone, or the task's schema has changed).
        OSError: disk full, no permission.
    """
    for run in runs:
        run.refresh()
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for run in runs for row in _gold(run)]
    write_atomic(file, "".join(f"{line}\n" for line in lines))
    counts = [len([name for run in runs for name in run.index.ids([s])]) for s in ("accepted", "edited", "outdated")]
    return GoldCount(*counts)


def _gold(run: OpenRun) -> Iterator[dict[str, Json]]:
    for name in run.index.ids(["accepted", "edited"]):
        _, record = run.record(name)
        review = run.reviews.last[name]
        made = run.revise(name, review.edit) if review.action == "edit" else record
        told = review.model_dump(mode="json", include={"action", "of", "comment", "who", "time"})
        moved = sorted(key for key in (*MEDIA, "freeze") if made.get(key) != record.get(key))
        yield made | {"review": told | ({"stale_media": moved} if moved else {})}


def rerun_command(run: OpenRun) -> str:
    """The command that runs the streams of flagged samples and rejections again, quoted for a shell; "" for none.

    It asks for what the run asked for, and writes into a folder beside the run's own.
    """
    rows = [run.index.find(name) for name in run.index.ids(["flagged"])]
    paths = list(dict.fromkeys(str(row["path"]) for row in rows if row))
    if not paths:
        return ""
    words = ["dataclaw", "run", "--config", str(run.root / "run.toml"), "--out", f"{run.root}-again", "--", *paths]
    return shlex.join(words)
