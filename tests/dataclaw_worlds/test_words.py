"""Words are read from TOML once, cannot be changed, and errors name file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from dataclaw.errors import ConfigError
from dataclaw_worlds.words import MissingWordsError, Words, words

WORDS = Words(
    "some/file.toml",
    {"again": ["once more", "anew"], "name": "x", "does": {"": ["is"], "go": ["goes"]}, "pairs": [[1, "a"]]},
)


def test_values_keep_their_order_and_are_read_only() -> None:
    assert WORDS.phrases("again") == ("once more", "anew")
    assert WORDS.phrases("does", "") == ("is",)
    assert WORDS.text("name") == "x"
    assert list(WORDS.table("does").items()) == [("", ("is",)), ("go", ("goes",))]
    assert WORDS["does"].table() == WORDS.table("does")
    assert WORDS["pairs"] == ((1, "a"),)
    with pytest.raises(TypeError):
        WORDS["does"]["go"] = ()
    assert "go" in WORDS["does"]
    assert WORDS["does"].get("come", ()) == ()


def test_errors_name_file_and_key() -> None:
    with pytest.raises(MissingWordsError, match=r"some/file.toml: does: There is no 'goe'. Did you mean 'go'"):
        WORDS["does"]["goe"]
    with pytest.raises(ConfigError, match=r"some/file.toml: 'name' is no array of strings"):
        WORDS.phrases("name")
    with pytest.raises(ConfigError, match=r"some/file.toml: 'again' is no string"):
        WORDS.text("again")
    with pytest.raises(ConfigError, match=r"some/file.toml: 'pairs' is no array of strings"):
        WORDS.phrases("pairs")
    with pytest.raises(ConfigError, match=r"some/file.toml: 'again' is no table"):
        WORDS.table("again")
    with pytest.raises(ConfigError, match=r"gui/nowhere.toml: The file of words was not found"):
        words("gui/nowhere.toml")


def _toml(folder: Traversable, path: str = "") -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _toml(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(".toml"):
            yield path + entry.name


def test_every_file_of_words_is_toml_and_read_once() -> None:
    for file in _toml(files("dataclaw_worlds")):
        text = files("dataclaw_worlds").joinpath(file).read_text(encoding="utf-8")
        assert list(words(file)) == list(tomllib.loads(text)), file
        assert words(file) is words(file)
