"""Samples and raw streams on one map, and how many different texts there are of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dataclaw.evals.dataset.figures import SampleText
from dataclaw.evals.diversity import FEWEST, tsne, vendi
from dataclaw.evals.embedding import MiniLM

MOST = 600
"""Samples that are drawn; of more, evenly chosen ones."""
CHARS = 500
"""Of a text, what the map goes by; some 60 short texts a second are read on one core."""


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A text on the map: where (0..1 both ways), whose, and whether it is a sample or the raw text of its stream."""

    x: float
    y: float
    task: str
    id: str
    raw: bool


@dataclass(frozen=True, slots=True)
class DatasetMap:
    """How different texts are.

    Attributes:
        points: places of samples, and of their streams' text where they have some.
        scores: Vendi score (the effective number of different texts) of "samples" and "streams".
        counts: how many texts each score is of.
    """

    points: tuple[MapPoint, ...]
    scores: dict[str, float]
    counts: dict[str, int]


def draw_map(texts: Sequence[SampleText]) -> DatasetMap | None:
    """The map; None of too few samples.

    Raises:
        MissingExtraError: the sentence model or scikit-learn is not installed.
    """
    step = max(1.0, len(texts) / MOST)
    chosen = [texts[int(at * step)] for at in range(min(MOST, len(texts)))]
    if len(chosen) < FEWEST:
        return None
    model = MiniLM()
    said = model.mixed_vectors([text.said[:CHARS] for text in chosen])
    sources = {text.raw[:CHARS]: text for text in chosen if text.raw}
    raw = model.mixed_vectors(list(sources)) if sources else np.zeros((0, said.shape[1]))
    rows = [(text, False) for text in chosen] + [(text, True) for text in sources.values()]
    vectors = np.concatenate([said, raw])
    kept = [at for at in range(len(rows)) if vectors[at].any()]
    if len(kept) < FEWEST:
        return None
    places = tsne(vectors[kept])
    low, high = places.min(axis=0), places.max(axis=0)
    places = (places - low) / np.maximum(high - low, 1e-9)
    points = tuple(
        MapPoint(float(x), float(y), rows[i][0].task, rows[i][0].id, rows[i][1])
        for i, (x, y) in zip(kept, places, strict=True)
    )
    groups = {"samples": said[said.any(axis=1)], "streams": raw[raw.any(axis=1)]}
    return DatasetMap(
        points,
        {name: vendi(found) for name, found in groups.items() if len(found)},
        {name: len(found) for name, found in groups.items() if len(found)},
    )
