"""How diverse texts are: those that lie in a benchmark's streams, those of one run's drafts, and tailored ones.

Measured by the Vendi score (Friedman & Dieng 2022), the effective number of different texts, and drawn by t-SNE. An
item counts only where all of them say something, so that the scores are about the same items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataclaw.domain import Domain
from dataclaw.errors import MissingExtraError, UsageError
from dataclaw.evals.benchmark import BenchItem, Benchmark
from dataclaw.evals.embedding import MiniLM
from dataclaw.evals.metrics import parse_draft, texts
from dataclaw.evals.predict import Prediction
from dataclaw.tools.facts import describe
from dataclaw.tools.read_transcript import SPOKEN
from dataclaw.tools.scope import events_inside
from dataclaw.types import Json, Span, Stream

SOURCES = ("raw", "base", "tailored")
FEWEST = 4
"""Items below which nothing is said about diversity."""
PERPLEXITY = 30.0
SEED = 0


@dataclass(frozen=True, slots=True)
class Diversity:
    """What the texts of a benchmark's items are like.

    Attributes:
        domains: domain of each item that counts.
        places: `(items, 2)` of each source, all drawn together by t-SNE.
        scores: Vendi score of each source, by "overall" and by domain; 1 where all are equal, n where none is alike.
        left_out: items that do not count, by the source that says nothing there.
        model: what the texts were read by.
    """

    domains: tuple[str, ...]
    places: Mapping[str, NDArray[np.float64]]
    scores: Mapping[str, Mapping[str, float]]
    left_out: Mapping[str, int]
    model: str

    @property
    def counts(self) -> dict[str, int]:
        """Items by "overall" and by domain."""
        return {"overall": len(self.domains), **dict(sorted(Counter(self.domains).items()))}


def vendi(vectors: NDArray[np.float64]) -> float:
    """The exp of the entropy of the eigenvalues of K / n, K the cosines.

    Args:
        vectors: `(n, numbers)`, each of unit length.
    """
    rows, columns = vectors.shape
    kernel = vectors @ vectors.T if rows <= columns else vectors.T @ vectors  # both have the same eigenvalues
    values = np.linalg.eigvalsh(kernel / rows)
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def diversity(said: Mapping[str, Sequence[str]], domains: Sequence[str], model: MiniLM) -> Diversity:
    """Measure texts.

    Args:
        said: the texts of each source, aligned.
        domains: domain of each item.
        model: what reads the texts.

    Raises:
        UsageError: too few items have all texts.
        MissingExtraError: scikit-learn is not installed.
    """
    vectors = {name: model.mixed_vectors(lines) for name, lines in said.items()}
    silent = {name: {at for at, row in enumerate(found) if not row.any()} for name, found in vectors.items()}
    kept = [at for at in range(len(domains)) if not any(at in none for none in silent.values())]
    if len(kept) < FEWEST:
        told = ", ".join(f"{name} {len(domains) - len(none)}" for name, none in silent.items())
        raise UsageError(f"{len(kept)} items have all texts ({told} of {len(domains)}).", place="--base",
                         remedy=f"Diversity takes {FEWEST} at least.")  # fmt: skip
    vectors = {name: found[kept] for name, found in vectors.items()}
    names = tuple(domains[at] for at in kept)
    drawn = np.split(tsne(np.concatenate(list(vectors.values()))), len(vectors))
    return Diversity(
        names,
        dict(zip(vectors, drawn, strict=True)),
        {name: _scores(found, names) for name, found in vectors.items()},
        {name: len(none) for name, none in silent.items() if none},
        model.name,
    )


def tsne(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places `(n, 2)` of vectors of unit length; equal ones get equal places, but for a hair.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        manifold: Any = import_module("sklearn.manifold")
    except ImportError:
        remedy = 'pip install "dataclaw-tailor[evals]"'
        raise MissingExtraError("t-SNE is drawn by scikit-learn, which is not installed.", remedy=remedy) from None
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    model = manifold.TSNE(2, perplexity=perplexity, metric="cosine", init="pca", random_state=SEED)
    return model.fit_transform(vectors).astype(np.float64)


def texts_of(
    bench: Benchmark,
    items: Sequence[BenchItem],
    base: Mapping[str, Prediction],
    tailored: Mapping[str, Prediction] | None,
    domains: Mapping[str, Domain],
) -> dict[str, list[str]]:
    """The texts of items by source, "" where there is none.

    Args:
        bench: the benchmark.
        items: its items.
        base: drafts of a run, by item.
        tailored: drafts of another run, by item; None for the references.
        domains: loaded domains.

    Raises:
        StreamError: a stream cannot be read, or reads differently than when the benchmark was made.
    """
    streams: dict[str, Stream] = {}
    for item in items:
        if item.stream not in streams:
            streams[item.stream] = bench.open(item, domains[item.domain])
    return {
        "raw": [raw_text(streams[item.stream], item.window) for item in items],
        "base": [_prediction_text(base.get(item.id), item, domains) for item in items],
        "tailored": [
            draft_text(item.reference, domains, item.domain, item.task)
            if tailored is None
            else _prediction_text(tailored.get(item.id), item, domains)
            for item in items
        ],
    }


def raw_text(stream: Stream, window: Span) -> str:
    """What lies in a stream and its parts as text: a line for each event, the words of each cue."""
    own = [event.text if event.kind in SPOKEN else describe(event) for event in events_inside(stream, window)]
    parts = [raw_text(part, (0.0, part.duration)) for part in stream.parts.values()]
    return "\n".join(line for line in (*own, *parts) if line)


def draft_text(draft: Json, domains: Mapping[str, Domain], domain: str, task: str) -> str:
    """What a draft says, without ids, frames and times; "" where it is none."""
    if domain not in domains or task not in domains[domain].tasks:
        return ""
    return "\n".join(texts(parse_draft(draft), domains[domain].task(task).schema).values())


def _prediction_text(one: Prediction | None, item: BenchItem, domains: Mapping[str, Domain]) -> str:
    """The text of a prediction; those made elsewhere do not say their task, which is the item's."""
    return draft_text(one.draft, domains, one.domain or item.domain, one.task or item.task) if one else ""


def _scores(vectors: NDArray[np.float64], domains: Sequence[str]) -> dict[str, float]:
    found = {"overall": vendi(vectors)}
    for name in sorted(set(domains)):
        found[name] = vendi(vectors[[at for at, domain in enumerate(domains) if domain == name]])
    return found
