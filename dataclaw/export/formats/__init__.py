"""The formats that an export can have, by the name that `--to` takes."""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.errors import UsageError, did_you_mean
from dataclaw.export.formats.base import Format
from dataclaw.export.formats.boxes import Coco
from dataclaw.export.formats.generation import DiffSynth
from dataclaw.export.formats.language import LeRobot
from dataclaw.export.formats.parquet import Hub, Trl, TrlPreference, TrlPrompt
from dataclaw.export.formats.shards import WebDataset
from dataclaw.export.formats.tagged import LlamaFactory, QwenVl, Swift
from dataclaw.export.formats.timelines import Otio
from dataclaw.export.formats.trajectories import AgentNet, Atif

FORMATS: Mapping[str, type[Format]] = {
    form.name: form
    for form in (
        *(Hub, Trl, TrlPrompt, TrlPreference, Swift, LlamaFactory, QwenVl, WebDataset),
        *(AgentNet, Atif, DiffSynth, Coco, Otio, LeRobot),
    )
}


def find_format(name: str) -> type[Format]:
    """The format of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in FORMATS:
        raise UsageError(f"no format {name!r}.", place="--to", remedy=did_you_mean(name, FORMATS))
    return FORMATS[name]
