"""What a check found: problems with file and line, and what every draft scored; as plain JSON or for a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from dataclaw.types import Json

Level = Literal["error", "warning", "explained"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, or doubtful, about a domain.

    Attributes:
        check: the check that found it ("schema", "hackable", "dead", ...).
        message: what is wrong, one sentence.
        remedy: what to do next.
        file: file within the plugin's folder, "" when it is none.
        line: line in the file, 0 when unknown.
        task: the task it concerns, "" when it is none or several.
        subject: what of the task (a rule, an attack), "" for all of it.
        level: "error" fails the check; a "warning" is "explained" when the manifest says why it may stand.
        because: that explanation.
    """

    check: str
    message: str
    remedy: str = ""
    file: str = ""
    line: int = 0
    task: str = ""
    subject: str = ""
    level: Level = "error"
    because: str = ""

    @property
    def name(self) -> str:
        """What `[explained]` in domain.toml calls it: `check:task:subject`, empty parts left out."""
        return ":".join(part for part in (self.check, self.task, self.subject) if part)

    @property
    def place(self) -> str:
        """File and line, as editors open them."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        """One line: place, task, what is wrong, what to do."""
        where = f"{self.place}: " if self.file else ""
        task = f"[{self.task}] " if self.task else ""
        return f"{where}{task}{self.message} {self.remedy}".rstrip()

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        fields = ("level", "name", "check", "file", "line", "task", "subject", "message", "remedy", "because")
        return {key: getattr(self, key) for key in fields}

    @classmethod
    def from_json(cls, said: Mapping[str, Json]) -> Problem:
        """The problem that `to_json` gave."""
        return cls(**{key: value for key, value in said.items() if key != "name"})


@dataclass(frozen=True, slots=True)
class TriedDraft:
    """A draft that was judged.

    Attributes:
        task: the task.
        line: line of the fixture.
        draft: which draft: "gold", "plan", "wrong: <why>", or the name of an attack.
        total: its score, NaN when no rule could judge it.
        margin: how far it stays below gold; of gold and plan 0.
        held: rules that held it.
        accepted: whether it was accepted.
    """

    task: str
    line: int
    draft: str
    total: float
    margin: float
    held: tuple[str, ...]
    accepted: bool

    def to_json(self) -> dict[str, Json]:
        """Plain JSON; scores rounded to 4 digits, NaN as null."""
        return {
            "task": self.task,
            "line": self.line,
            "draft": self.draft,
            "total": _number(self.total),
            "margin": _number(self.margin),
            "held": list(self.held),
            "accepted": self.accepted,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Json]) -> TriedDraft:
        """The draft that `to_json` gave."""
        numbers: dict[str, Json] = {key: math.nan if said[key] is None else said[key] for key in ("total", "margin")}
        fields: dict[str, Json] = {**said, **numbers, "held": tuple(said["held"])}
        return cls(**fields)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check.

    Attributes:
        domain: the domain.
        problems: everything found, errors first.
        drafts: every draft that was judged.
        seconds: how long it took [s].
        repeated: how often each rule of the domain's own judged one draft again, at least.
    """

    domain: str
    problems: tuple[Problem, ...]
    drafts: tuple[TriedDraft, ...] = ()
    seconds: float = 0.0
    repeated: Mapping[str, int] = field(default_factory=dict[str, int])

    def of(self, level: Level) -> tuple[Problem, ...]:
        """The problems of one level."""
        return tuple(problem for problem in self.problems if problem.level == level)

    @property
    def is_sound(self) -> bool:
        """Whether there is no error."""
        return not self.of("error")

    def to_json(self) -> dict[str, Json]:
        """Plain JSON."""
        return {
            "domain": self.domain,
            "passed": self.is_sound,
            "problems": [problem.to_json() for problem in self.problems],
            "tried": [tried.to_json() for tried in self.drafts],
            "seconds": round(self.seconds, 3),
            "repeated": dict(self.repeated),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Json]) -> Report:
        """The report that `to_json` gave."""
        problems = tuple(map(Problem.from_json, said["problems"]))
        tried = tuple(map(TriedDraft.from_json, said["tried"]))
        return cls(said["domain"], problems, tried, said["seconds"], said["repeated"])


@dataclass
class Notes:
    """Collects problems while a check runs."""

    problems: list[Problem] = field(default_factory=list[Problem])

    def error(self, check: str, message: str, remedy: str = "", **place: Json) -> None:
        """Note an error; `place` are fields of `Problem`."""
        self.problems.append(Problem(check, message, remedy, **place))

    def warn(self, check: str, message: str, remedy: str = "", **place: Json) -> None:
        """Note a warning."""
        self.problems.append(Problem(check, message, remedy, level="warning", **place))

    def finish(self, explained: Mapping[str, str], line: int) -> tuple[Problem, ...]:
        """Every problem once, errors first; warnings that the manifest explains are marked, idle explanations told."""
        found = [self._mark_explained(problem, explained) for problem in dict.fromkeys(self.problems)]
        idle = sorted(set(explained) - {problem.name for problem in found if problem.level == "explained"})
        found += [
            Problem(
                "explained", f'"{name}" explains a warning that there is none of.', "Take it out.", "domain.toml", line,
                subject=name, level="warning",
            )
            for name in idle
        ]  # fmt: skip
        order: Sequence[Level] = ("error", "warning", "explained")
        return tuple(sorted(found, key=lambda problem: order.index(problem.level)))

    def _mark_explained(self, problem: Problem, explained: Mapping[str, str]) -> Problem:
        if problem.level != "warning" or problem.name not in explained:
            return problem
        return replace(problem, level="explained", because=explained[problem.name])
