"""The declaration of a downstream task: who tells the streams, how much is learnt by what, and how it is tested."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dataclaw.config import Name
from dataclaw.errors import UsageError, did_you_mean
from dataclaw.evals.study.config import Count, RowName, RowPair, Seed
from dataclaw.strict import Strict, read_toml

TASKS = Path(__file__).parent / "tasks"
Share = Literal["right", "mean", "whole"]
"""Shares that a table may tell, of rows and of groups of rows."""


class Annotator(Strict):
    """Who makes training samples of the streams.

    Attributes:
        about: who that is, for the table.
        kind: "raw" takes everything as it was recorded, "random" draws by lot, "tailored" runs the agent, "truth" is
            told what is right, as a ceiling.
        choose: with "tailored", who decides what is kept, as `dataclaw run --choose`.
        model: with "tailored", who drives, as `dataclaw run --model`; None for the domain's own.
    """

    about: str
    kind: Literal["raw", "random", "tailored", "truth"]
    choose: str = "learned"
    model: str | None = None


class LearningRecipe(Strict):
    """How the base model learns, the same for every annotator.

    Attributes:
        lr: highest learning rate.
        epochs: times that every row is seen.
        batch_tokens: options a step.
        weight_decay: AdamW's.
    """

    lr: Annotated[float, Field(gt=0)] = 1.5e-3
    epochs: Annotated[float, Field(gt=0)] = 8.0
    batch_tokens: Count = 480
    weight_decay: Annotated[float, Field(ge=0)] = 0.02


class FullRecipe(Strict):
    """The same at full size, on other machines.

    Attributes:
        base: the base model.
        parameters: how many it has.
        tuning: a LoRA adapter is trained, or all weights.
        card: machine that is planned for (`dataclaw train plan --card`).
        samples: samples of each annotator.
        tokens: tokens of a sample as the model reads it, pictures and clips included.
        epochs: times that every sample is seen.
        streams: the streams, and where they are to be had.
        test: the test split.
        metric: what is measured.
        commands: what is to be run for each annotator, in order.
    """

    base: str
    parameters: Annotated[float, Field(gt=0)]
    tuning: Literal["lora", "full"] = "lora"
    card: str = "h100"
    samples: Count
    tokens: Count
    epochs: Annotated[float, Field(gt=0)] = 1.0
    streams: str
    test: str
    metric: str
    commands: Annotated[list[str], Field(min_length=1)]


class SmallRecipe(Strict):
    """A downstream task at the size that two CPU cores can do.

    Attributes:
        side: which side reads the streams: "gui" demonstrations, "vqa" scenes of worlds.
        domain: the domain that tailors; None where each world's own does.
        task: its task.
        intent: what it is asked for; with "vqa", `{set}` stands for the name of a set.
        base: the base model, for the table.
        streams: what the streams are, and where they are to be had.
        held: names of what no training row may be of: families of tasks, or a frozen test set.
        samples: rows of each annotator.
        annotators: who tells the streams, in the table's order.
        seeds: it is drawn and trained once with each of them.
        metrics: what each score of a row is called, the first counts.
        figures: the shares that are told, in order, and what each is called: "right", of rows that are wholly right;
            "mean", the mean of the rows; "whole", of groups that are wholly right.
        learn: how the base model learns.
        compare: pairs to test.
    """

    side: Literal["gui", "vqa"]
    domain: Name | None = None
    task: Name
    intent: str
    base: str
    streams: str
    held: Annotated[list[str], Field(min_length=1)]
    samples: Count
    annotators: Annotated[dict[RowName, Annotator], Field(min_length=2)]
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field(default_factory=lambda: [0, 1, 2])
    metrics: Annotated[dict[str, str], Field(min_length=1)]
    figures: Annotated[dict[Share, str], Field(min_length=1)]
    learn: LearningRecipe = LearningRecipe()
    compare: list[RowPair] = Field(default_factory=list[RowPair])

    @model_validator(mode="after")
    def _check_pairs(self) -> SmallRecipe:
        named = {name for pair in self.compare for name in (pair.row, pair.against)}
        if unknown := sorted(named - self.annotators.keys()):
            raise ValueError(f"compare names no annotator of the task: {', '.join(unknown)}")
        return self


class DownstreamTask(Strict):
    """A downstream task: `dataclaw/evals/downstream/tasks/NAME.toml`.

    Attributes:
        about: what is learnt of what, for the table.
        small: the size for two CPU cores; None where there is none.
        full: the same at full size.
    """

    about: str
    small: SmallRecipe | None = None
    full: FullRecipe


def task_names() -> list[str]:
    """The tasks that ship."""
    return sorted(file.stem for file in TASKS.glob("*.toml"))


def read_task(name: str) -> DownstreamTask:
    """A task that ships, by its name, or another one by the path of its file.

    Raises:
        UsageError: there is none.
        ConfigError: its file is wrong.
    """
    if name.endswith(".toml"):
        return read_toml(Path(name), DownstreamTask)
    if name not in task_names():
        raise UsageError(f"no downstream task {name!r}.", remedy=did_you_mean(name, task_names()))
    return read_toml(TASKS / f"{name}.toml", DownstreamTask)
