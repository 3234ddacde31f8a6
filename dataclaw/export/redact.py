"""Takes personal data out of an export: the same label in every text, and a blur in every picture.

First everything is read, so that what is known from one place (a field that a name was typed into) is found in all
others. The ledger says what was hidden where, and never what it was.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from dataclaw.export.blur import Blurrer
from dataclaw.export.example import Example, ExampleTurn, Medium, SampleMedia, Spoken
from dataclaw.export.personal import Personal, PersonalKind, field_kind, misread_in, personal_in
from dataclaw.run.report.records import SampleRecord
from dataclaw.tools.ocr import engine
from dataclaw.types import Json

KEPT = frozenset({"id", "domain", "task", "data_type", "format", "clock", "kind", "source", "rule", "path", "sha256"})
"""Keys whose values are ours: names of things, which hold nothing personal."""
LEDGER = "redacted.jsonl"


@dataclass
class Redactor:
    """Hides what is personal.

    Attributes:
        also: texts that are personal because the user says so.
        ocr: name of the engine that reads pictures.
    """

    also: Sequence[str] = ()
    ocr: str = "rapidocr"
    _known: dict[str, PersonalKind] = field(default_factory=dict[str, PersonalKind])
    _labels: dict[str, str] = field(default_factory=dict[str, str])
    _ledger: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])

    def __post_init__(self) -> None:
        self._known = {text: "named" for text in self.also if text.strip()}
        self._blurrer = Blurrer(engine(self.ocr), self._on_screen)

    def learn(self, sample: SampleRecord, media: SampleMedia) -> None:
        """Note what is personal in a sample's texts, in what was typed, and in its pictures and clips."""
        for anchor in sample.anchors.values():
            typed, target = anchor.attrs.get("text"), anchor.attrs.get("target")
            kind = field_kind(str(target)) if target else None
            if kind and isinstance(typed, str) and typed.strip():
                self._known.setdefault(typed.strip(), kind)
        for text in _texts(sample.model_dump(mode="json")):
            self._note(personal_in(text))
        for medium in (*media.pictures.values(), *media.inputs, *media.clips):
            for line in self._blurrer.lines(medium):
                self._note(personal_in(line.text))

    def sample(self, sample: SampleRecord) -> SampleRecord:
        """A sample with labels in place of what is personal, evidence and anchors included."""
        body = sample.model_dump(mode="json")
        return SampleRecord.model_validate(self._value(body, sample.id))

    def example(self, example: Example) -> Example:
        """An example whose texts have labels, for what does not stand in the sample's record."""
        rejected = self._turn(example.rejected, example.id) if example.rejected else None
        return replace(example, turns=tuple(self._turn(t, example.id) for t in example.turns), rejected=rejected)

    def _turn(self, turn: ExampleTurn, where: str) -> ExampleTurn:
        fragments = (Spoken(self.text(f.text, where)) if isinstance(f, Spoken) else f for f in turn.fragments)
        return ExampleTurn(turn.role, tuple(fragments))

    def text(self, text: str, where: str) -> str:
        """A text with labels; each is noted in the ledger under `where`."""
        done, end = "", 0
        for one in personal_in(text, self._all()):
            label = self._label(one)
            done += text[end : one.start] + label
            end = one.end
            entry: dict[str, Json] = {"label": label, "in": "text", "id": where}
            if entry not in self._ledger[-20:]:
                self._ledger.append(entry)
        return done + text[end:]

    def write(self, medium: Medium, target: Path) -> None:
        """Write a picture or a clip with what is personal blurred."""
        for hidden in self._blurrer.write(medium, target):
            entry: dict[str, Json] = {"label": self._label(hidden.personal), "in": medium.kind, "file": target.name}
            box = [round(value, 1) for value in hidden.box]
            self._ledger.append(entry | {"box": box} | ({"frame": hidden.frame} if medium.kind == "video" else {}))

    def write_ledger(self, folder: Path) -> None:
        """Write what was hidden where, as `redacted.jsonl`."""
        lines = (json.dumps(entry, ensure_ascii=False) for entry in self._ledger)
        (folder / LEDGER).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _value(self, value: Json, where: str) -> Json:
        if isinstance(value, str):
            return self.text(value, where)
        if isinstance(value, list):
            return [self._value(item, where) for item in cast("list[Json]", value)]
        if isinstance(value, dict):
            entries = cast("dict[str, Json]", value).items()
            return {key: entry if key in KEPT else self._value(entry, where) for key, entry in entries}
        return value

    def _on_screen(self, text: str) -> list[Personal]:
        """What is personal in a line off a screen; the whole line where a known name was misread."""
        found = personal_in(text, self._all())
        misread = None if found else misread_in(text, self._all())
        return [misread] if misread else found

    def _all(self) -> list[tuple[PersonalKind, str]]:
        return [(kind, text) for text, kind in self._known.items()]

    def _note(self, found: Sequence[Personal]) -> None:
        for one in found:
            self._known.setdefault(one.text, one.kind)

    def _label(self, one: Personal) -> str:
        """`[email 1]`, the same wherever the same text stands."""
        key = f"{one.kind} {''.join(one.text.split()).casefold()}"
        if key not in self._labels:
            number = sum(name.startswith(f"{one.kind} ") for name in self._labels) + 1
            self._labels[key] = f"[{one.kind} {number}]"
        return self._labels[key]


def _texts(value: Json) -> list[str]:
    if isinstance(value, dict):
        entries = cast("dict[str, Json]", value).items()
        return [text for key, entry in entries if key not in KEPT for text in _texts(entry)]
    if isinstance(value, list):
        return [text for item in cast("list[Json]", value) for text in _texts(item)]
    return [value] if isinstance(value, str) else []
