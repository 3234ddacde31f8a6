"""Does a corpus know a benchmark? Nothing that one is made of may be in the other.

Streams, held-out lots, sources (applications, objects, layouts, ...), templates and intents must differ; texts may not
be nearly the same (the corpus's own near-duplicate test).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from dataclaw.agent.case import question_of
from dataclaw.agent.materialise import ENVELOPE
from dataclaw.corpus.export import APART, Apart
from dataclaw.domain import Task
from dataclaw.errors import ConfigError
from dataclaw.evals.benchmark import SETS, Benchmark
from dataclaw.evals.metrics import texts
from dataclaw.export.duplicates import NearDuplicates
from dataclaw.plugins import load_domain
from dataclaw.schema import without_citations
from dataclaw.strict import load_json
from dataclaw.types import Json

SAMPLES = ("training_samples", "validation_samples")
NEAR = APART
"""Share of word runs in common from which two texts are nearly the same; a corpus leaves out what is nearer."""


@dataclass(frozen=True, slots=True)
class Leaks:
    """What is in both.

    Attributes:
        samples: samples of the corpus that were looked at.
        streams: streams, by the hash of their content.
        held: samples that were made from held-out lots.
        sources: names by kind of source.
        templates: what intents were made from.
        intents: intents word for word.
        near: `(item, sample)` whose texts are nearly the same.
    """

    samples: int = 0
    streams: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])
    templates: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    near: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[str]:
        """One line for each kind of leak that there is."""
        kinds: dict[str, Sequence[str]] = {
            "streams": self.streams,
            "samples from held-out lots": self.held,
            **{f"sources ({kind})": names for kind, names in self.sources.items()},
            "templates": self.templates,
            "intents": self.intents,
            "near-duplicates": [f"{item} is nearly {sample}" for item, sample in self.near],
        }
        return [f"{len(names)} {kind} in both: " + "; ".join(names[:8]) for kind, names in kinds.items() if names]


def find_leaks(bench: Benchmark, corpus: Path, near: float = NEAR) -> Leaks:
    """Compare a benchmark with a corpus.

    Args:
        bench: the benchmark.
        corpus: folder of a corpus, or of its export.
        near: share of word runs in common from which two texts are nearly the same.

    Raises:
        ConfigError: the folder holds no corpus, or a line of it is damaged.
        MissingExtraError: what finds near-duplicates is not installed.
    """
    items = [item for name in SETS for item in bench.items(name)]
    sources: dict[str, set[str]] = {}
    for item in items:
        for kind, names in item.sources.items():
            sources.setdefault(kind, set()).update(names)
    known = {item.stream_id for item in items}, {item.template for item in items}, {_plain(i.intent) for i in items}
    seen, found = NearDuplicates(near), _LeakCounter()
    for sample in samples_of(corpus):
        found.take(sample, *known, sources)
        seen.add(sample)
    alike = [(str(sample["id"]), seen.like(sample)) for sample in as_samples(bench)]
    return Leaks(
        found.samples,
        tuple(sorted(found.streams)),
        tuple(found.held),
        {kind: tuple(sorted(names)) for kind, names in sorted(found.sources.items()) if names},
        tuple(sorted(found.templates)),
        tuple(sorted(found.intents)),
        tuple((name, like) for name, like in alike if like),
    )


@dataclass
class _LeakCounter:
    samples: int = 0
    streams: set[str] = field(default_factory=set[str])
    held: list[str] = field(default_factory=list[str])
    sources: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    templates: set[str] = field(default_factory=set[str])
    intents: set[str] = field(default_factory=set[str])

    def take(
        self,
        sample: Mapping[str, Any],
        streams: set[str],
        templates: set[str],
        intents: set[str],
        sources: Mapping[str, set[str]],
    ) -> None:
        """Note what a sample has in common with the benchmark."""
        self.samples += 1
        origin = cast("Mapping[str, Any]", sample.get("origin") or {})
        self.streams |= {sample["stream"]["id"]} & streams
        self.held += [sample["id"]] if origin.get("split") == "held" else []
        self.templates |= {str(origin.get("template", ""))} & templates - {""}
        text = sample["intent"]["text"]
        self.intents |= {text} if _plain(text) in intents else set()
        for kind, names in cast("Mapping[str, Sequence[str]]", origin.get("sources") or {}).items():
            self.sources.setdefault(kind, set()).update(set(names) & sources.get(kind, set()))


def samples_of(corpus: Path) -> Iterator[dict[str, Any]]:
    """The exported samples of a corpus.

    Raises:
        ConfigError: there are none, or a line is damaged.
    """
    root = corpus / "export" if (corpus / "export").is_dir() else corpus
    there = [root / f"{name}.jsonl" for name in SAMPLES if (root / f"{name}.jsonl").is_file()]
    if not there:
        raise ConfigError("holds no exported corpus.", place=str(corpus), remedy="Run: dataclaw corpus export")
    for file in there:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield load_json(line)
                except ValueError as error:
                    raise ConfigError(
                        f"no sample: {error}.", place=f"{file}:{number}", remedy="Export it anew."
                    ) from None


def apart_from(benches: Sequence[Benchmark]) -> Apart:
    """What a corpus has to leave out to be apart from benchmarks, beyond the halves of what worlds draw from."""
    items = [item for bench in benches for name in SETS for item in bench.items(name)]
    samples = [sample for bench in benches for sample in as_samples(bench)]
    return Apart(samples, frozenset(item.template for item in items if item.template))


def as_samples(bench: Benchmark) -> Iterator[dict[str, Json]]:
    """What a corpus would have of a benchmark's references: what is looked at for near-duplicates."""
    items = bench.items()
    domains = {name: load_domain(name) for name in dict.fromkeys(item.domain for item in items)}
    for item in items:
        draft = cast("dict[str, Json]", item.reference)
        yield sample_like(item.id, domains[item.domain].task(item.task), item.intent, draft)


def sample_like(name: str, task: Task, intent: str, draft: Mapping[str, Json]) -> dict[str, Json]:
    """What a corpus would have of a draft."""
    said = texts(draft, task.schema)
    rest = {key: without_citations(value) for key, value in draft.items() if key not in ENVELOPE}
    own = said.get("question", "")
    sample: dict[str, Json] = {"id": name, "domain": task.domain, "task": task.name, "intent": {"text": intent}}
    sample |= {"question": own or question_of(draft, task, intent), "evidence": {"/question": []} if own else {}}
    if "answer" not in draft:
        return {**sample, "answer": rest}
    return {**sample, "answer": said.get("answer", ""), **({"data": rest} if rest else {})}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
