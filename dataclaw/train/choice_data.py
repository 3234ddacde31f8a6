"""What experts chose, out of a corpus or a pack: every choice point of their rollouts, with the answer of the truth.

The choices stand in the corpus's traces, so that learning from them needs no stream and runs no plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataclaw.choosing import ChoicePoint
from dataclaw.corpus.packs.corpus_pack import TRACES, Part, read_pack
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.errors import ConfigError
from dataclaw.strict import load_json
from dataclaw.train.config import DataConfig
from dataclaw.train.corpus_streams import root_of
from dataclaw.train.tokens import rank
from dataclaw.types import Anchor

AGAIN = "Build the corpus again with this release: dataclaw corpus build."


@dataclass(frozen=True, slots=True)
class ChoiceExample:
    """A choice point with its right answer.

    Attributes:
        point: the point.
        wanted: ids of the options that the truth wants, one at least, in their order where the order was asked for.
    """

    point: ChoicePoint
    wanted: Sequence[str]


def read_choices(config: DataConfig, part: Part) -> tuple[list[ChoiceExample], str]:
    """The choices of a part of a corpus or of a pack, and the sha256 of what they were read from.

    Args:
        config: which corpus, which domains, what share.
        part: "training" or "validation"; no stream is in both.

    Raises:
        ConfigError: it is no corpus, or its traces are damaged.
    """
    digest, examples = hashlib.sha256(), list[ChoiceExample]()
    for number, line in enumerate(_lines(config.corpus, part), 1):
        digest.update(line)
        try:
            row = load_json(line)
            if (not config.domains or row["domain"] in config.domains) and rank(str(row["id"])) < config.share:
                examples += [example_of(row["task"], choice) for choice in row.get("choices", ())]
        except (ValueError, KeyError, TypeError) as error:
            place = f"{config.corpus}: {TRACES[part]}:{number}"
            raise ConfigError(f"a trace is damaged: {error}.", place=place, remedy=AGAIN) from None
    return [one for one in examples if one.wanted], digest.hexdigest()


def _lines(corpus: Path, part: Part) -> Iterable[bytes]:
    if (corpus / MANIFEST).is_file():
        return read_pack(corpus).traces(part)
    return _read(root_of(corpus) / "export" / TRACES[part])


def _read(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        remedy = "Run: dataclaw corpus build"
        raise ConfigError(f"no corpus with its export: {error.strerror}.", place=str(file), remedy=remedy) from None


def example_of(task: str, choice: Mapping[str, Any]) -> ChoiceExample:
    """The example in a trace of a task (`corpus.unit.choices_of`).

    Raises:
        KeyError, TypeError: it is none.
    """
    options = [Anchor(**option) for option in choice["options"]]
    point = ChoicePoint(choice["point"], task, choice["intent"], options, choice["kept"], choice["how"])
    return ChoiceExample(point, tuple(choice["wanted"]))
