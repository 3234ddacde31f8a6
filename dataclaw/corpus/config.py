"""What a corpus is made of: a TOML file or the command line; unknown keys are errors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from dataclaw.config import Name
from dataclaw.errors import ConfigError
from dataclaw.strict import Strict, check, parse_toml
from dataclaw.worlds.base import EASIEST, HARDEST

TRUTH = "truth"
PLANNER = "planner"


class CorpusConfig(Strict):
    """What is built.

    Attributes:
        domains: domains to build for; empty: every domain that has a world, or reads the given paths.
        worlds: worlds to use; empty: all of these domains.
        streams: streams a world.
        asks: most asks a stream.
        difficulties: taken in turn by seed.
        split: which half of every vocabulary the worlds draw from; "held" is for benchmarks.
        first_seed: seed of each world's first stream.
        by: who writes: "truth" (experts of worlds), "planner", or a `provider:model`.
        base_url: OpenAI-compatible server of such a model.
        paths: real recordings beside the worlds; "truth" cannot write about them, and leaves them to the planner.
        detours: share of the experts' traces that go a realistic detour: a wrong call, a draft that is sent back.
        media: cut clips and frames of every sample into `export/media`.
        near: likeness from which two samples of a task are near-duplicates, of words in common (Jaccard), 0..1.
        validation: share of the streams whose samples are kept apart for validation while training.
    """

    domains: list[Name] = Field(default_factory=list[str])
    worlds: list[Name] = Field(default_factory=list[str])
    streams: Annotated[int, Field(ge=0, le=1_000_000)] = 20
    asks: Annotated[int, Field(ge=1, le=100)] = 6
    difficulties: Annotated[list[Annotated[int, Field(ge=EASIEST, le=HARDEST)]], Field(min_length=1)] = Field(
        default_factory=lambda: [1, 2, 3, 4, 5]
    )
    split: Literal["train", "held"] = "train"
    first_seed: Annotated[int, Field(ge=0)] = 0
    by: str = TRUTH
    base_url: str | None = None
    paths: list[str] = Field(default_factory=list[str])
    detours: Annotated[float, Field(ge=0, le=1)] = 0.25
    media: bool = False
    near: Annotated[float, Field(gt=0, le=1)] = 0.9
    validation: Annotated[float, Field(ge=0, lt=1)] = 0.05


def stored_settings(out: Path) -> dict[str, object]:
    """The settings that the corpus in a folder was built with.

    Raises:
        ConfigError: the folder holds none.
    """
    file = out / "corpus.toml"
    try:
        return parse_toml(file.read_bytes())["corpus"]
    except (OSError, KeyError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"no corpus: {error}.", place=str(file), remedy="Build one: dataclaw corpus build") from None


def read_config(file: Path | None, **options: object) -> CorpusConfig:
    """The configuration in a TOML file, changed by the options that are not None.

    Raises:
        ConfigError: the file is not TOML, or a key is unknown or wrong; all of them at once.
    """
    said: dict[str, object] = {}
    if file is not None:
        try:
            said = parse_toml(file.read_bytes())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"cannot be read: {error}.", place=str(file), remedy="Correct the file.") from None
    given = {key: value for key, value in options.items() if value is not None}
    return check(said | given, CorpusConfig, str(file or "dataclaw corpus build"))
