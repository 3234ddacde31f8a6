"""Lessons whose every word is timed: a folder with `word_timings.json` and `sentence_timings.json`.

The layout is that of the captions of 3Blue1Brown: one folder a lesson, one folder a language in it; the English one has
the times (`[[word, start, end], ...]`, `[[sentence, start, end], ...]`, seconds), the others have
`sentence_translations.json` and `title.json`. Sentences are the cues; `attrs["words"]` times a phrase to the word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dataclaw.errors import StreamError
from dataclaw.streams.files import json_in, names_in
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.lessons.cues import Cue, clean, cue_events, settle
from dataclaw.streams.lessons.subtitles import read_subtitles
from dataclaw.streams.loader import Loader
from dataclaw.streams.values import list_of, object_of, objects_of, text_of
from dataclaw.types import Json, Stream

SENTENCES, WORDS, CAPTIONS = "sentence_timings.json", "word_timings.json", "captions.srt"
TRANSLATIONS = "sentence_translations.json"
MAX_LANGUAGES = 64
LATEST = 1e7
"""Later than any lesson ends [s]."""


def claims(path: Path) -> bool:
    """Whether a folder, or a language folder in it, has timed sentences or words."""
    return path.is_dir() and timed_folder(path) is not None


def timed_folder(path: Path) -> Path | None:
    """The folder with the times: the given one, or `english` in it. Never raises."""
    for folder in (path, path / "english"):
        if (folder / SENTENCES).is_file() or (folder / WORDS).is_file():
            return folder
    return None


def open_timed_words(path: Path, index: int, sampling: Sampling) -> Stream:  # noqa: ARG001 - a folder is one lesson
    """The lesson in a folder.

    Raises:
        StreamError: no times, or files that are not what they are named.
    """
    folder = timed_folder(path)
    if folder is None:
        raise StreamError(f"has no {SENTENCES}.", place=path, remedy="Give the folder of one lesson.")
    lesson = path.parent if folder == path and folder.name == "english" else path
    raw, problems = _sentences(folder)
    cues, changed = settle(raw)
    if not cues:
        raise StreamError("holds no sentence with a time.", place=folder, remedy="Leave the folder out.")
    words, unusable = _timed_cues(json_in(folder / WORDS), WORDS) if (folder / WORDS).is_file() else ([], [])
    cues = with_words(cues, words)
    translations, mistold = _translations(lesson, cues)
    files = [folder / name for name in (SENTENCES, WORDS, CAPTIONS) if (folder / name).is_file()]
    return Stream(
        id=content_id([*files, *(t.file for t in translations)], "timed_words"),
        kind="lesson",
        name=lesson.name,
        path=str(path.absolute()),
        format="timed_words",
        duration=max(cue.t1 for cue in cues),
        events=tuple(cue_events(cues)),
        meta=_meta(lesson, folder, translations),
        problems=(*problems, *changed, *unusable, *mistold),
    )


def with_words(cues: Sequence[Cue], words: Sequence[Cue]) -> tuple[Cue, ...]:
    """Cues with the words whose middle lies in them; a word between two cues belongs to the one before.

    A cue whose last word is still being said at its end lasts until that word's end, or until the next cue.
    """
    starts = np.asarray([cue.t0 for cue in cues])
    of: list[list[tuple[str, float, float]]] = [[] for _ in cues]
    for word in words:
        k = int(np.searchsorted(starts, (word.t0 + word.t1) / 2, side="right")) - 1
        if k >= 0:
            of[k].append((clean(word.text), word.t0, word.t1))
    nexts = [*(cue.t0 for cue in cues[1:]), LATEST]
    ends = [
        max([cue.t1, *(min(t1, after) for _, _, t1 in mine)]) for cue, mine, after in zip(cues, of, nexts, strict=True)
    ]
    return tuple(replace(cue, t1=end, words=tuple(mine)) for cue, mine, end in zip(cues, of, ends, strict=True))


def _sentences(folder: Path) -> tuple[list[Cue], list[str]]:
    if (folder / SENTENCES).is_file():
        return _timed_cues(json_in(folder / SENTENCES), SENTENCES)
    if (folder / CAPTIONS).is_file():
        said = read_subtitles(folder / CAPTIONS)
        return list(said.cues), [*said.problems, f"There is no {SENTENCES}; {CAPTIONS} is read."]
    raise StreamError(f"has words but no {SENTENCES}.", place=folder, remedy=f"Put it or {CAPTIONS} there.")


def _timed_cues(value: Json, name: str) -> tuple[list[Cue], list[str]]:
    """`[[text, start, end], ...]` as cues, and a sentence when some entries are not of that form.

    Raises:
        StreamError: it is no list, or no entry is of that form.
    """
    entries = list_of(value)
    cues = [cue for number, entry in enumerate(entries) if (cue := _entry(entry, f"{name}[{number}]"))]
    if not cues:
        raise StreamError("holds no [text, start, end].", place=name, remedy="Times are seconds, in a list of lists.")
    wrong = len(entries) - len(cues)
    return cues, [f"{wrong} entries of {name} are not [text, start, end]; left out."] if wrong else []


def _entry(entry: Json, place: str) -> Cue | None:
    match entry:
        case [str(text), int() | float() as t0, int() | float() as t1]:
            sound = 0 <= t0 < LATEST and 0 <= t1 < LATEST
            return Cue(float(t0), float(t1), text, place) if sound else None
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Translation:
    """A lesson in another language.

    Attributes:
        language: name of its folder ("spanish").
        file: where it lies.
        title: translated title, "" when there is none.
        english: title of the lesson as its translators were given it.
        sentences: translated text for each cue, "" where there is none.
    """

    language: str
    file: Path
    title: str
    english: str
    sentences: tuple[str, ...]


def _translations(lesson: Path, cues: Sequence[Cue]) -> tuple[list[Translation], list[str]]:
    found: list[Translation] = []
    problems: list[str] = []
    for name in names_in(lesson):
        file = lesson / name / TRANSLATIONS
        if len(found) >= MAX_LANGUAGES or not file.is_file() or file.resolve().parent.parent != lesson.resolve():
            continue
        try:
            title: Json = json_in(beside) if (beside := file.with_name("title.json")).is_file() else {}
            texts = _align(objects_of(json_in(file)), cues)
        except StreamError as error:
            problems.append(f"The {name} translation was left out: {error}")
            continue
        names = object_of(title)
        found.append(Translation(name, file, text_of(names.get("translatedText")), text_of(names.get("input")), texts))
    return found, problems


def _align(entries: Iterable[dict[str, Json]], cues: Sequence[Cue]) -> tuple[str, ...]:
    """Translated text of each cue: by the start of the sentence, or by its words where it has no time."""
    starts = np.asarray([cue.t0 for cue in cues])
    by_text = {cue.text: k for k, cue in enumerate(cues)}
    texts = [""] * len(cues)
    for entry in entries:
        match entry.get("start"):
            case int() | float() as start if 0 <= start < LATEST:
                k = int(np.searchsorted(starts, start + 0.01, side="right")) - 1
            case _:
                k = by_text.get(clean(text_of(entry.get("input"))), -1)
        if k >= 0:
            texts[k] = f"{texts[k]} {clean(text_of(entry.get('translatedText')))}".strip()
    return tuple(texts)


def _meta(lesson: Path, folder: Path, translations: Sequence[Translation]) -> dict[str, Json]:
    english = next((t.english for t in translations if t.english), "")
    by_language = {t.language: {"title": t.title, "sentences": list(t.sentences)} for t in translations}
    language = "en" if folder.name == "english" else ""
    return {"title": english or lesson.name.replace("-", " "), "language": language, "translations": by_language}


LOADER = Loader("timed_words", "lesson", claims, open_timed_words)
