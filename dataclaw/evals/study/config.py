"""What a study is: rows, each trained in one way and measured in one way, and what is to be said about them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dataclaw.config import Name
from dataclaw.errors import ConfigError
from dataclaw.strict import Strict, read_toml
from dataclaw.train.config import TrainConfig, read_config

RowName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Metric = Literal[
    "total",
    "gate",
    "field",
    "semantic",
    "sequence",
    "accepted",
    "handed_in",
    "tokens_per_second",
    "rollouts_per_second",
    "hours",
    "hacked",
]
"""Scores of the benchmark (0..100), speeds of a row's training (the median of its steps), the hours that training its
first seed took with all that it begins with, and the share of its drafts (0..100) whose reward an attack raises."""


class StudyRow(Strict):
    """One row of the table. Exactly one of `train`, `model` and `of` says who decides.

    Attributes:
        about: what it is, for the table.
        train: it is trained, by this stage.
        recipe: the training's recipe, relative to the study's file.
        start: row whose adapters training begins with.
        experts: an adapter for each domain; else one for all.
        share: share of the data.
        without: terms that are left out of the reward.
        answer_first: drafts in the paper's order of fields.
        seeds: it is trained once with each of them; the first comes before other rows' later ones.
        model: it is not trained; this model decides ("planner", "hf:embedded").
        of: its adapters are those of this row.
        shift: every domain gets the adapter of the domain that stands so many places behind it in `domains`.
        routed: the router chooses domain and task of every item, as in any run.
        constrained: drafts are decoded under their schema; None as the study says.
        tokens: most tokens that may be written for an item; None for what the task allows.
    """

    about: str
    train: Literal["sft", "grpo"] | None = None
    recipe: Path | None = None
    start: RowName | None = None
    experts: bool = False
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    without: list[Name] = Field(default_factory=list[str])
    answer_first: bool = False
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field(default_factory=lambda: [0])
    model: str | None = None
    of: RowName | None = None
    shift: Annotated[int, Field(ge=0)] = 0
    routed: bool = False
    constrained: bool | None = None
    tokens: Count | None = None

    @model_validator(mode="after")
    def _one_way(self) -> StudyRow:
        if sum(bool(one) for one in (self.train, self.model, self.of)) != 1:
            raise ValueError("say one of train, model and of")
        learns = (self.recipe, self.start, self.experts, self.share < 1, self.without, self.answer_first)
        if self.train is None and (any(learns) or len(self.seeds) > 1):
            raise ValueError("only a row with train has recipe, start, experts, share, without, answer_first and seeds")
        if self.train and self.recipe is None:
            raise ValueError("a row with train has a recipe")
        if self.train == "grpo" and self.answer_first:
            raise ValueError("answer_first is of sft: grpo goes on from its adapter")
        if self.train == "sft" and (self.start or self.without):
            raise ValueError("start and without are of grpo")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed is there twice")
        return self


class RowPair(Strict):
    """Two rows to be tested against each other.

    Attributes:
        row: the one.
        against: what it is compared with.
    """

    row: RowName
    against: RowName


class StudyGoal(Strict):
    """A figure that is to be reached.

    Attributes:
        say: what is to be reached, in words.
        row: row that it is about; "" where it is measured elsewhere.
        also: with "hours", rows whose trainings are counted, too.
        metric: which figure of it.
        over: row whose figure is taken off first.
        domain: a domain, "each" for every one, or "" for all together.
        at_least: lowest figure that reaches it.
        at_most: highest figure that reaches it.
        p: highest p of the paired test, with `over`.
        elsewhere: the command that measures it, where no row does.
    """

    say: str
    row: RowName | Literal[""] = ""
    also: list[RowName] = Field(default_factory=list[str])
    metric: Metric = "total"
    over: RowName | None = None
    domain: str = ""
    at_least: float | None = None
    at_most: float | None = None
    p: Annotated[float, Field(gt=0, lt=1)] | None = None
    elsewhere: str = ""

    @model_validator(mode="after")
    def _measurable(self) -> StudyGoal:
        if bool(self.row) == bool(self.elsewhere):
            raise ValueError("say row, or with elsewhere the command that measures it")
        if self.row and self.at_least is None and self.at_most is None:
            raise ValueError("say at_least or at_most")
        if self.p is not None and self.over is None:
            raise ValueError("p is of a test against another row: say over")
        if self.also and self.metric != "hours":
            raise ValueError("also is of hours")
        return self


class Study(Strict):
    """A study: `configs/study.toml`.

    Attributes:
        domains: domains that adapters decide for; a row with `shift` goes through them in this order.
        batch: items that are decided about at once.
        constrained: drafts are decoded under their schema, where a row does not say.
        rows: the rows, in the table's order; they are also made in it.
        compare: pairs to test.
        page: rows that the page with the charts shows; empty: all of them.
        scaling: rows by share of the data, by the name of their curve.
        ablation: rows of which the others are compared with the first.
        diversity: rows whose drafts are compared with the references in diversity.
        reach: figures to be reached.
    """

    domains: Annotated[list[Name], Field(min_length=1)]
    batch: Count = 1
    constrained: bool = False
    rows: Annotated[dict[RowName, StudyRow], Field(min_length=1)]
    compare: list[RowPair] = Field(default_factory=list[RowPair])
    page: list[RowName] = Field(default_factory=list[str])
    scaling: dict[str, list[RowName]] = Field(default_factory=dict[str, list[str]])
    ablation: list[RowName] = Field(default_factory=list[str])
    diversity: list[RowName] = Field(default_factory=list[str])
    reach: list[StudyGoal] = Field(default_factory=list[StudyGoal])

    @model_validator(mode="after")
    def _rows_are_there(self) -> Study:
        named = {
            **{f"[rows.{name}] start": row.start for name, row in self.rows.items()},
            **{f"[rows.{name}] of": row.of for name, row in self.rows.items()},
            **{f"compare {at + 1}": pair.row for at, pair in enumerate(self.compare)},
            **{f"compare {at + 1}, against": pair.against for at, pair in enumerate(self.compare)},
            **{f"scaling {key}: {name}": name for key, names in self.scaling.items() for name in names},
            **{f"page: {name}": name for name in self.page},
            **{f"ablation: {name}": name for name in self.ablation},
            **{f"diversity: {name}": name for name in self.diversity},
            **{f"reach {at + 1}": one.row or None for at, one in enumerate(self.reach)},
            **{f"reach {at + 1}, over": one.over for at, one in enumerate(self.reach)},
            **{f"reach {at + 1}, also {name}": name for at, one in enumerate(self.reach) for name in one.also},
        }
        lost = [f"{place} names {name!r}" for place, name in named.items() if name and name not in self.rows]
        if lost:
            raise ValueError(f"no such row: {'; '.join(lost)}")
        return self._links_hold()

    def _links_hold(self) -> Study:
        order = list(self.rows)
        for name, row in self.rows.items():
            before = self.rows[row.start or row.of or name]
            if (first := row.start or row.of) and order.index(first) >= order.index(name):
                raise ValueError(f"[rows.{name}] begins with {first}, which must stand above it")
            if (row.start or row.of) and not before.train:
                raise ValueError(f"[rows.{name}] begins with a row that is not trained")
            if row.start and before.experts != row.experts:
                raise ValueError(f"[rows.{name}] and {row.start} are not both experts, or both for all domains")
            if row.shift and not before.experts:
                raise ValueError(f"[rows.{name}] shifts adapters of a row that has one for all domains")
        return self

    def seeds(self, name: str) -> list[int]:
        """The seeds that a row is trained with; of one that is not trained, or takes another's adapters, the first."""
        row = self.rows[name]
        return row.seeds if row.train else self.rows[row.of].seeds[:1] if row.of else [0]


def read_study(file: Path) -> Study:
    """A study from a TOML file.

    Raises:
        ConfigError: the file or a recipe is missing or wrong, all wrong keys named.
    """
    study = read_toml(file, Study)
    for name, row in study.rows.items():
        if row.recipe and recipe_of(row, file).model.tuning != "lora":
            remedy = "Say tuning = lora in its recipe: rows hand adapters on."
            raise ConfigError("trains all weights.", place=f"{file} [rows.{name}]", remedy=remedy)
    return study


def recipe_file(row: StudyRow, file: Path) -> Path:
    """Where a row's recipe lies.

    Args:
        row: a row that is trained.
        file: the study's file.
    """
    return file.parent / (row.recipe or "")


def recipe_of(row: StudyRow, file: Path) -> TrainConfig:
    """The recipe of a row that is trained.

    Raises:
        ConfigError: it is missing or wrong.
    """
    return read_config(recipe_file(row, file))
