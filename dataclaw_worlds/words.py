"""Words are data: the phrases of the worlds lie in TOML files beside the modules that choose among them.

How to write such a file:

- Keys are lower case. Phrases that mean the same are an array, one phrase a line when they are long. Phrases by kind
  are a table of arrays. The Chinese of `again` is `again_zh`.
- `{t}` in a phrase is a slot; a comment above the key says what each slot stands for.
- Order is part of the data: a random draw picks by position, so add at the end, and expect other draws if you sort.
- Phrases that hold double quotes stand in single ones.

How to read it: `INTENTS = words("embodied/intents.toml")`, then `INTENTS.phrases("again")`,
`INTENTS.phrases("parts", "reach")`, `INTENTS.table("parts")`, `INTENTS["anything"]`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, cast

from dataclaw.errors import ConfigError, did_you_mean


class MissingWordsError(ConfigError, KeyError):
    """A file of words has no such key; `place` names the file and the table."""


class Words(Mapping[str, Any]):
    """A file of words, or a table in one: read-only, arrays as tuples, tables as `Words`.

    Attributes:
        place: file and table, for messages: `embodied/intents.toml: parts`.
    """

    def __init__(self, place: str, values: Mapping[str, object]) -> None:
        self.place = place
        self._values = {key: self._freeze(key, value) for key, value in values.items()}

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            raise MissingWordsError(f"There is no {key!r}.", remedy=did_you_mean(key, self._values), place=self.place)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        """The one string at a key.

        Raises:
            ConfigError: there is none, or something else.
        """
        value = self[key]
        if not isinstance(value, str):
            raise self._wrong(key, "a string")
        return value

    def phrases(self, key: str, kind: str | None = None) -> tuple[str, ...]:
        """The strings of the array at a key, or of the array of a kind in the table at that key, in the file's order.

        Raises:
            ConfigError: there is none, or something else.
        """
        value = self[key]
        if kind is not None and isinstance(value, Words):
            return value.phrases(kind)
        if not isinstance(value, tuple) or not all(isinstance(one, str) for one in cast("tuple[object, ...]", value)):
            raise self._wrong(key, "an array of strings")
        return cast("tuple[str, ...]", value)

    def table(self, key: str = "") -> Mapping[str, tuple[str, ...]]:
        """The arrays of strings of the table at a key, by name; without a key, those of this table itself.

        Raises:
            ConfigError: there is none, or something else.
        """
        table = self[key] if key else self
        if not isinstance(table, Words):
            raise self._wrong(key, "a table of arrays of strings")
        return {name: table.phrases(name) for name in table}

    def _freeze(self, key: str, value: object) -> object:
        if isinstance(value, dict):
            between = "." if ": " in self.place else ": "
            return Words(f"{self.place}{between}{key}", cast("dict[str, object]", value))
        if isinstance(value, list):
            return tuple(self._freeze(f"{key}[{at}]", one) for at, one in enumerate(cast("list[object]", value)))
        return value

    def _wrong(self, key: str, wanted: str) -> ConfigError:
        return ConfigError(
            f"{key!r} is no {wanted.removeprefix('a ').removeprefix('an ')}.",
            remedy=f"Write {wanted} there.",
            place=self.place,
        )


@cache
def words(file: str) -> Words:
    """The words of a TOML file, read once.

    Args:
        file: its path below `dataclaw_worlds`, such as `embodied/intents.toml`.

    Raises:
        ConfigError: there is no such file, or it is not TOML.
    """
    try:
        text = files("dataclaw_worlds").joinpath(file).read_text(encoding="utf-8")
        return Words(file, tomllib.loads(text))
    except FileNotFoundError as error:
        raise ConfigError(
            "The file of words was not found.", remedy="Check its path below dataclaw_worlds.", place=file
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file is not TOML: {error}.", remedy="Correct it there.", place=file) from error


def upper_first(text: str) -> str:
    """The text with a capital at its beginning, as a sentence has it."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """The text with a small letter at its beginning, as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def enumeration(texts: Sequence[str]) -> str:
    """The texts, at least one, as a sentence has them: "a, b and c"."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
