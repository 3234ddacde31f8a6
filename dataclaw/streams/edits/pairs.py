"""Instruction edits: a picture before and after, with the words that asked for the change.

Three layouts. Step1X-Edit's: `prompt_<language>.json` says an instruction per file name, `input/` and
`output_<language>/` hold the pictures of that name; each name and language is a stream. InstructPix2Pix's:
`prompt.json` says `edit` and the captions `input` and `output`, `<seed>_0.jpg` and `<seed>_1.jpg` are before and after;
each seed is a stream. And one pair in a folder: `before.*`, `after.*`, and `instruction.txt` where there is one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.edits.stills import sides
from dataclaw.streams.files import inside, json_in, names_in, text_in, while_unchanged
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id, salt_of
from dataclaw.streams.loader import Loader, count_of
from dataclaw.streams.pictures import PICTURE_SUFFIXES
from dataclaw.streams.values import object_of
from dataclaw.types import Event, Json, Stream

MAX_WORDS = 20_000
"""Longest instruction [characters]."""

_PROMPTS = re.compile(r"prompt_([A-Za-z]{2,8}(?:-[A-Za-z0-9]{2,8})?)\.json")
_CODES = {"cn": "zh"}
"""What a data set calls a language, and its code in ISO 639-1."""

_SUFFIXES = PICTURE_SUFFIXES | {".gif"}


def _claims_step1x(path: Path) -> bool:
    languages = _languages(path)
    return bool(languages) and _is_folder(path / "input") and any(_is_folder(path / f"output_{x}") for x in languages)


def _languages(folder: Path) -> dict[str, str]:
    """Name of the prompt file by language."""
    return {match[1]: name for name in names_in(folder) if (match := _PROMPTS.fullmatch(name))}


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _list_pairs(folder: Path) -> list[tuple[str, str]]:
    """`(language, file name)` of every pair; `("en", "")` for a prompt file that cannot be read, which opening says."""
    pairs: list[tuple[str, str]] = []
    for language, name in _languages(folder).items():
        try:
            pairs.extend((language, file) for file in sorted(_prompts(folder / name)))
        except StreamError:
            pairs.append((language, ""))
    return pairs


@while_unchanged(4)  # every pair of the folder asks for it
def _prompts(path: Path) -> dict[str, Json]:
    value = object_of(json_in(path))
    if not value:
        remedy = 'Write {"0001.jpg": "Let her cry."}, one entry a picture.'
        raise StreamError("is no object of instructions by file name.", place=path, remedy=remedy)
    return value


def _open_step1x(path: Path, index: int, sampling: Sampling) -> Stream:
    language, file = _list_pairs(path)[index]
    source = path / _languages(path)[language]
    words = _words(_prompts(source)[file], f"{source}:{file[:60]}")
    before = inside(path / "input", file)
    after = inside(path / f"output_{language}", file)
    place = f"{source.name}: {file}"
    said = (words, _CODES.get(language, language), place)
    return _pair(path, f"{file} ({language})", (before, after), said, ("step1x", sampling))


def _words(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_WORDS:
        why = f"the instruction is empty, no text, or longer than {MAX_WORDS:,} characters."
        raise StreamError(why, place=place, remedy="Write what was asked for, or leave the pair out.")
    return value.strip()


def _claims_pair(path: Path) -> bool:
    names = names_in(path)
    found = [bool(_side(names, side)) for side in ("before", "after")]
    return all(found) or (any(found) and "instruction.txt" in names)


def _side(names: tuple[str, ...], side: str) -> list[str]:
    return [n for n in names if Path(n).stem.lower() == side and Path(n).suffix.lower() in _SUFFIXES]


def _open_pair(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - one pair a folder
    names = names_in(path)
    files: list[Path] = []
    for side in ("before", "after"):
        found = _side(names, side)
        if len(found) != 1:
            said = f"holds {len(found)} pictures named {side}.*" if found else f"has no picture named {side}.*"
            raise StreamError(f"{said}.", place=path, remedy=f"Keep one {side} picture in the folder.")
        files.append(inside(path, found[0]))
    note = path / "instruction.txt"
    words = _words(text_in(note), str(note)) if "instruction.txt" in names else ""
    place = note.name if words else ""
    return _pair(path, path.name, (files[0], files[1]), (words, "", place), ("before_after", sampling))


def _pair(
    path: Path, name: str, files: tuple[Path, Path], said: tuple[str, str, str], how: tuple[str, Sampling]
) -> Stream:
    """The stream of a pair; `said` is the instruction, its language and its place, `how` the format and sampling."""
    words, language, place = said
    frames, meta, problems = sides(dict(zip(("before", "after"), files, strict=True)), (0.0, 1.0))
    attrs = {"lang": language} if language else {}
    event = Event(0, "instruction", 0.0, 1.0, frame=0, text=words, place=place, attrs=attrs)
    if not words:
        problems.append("No instruction says what was asked for: only the two pictures tell.")
    meta["windows"] = []
    if language:
        meta["language"] = language
    return Stream(
        id=content_id(files, how[0], words, language, salt_of(how[1])),
        kind="edit",
        name=name,
        path=str(path.absolute()),
        format=how[0],
        duration=1.0,
        clock="index",
        frames=frames,
        events=(event,) if words else (),
        meta=meta,
        problems=tuple(problems),
    )


_SEED = re.compile(r"(\d{1,20})_0\.(?:jpe?g|png|webp)", re.IGNORECASE)


def _claims_pix2pix(path: Path) -> bool:
    names = names_in(path)
    return "prompt.json" in names and bool(_seeds(path))


def _seeds(folder: Path) -> list[tuple[str, str]]:
    """File names before and after, by seed, of every pair of a folder."""
    names = names_in(folder)
    found = [(name, f"{match[1]}_1{name[name.rindex('.') :]}") for name in names if (match := _SEED.fullmatch(name))]
    return sorted(pair for pair in found if pair[1] in names)


def _open_pix2pix(path: Path, index: int, sampling: Sampling) -> Stream:
    before, after = _seeds(path)[index]
    prompts = _prompts(path / "prompt.json")
    words = _words(prompts.get("edit"), str(path / "prompt.json"))
    seed = before.partition("_")[0]
    said = (words, "", "prompt.json")
    stream = _pair(
        path, f"{path.name}/{seed}", (inside(path, before), inside(path, after)), said, ("pix2pix", sampling)
    )
    captions = {0: prompts.get("input") or prompts.get("caption"), 1: prompts.get("output")}
    events = [
        Event(1 + at, "caption", float(at), float(at), frame=at, text=text.strip()[:MAX_WORDS], place="prompt.json")
        for at, text in captions.items()
        if isinstance(text, str) and text.strip()
    ]
    return replace(stream, events=(*stream.events, *(replace(e, index=k) for k, e in enumerate(events, start=1))))


STEP1X = Loader("step1x", "edit", _claims_step1x, _open_step1x, count_of(_list_pairs))
PIX2PIX = Loader("pix2pix", "edit", _claims_pix2pix, _open_pix2pix, count_of(_seeds))
BEFORE_AFTER = Loader("before_after", "edit", _claims_pair, _open_pair)
