"""From rows to stages: each is one command of ours, what it makes, what it needs, and what it depends on.

OUT/
  study.json           what the study was last run with
  train/<run>/         runs of `train sft` and `train grpo`
  plugins/<run>.toml   which adapter decides for which domain; none where choosers are trained
  eval/<run>/          runs of `eval run`
  stages/, logs/       how each stage went, and what it printed

A run is a row with a seed: `sft`, `sft-seed1`; of experts, one is trained for each domain: `experts-gui`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from dataclaw.errors import ConfigError
from dataclaw.evals.study.config import Study, StudyRow, recipe_file, recipe_of
from dataclaw.files import write_atomic
from dataclaw.train.config import CHOOSER
from dataclaw.types import Json

PLANNER = "planner"
"""A model that is not decoded, so that a schema cannot hold it."""
BARE = "_none.toml"
"""Instead of a `plugins.toml` that lies about."""
ADAPTER = "adapter"
NUMBERS = {ADAPTER: "adapter_model.safetensors", CHOOSER: "chooser.npz"}
"""The folder that a training writes, and its file that holds what was learnt."""


@dataclass(frozen=True, slots=True)
class StudyInputs:
    """What a study is run with.

    Attributes:
        file: the study's file.
        out: folder of the study.
        corpus: corpus, or pack of one, that is learnt.
        bench: benchmark, or pack of one.
        limit: most items of an evaluation.
        steps: most optimizer steps of a training.
        device: what is trained on.
    """

    file: Path
    out: Path
    corpus: Path = Path("corpus")
    bench: Path = Path("bench")
    limit: int | None = None
    steps: int | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One command.

    Attributes:
        name: `train/sft`, `eval/sft`.
        row: the row that it belongs to.
        words: the command's words, after `dataclaw`.
        result: what is there when it is done.
        needs: stages that come before it.
        depends: what its result depends on, as plain JSON; another one is another result.
        adapters: adapters or choosers whose numbers its result depends on, too.
    """

    name: str
    row: str
    words: tuple[str, ...]
    result: Path
    needs: tuple[str, ...]
    depends: Mapping[str, Json]
    adapters: tuple[Path, ...] = field(default=())

    @property
    def folder(self) -> Path:
        """Folder of the command's run."""
        return self.result.parent

    def essence(self) -> str:
        """Hash of all that the result depends on, as it is now (16 hex digits)."""
        numbers = [_sha256(adapter / NUMBERS[adapter.name]) for adapter in self.adapters]
        text = json.dumps([dict(self.depends), numbers], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class StudyPlan:
    """All stages of a study.

    Args:
        study: the study.
        given: what it is run with.

    Raises:
        ConfigError: a recipe is missing or wrong.
    """

    def __init__(self, study: Study, given: StudyInputs) -> None:
        self.study, self.given = study, given

    @cached_property
    def stages(self) -> dict[str, Stage]:
        """Every stage by name, in the order in which they are made: the first seed of every row, then the second.

        Raises:
            ConfigError: two rows would make the same.
        """
        most = max(len(self.study.seeds(name)) for name in self.study.rows)
        found: dict[str, Stage] = {}
        for turn in range(most):
            for name in self.study.rows:
                if turn < len(seeds := self.study.seeds(name)):
                    for stage in self._stages(name, seeds[turn]):
                        if stage.name in found:
                            remedy = "Rename one of the rows: names of domains and seeds are put behind theirs."
                            raise ConfigError(f"two rows make {stage.name}.", place=str(self.given.file), remedy=remedy)
                        found[stage.name] = stage
        return found

    def select(self, rows: Sequence[str]) -> list[Stage]:
        """The stages of some rows with all that they need, in order; of all rows where none is named."""
        names = {stage.name for stage in self.stages.values() if not rows or stage.row in rows}
        for stage in reversed(self.stages.values()):
            if stage.name in names:
                names |= set(stage.needs)
        return [stage for stage in self.stages.values() if stage.name in names]

    def runs(self, row: str) -> list[tuple[int, Path]]:
        """Seed and folder of each evaluation of a row."""
        seeds = self.study.seeds(row)
        return [(seed, self.given.out / "eval" / run_name(row, seed, seeds[0])) for seed in seeds]

    def trainings(self, row: str) -> list[Stage]:
        """The stages that train the adapters of a row's first seed; of one that takes another's, those of that."""
        _, path = self.runs(row)[0]
        return [self.stages[name] for name in self.stages[f"eval/{path.name}"].needs]

    def before(self, stage: Stage) -> list[Stage]:
        """Every stage that a stage needs, however far back."""
        return [each for need in stage.needs for each in (*self.before(self.stages[need]), self.stages[need])]

    def write_plugins(self) -> None:
        """Write the files that say which adapter decides for which domain; those of a row with a model wear none."""
        write_atomic(self.given.out / "plugins" / BARE, "# No adapters; written by dataclaw study.\n")
        for name, row in self.study.rows.items():
            for seed in self.study.seeds(name) if not row.model and self._kind(name) == ADAPTER else ():
                write_atomic(self._plugins(name, seed), self._registry(name, seed))

    def _stages(self, name: str, seed: int) -> Iterator[Stage]:
        row = self.study.rows[name]
        if row.train:
            for domain in self.study.domains if row.experts else ("",):
                yield self._training(name, row, seed, domain)
        yield self._evaluation(name, row, seed)

    def _training(self, name: str, row: StudyRow, seed: int, domain: str) -> Stage:
        recipe, out = recipe_file(row, self.given.file), self._training_folder(name, seed, domain)
        options: dict[str, Any] = {"--domain": domain or None, "--seed": seed, "--steps": self.given.steps}
        options |= {"--share": row.share if row.share < 1 else None, "--without": row.without}
        kind = self._kind(name)
        begun = self._training_folder(row.start, self._seed(row.start, seed), domain) / kind if row.start else None
        places: dict[str, Any] = {"--start": begun, "--device": self.given.device, "--corpus": self.given.corpus}
        words = ["train", str(row.train), str(recipe), *_options(options | places)]
        words += ["--answer-first"] if row.answer_first else []
        settings = recipe_of(row, self.given.file).model_dump(mode="json", include={"model", "data", str(row.train)})
        settings["data"].pop("corpus")  # where it lies does not matter; what is in it, the training's record tells
        depends = {"stage": row.train, "recipe": settings, "options": options, "answer_first": row.answer_first}
        return Stage(
            f"train/{out.name}",
            name,
            (*words, "--out", str(out)),
            out / kind,
            (f"train/{begun.parent.name}",) if begun else (),
            depends,
            (begun,) if begun else (),
        )

    def _evaluation(self, name: str, row: StudyRow, seed: int) -> Stage:
        study, given = self.study, self.given
        out = given.out / "eval" / run_name(name, seed, study.seeds(name)[0])
        free = not (study.constrained if row.constrained is None else row.constrained)
        model = row.model or (PLANNER if self._kind(name) == CHOOSER else None)
        who: dict[str, Any] = {"--model": model}
        who |= {"--plugins": given.out / "plugins" / BARE if model else self._plugins(name, seed)}
        who |= {"--choose": self._chosen_by(name, seed)} if model != row.model else {}
        options: dict[str, Any] = {"--limit": given.limit, "--tokens": row.tokens}
        words = ["eval", "run", *_options({"--bench": given.bench} | who | options | {"--batch": study.batch})]
        words += ["--free"] if free and model != PLANNER else []
        words += ["--routed"] if row.routed else []
        trained = {} if row.model else self._adapters(name, seed)
        deciders = row.model or (self._chosen_by(name, seed) if model else self._registry(name, seed))
        return Stage(
            f"eval/{out.name}",
            name,
            (*words, "--out", str(out)),
            out / "summary.json",
            tuple(dict.fromkeys(f"train/{adapter.parent.name}" for adapter in trained.values())),
            {"deciders": deciders, "options": options, "free": free, "routed": row.routed},
            tuple(dict.fromkeys(trained.values())),
        )

    def _adapters(self, name: str, seed: int) -> dict[str, Path]:
        """The adapter that decides for each domain."""
        row, domains = self.study.rows[name], self.study.domains
        owner = row.of or name
        experts = self.study.rows[owner].experts
        kind = self._kind(owner)
        own = {domain: self._training_folder(owner, seed, domain if experts else "") / kind for domain in domains}
        return {domain: own[domains[(at + row.shift) % len(domains)]] for at, domain in enumerate(domains)}

    def _kind(self, name: str) -> str:
        """What a row's training writes: an adapter or a chooser."""
        row = self.study.rows[name]
        owner = self.study.rows[row.of] if row.of else row
        chooses = owner.train and recipe_of(owner, self.given.file).model.name == CHOOSER
        return CHOOSER if chooses else ADAPTER

    def _chosen_by(self, name: str, seed: int) -> str:
        """The chooser of a row, or those of its domains, as `--choose` has them."""
        by_domain = self._adapters(name, seed)
        folders = list(dict.fromkeys(by_domain.values()))
        return str(folders[0]) if len(folders) == 1 else ",".join(f"{d}={f}" for d, f in by_domain.items())

    def _registry(self, name: str, seed: int) -> str:
        row = self.study.rows[name]
        base = recipe_of(self.study.rows[row.of or name], self.given.file).model.name
        lines = ["# Which adapter decides for which domain; written by dataclaw study."]
        for domain, adapter in self._adapters(name, seed).items():
            place = Path("..") / adapter.relative_to(self.given.out)
            lines += [
                f"[domains.{domain}]",
                f"model = {json.dumps(f'hf:{base}')}",
                f"adapter = {json.dumps(str(place))}",
            ]
        return "\n".join(lines) + "\n"

    def _plugins(self, name: str, seed: int) -> Path:
        return self.given.out / "plugins" / f"{run_name(name, seed, self.study.seeds(name)[0])}.toml"

    def _training_folder(self, name: str, seed: int, domain: str) -> Path:
        run = run_name(f"{name}-{domain}" if domain else name, seed, self.study.seeds(name)[0])
        return self.given.out / "train" / run

    def _seed(self, name: str, seed: int) -> int:
        """The seed of a row that another begins with: the same, or its first where it has no such run."""
        seeds = self.study.seeds(name)
        return seed if seed in seeds else seeds[0]


def run_name(row: str, seed: int, first: int) -> str:
    """Name of a run: the row's, with the seed where it is not the row's first."""
    return row if seed == first else f"{row}-seed{seed}"


def _options(said: Mapping[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        several = cast("list[Any]", value) if isinstance(value, list) else [value]
        yield from (word for one in several if one is not None for word in (name, str(one)))


def _sha256(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
