"""Which examples are exported, and on which side of the split: nothing twice, no stream on both sides.

Who wrote a text that is trained on may have been a stranger. A text that holds a mark which a consumer reads as a
picture or as the end of a turn is left out, since no format can write it as text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from dataclaw.export.duplicates import NearDuplicates
from dataclaw.export.example import Attached, Example, LeftOutExample, Pinpoint, Spoken
from dataclaw.run.report.records import SampleRecord

TRAIN, VALIDATION = "train", "validation"
_MARKS = re.compile(
    r"<(?:image|start-image|video|audio|bbox|ref-object|cot-process)>|<\|[^|<>\s]{1,40}\|>|<\/?s>|\[/?INST\]"
)


def side_of(example: Example, validation: float) -> str:
    """The side of a row: "validation" for this share (0..1) of streams, by the hash of the stream alone."""
    digest = hashlib.sha256(f"split:{example.stream}".encode()).digest()
    return VALIDATION if int.from_bytes(digest[:4]) / 2**32 < validation else TRAIN


def control_mark(example: Example) -> str:
    """A mark in an example's text that consumers do not read as text, "" when there is none."""
    turns = (*example.turns, *([example.rejected] if example.rejected else []))
    for turn in turns:
        for part in turn.fragments:
            if isinstance(part, Spoken) and (found := _MARKS.search(part.text)):
                return found[0]
    return ""


class Repeats:
    """Knows what was taken before.

    Args:
        near: likeness of texts (Jaccard of word runs) from which a sample of the same task is a near-duplicate, 0..1;
            at 1 only rows that are the same in every word and picture are left out.
    """

    def __init__(self, near: float) -> None:
        self._exact: dict[str, str] = {}
        self._near = NearDuplicates(near) if near < 1 else None

    def sample(self, sample: SampleRecord) -> LeftOutExample | None:
        """Why a sample repeats an earlier one; None when it does not, and is remembered."""
        if self._near is None:
            return None
        known = sample.model_dump(include={"id", "domain", "task", "question", "answer", "data", "intent", "evidence"})
        if like := self._near.like(known):
            return LeftOutExample(sample.id, "near-duplicate", like)
        self._near.add(known)
        return None

    def row(self, example: Example) -> LeftOutExample | None:
        """Why a row repeats an earlier one; None when it does not, and is remembered."""
        digest = hashlib.sha256("\0".join(_contents(example)).encode()).hexdigest()
        if like := self._exact.get(digest):
            return LeftOutExample(example.id, "the same row", like)
        self._exact[digest] = example.id
        return None


def _contents(example: Example) -> Iterator[str]:
    for turn in example.turns:
        yield turn.role
        for part in turn.fragments:
            match part:
                case Spoken(text):
                    yield text
                case Attached(medium):
                    yield medium.sha256
                case Pinpoint(values):
                    yield repr(values)
