"""The formats that an export can have, by the name that `--to` takes: ours, and those that packages announce."""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.doors import entries_of, load_entry, package_of
from dataclaw.errors import PluginError, UsageError, did_you_mean
from dataclaw.export.formats.base import Format
from dataclaw.export.formats.boxes import Coco
from dataclaw.export.formats.generation import DiffSynth, Wan
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
        *(AgentNet, Atif, DiffSynth, Wan, Coco, Otio, LeRobot),
    )
}


GROUP = "dataclaw.exporters"
"""Entry points whose values are further classes of formats; a name of ours is not taken."""


def find_format(name: str) -> type[Format]:
    """The format of that name.

    Raises:
        UsageError: there is none.
        PluginError: a package announces it, and it cannot be loaded or is none.
    """
    if name in FORMATS:
        return FORMATS[name]
    others = entries_of(GROUP)
    if name not in others:
        raise UsageError(f"no format {name!r}.", place="--to", remedy=did_you_mean(name, {*FORMATS, *others}))
    found = load_entry(others[name])
    if not (isinstance(found, type) and issubclass(found, Format)):
        message = f"format {name!r} is no class of dataclaw.export.formats.base.Format."
        raise PluginError(message, place=package_of(others[name]), remedy="Announce a class that extends it.")
    return found
