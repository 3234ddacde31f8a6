"""What both stages of training share: the loop over steps with its checkpoints, and what a run writes at its end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dataclaw.errors import DataClawError
from dataclaw.files import whole_folder
from dataclaw.models.vision import Vision
from dataclaw.train import checkpoints
from dataclaw.train.base_model import Base, save_adapter
from dataclaw.train.record import Metrics
from dataclaw.train.workers import Workers


class Learner(Protocol):
    """What a loop trains."""

    @property
    def workers(self) -> Workers:
        """The processes that train it."""
        ...

    def learnt(self) -> dict[str, Any]:
        """The parameters that are trained, by name."""
        ...


class StopTraining(Exception):  # noqa: N818 - nothing is wrong
    """Thrown into a run where it yields its progress, it makes the run keep its last step and end."""


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """How far a run is.

    Attributes:
        step: optimizer steps done.
        steps: how many there will be.
        figures: of the step; `validation` holds those of a validation by domain.
        note: something to say to people, or "".
    """

    step: int
    steps: int
    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    note: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """The steps of a run, from its newest checkpoint on.

    Attributes:
        out: folder of the run.
        trainee: what is trained.
        optimizer: AdamW over what it learns, after `checkpoints.prepare`.
        steps: optimizer steps of the whole run.
        save_every: steps between checkpoints; 0: only at the end.
        keep: checkpoints that are kept, the newest.
        tensorboard: write TensorBoard files beside `metrics.jsonl`.
    """

    out: Path
    trainee: Learner
    optimizer: Any
    steps: int
    save_every: int
    keep: int
    tensorboard: bool

    @property
    def folder(self) -> Path:
        """Where its checkpoints lie."""
        return self.out / "checkpoints"

    def run(
        self, step_of: Callable[[int, dict[str, float]], dict[str, Any]], totals: dict[str, float]
    ) -> Generator[TrainProgress, None, bool]:
        """Do the steps that are left.

        Args:
            step_of: does a step, adds to the totals, and gives the step's figures.
            totals: what a new run has counted.

        Yields:
            The progress after every step; `StopTraining` may be thrown in there.

        Returns:
            Whether all steps are done.
        """
        workers, start = self.trainee.workers, 0
        found = checkpoints.newest(self.folder)
        if found:
            checkpoints.load(found, self.trainee.learnt(), self.optimizer, workers)
            start, totals = found.step, dict(found.totals)
            for broken in found.broken:
                yield TrainProgress(start, self.steps, note=f"{broken} is not whole and is passed over")
            yield TrainProgress(start, self.steps, note=f"going on after step {start:,}")
        metrics = Metrics(self.out, step=start, tensorboard=self.tensorboard) if workers.first else None
        try:
            for step in range(start + 1, self.steps + 1):
                figures = step_of(step, totals)
                if metrics:
                    metrics.write(figures)
                if saved := is_due(step, self.steps, self.save_every):
                    self._save(step, totals)
                try:
                    yield TrainProgress(step, self.steps, figures)
                except StopTraining:
                    if not saved and workers.world == 1:  # others may be at another step
                        self._save(step, totals)
                    return False
        finally:
            if metrics:
                metrics.close()
        return True

    def _save(self, step: int, totals: Mapping[str, float]) -> None:
        workers = self.trainee.workers
        checkpoints.save(self.folder, step, self.trainee.learnt(), self.optimizer, totals, workers)
        if workers.first:
            checkpoints.prune(self.folder, self.keep)
        workers.wait()

    def error(self, step: int, what: str, names: Sequence[str], advice: str) -> DataClawError:
        """What to raise where a step cannot be learnt from; the last checkpoint is named.

        Args:
            step: the step.
            what: what is wrong.
            names: traces or rollouts of its batch.
            advice: what to change.
        """
        kept = checkpoints.newest(self.folder)
        last = f"The last good checkpoint is {kept.folder}." if kept else "There is no checkpoint yet."
        more = f" and {len(names) - 16} more" if len(names) > 16 else ""
        return DataClawError(
            f"step {step}: {what}; in the batch: {', '.join(names[:16])}{more}.",
            place=str(self.out),
            remedy=f"{last} {advice}",
        )


def is_due(step: int, steps: int, every: int) -> bool:
    """Whether something is done at a step that is done every so many steps, and at the end; 0: only at the end."""
    return step == steps or bool(every and step % every == 0)


def publish(out: Path, model: Any, base: Base, vision: Vision | None, *, lora: bool) -> Path:
    """Write what was learnt as others load it: `adapter/` with its base's digest, or the whole `model/`."""
    if lora:
        save_adapter(model, base, out / "adapter")
        return out / "adapter"
    with whole_folder(out / "model") as part:
        model.save_pretrained(part)
        base.tokeniser.save_pretrained(part)
        if vision:
            vision.save(part)
    return out / "model"
