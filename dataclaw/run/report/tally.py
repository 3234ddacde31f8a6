"""The figures at the head of the report, over all records of a run, however many of them the page shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from dataclaw.rewards import Failures
from dataclaw.run.report.records import RejectionRecord, SampleRecord


@dataclass(slots=True)
class Mean:
    """A running mean of scores (0..1)."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Take one score in."""
        self.total += value
        self.count += 1

    @property
    def value(self) -> float:
        """The mean; 0 of nothing."""
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class Tally:
    """Counts of a run.

    Attributes:
        streams: paths of the streams, each once.
        samples: samples accepted, repaired ones among them.
        repaired: samples whose draft was sent back at least once.
        rejected: rejections.
        events: events of the samples' streams.
        left_out: events left out, by reason.
        stops: rejections by why the rollout ended.
        reward: mean reward of the accepted samples.
        rules: mean score of each rule over the accepted samples it applies to.
        tasks: records by `domain/task`.
        policies: samples by policy.
        broken: rules that failed on drafts.
    """

    streams: set[str] = field(default_factory=set[str])
    samples: int = 0
    repaired: int = 0
    rejected: int = 0
    events: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])
    stops: Counter[str] = field(default_factory=Counter[str])
    reward: Mean = field(default_factory=Mean)
    rules: dict[str, Mean] = field(default_factory=dict[str, Mean])
    tasks: Counter[str] = field(default_factory=Counter[str])
    policies: Counter[str] = field(default_factory=Counter[str])
    broken: Failures = field(default_factory=Failures)

    def add_sample(self, sample: SampleRecord) -> None:
        """Count a sample."""
        self.streams.add(sample.stream.path)
        self.samples += 1
        self.repaired += bool(sample.made_by.repairs)
        self.events += sample.left_out.events
        self.left_out.update(sample.left_out.by_reason)
        if sample.verdict.total is not None:
            self.reward.add(sample.verdict.total)
        for name, score in sample.verdict.scores.items():
            if score is not None:
                self.rules.setdefault(name, Mean()).add(score)
        self.tasks[f"{sample.domain}/{sample.task}"] += 1
        self.policies[sample.made_by.policy] += 1
        self.broken.add(sample.verdict.failed)

    def add_rejection(self, rejection: RejectionRecord) -> None:
        """Count a rejection."""
        self.streams.add(rejection.stream.path)
        self.rejected += 1
        self.stops[rejection.stop] += 1
        if rejection.domain and rejection.task:
            self.tasks[f"{rejection.domain}/{rejection.task}"] += 1
        if rejection.verdict:
            self.broken.add(rejection.verdict.failed)
