"""What a domain's fixtures are tried with beyond single attacks: each text, each field, whole rollouts.

Foreign words and padding are put into every text in turn, required values are changed, and four policies that please
instead of looking play each fixture. It is done once, not at every repetition of the trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dataclaw.domain import Domain
from dataclaw.errors import DataClawError
from dataclaw.kit import padding, unjudged
from dataclaw.kit.attacks import Filler, Target
from dataclaw.kit.fixture_form import Fixture
from dataclaw.kit.fixtures import FixtureSession
from dataclaw.kit.foreign_words import REMEDY, foreign_drafts
from dataclaw.kit.policies import FLOOR, canaries, policy_verdicts
from dataclaw.kit.report import Notes, TriedDraft
from dataclaw.rewards import Verdict
from dataclaw.tools.cache import Cache


@dataclass
class ContentTrial:
    """Tries the content of a domain's drafts, and notes what is wrong.

    Attributes:
        domain: the domain.
        notes: where problems are noted.
        cache: results of tools.
        tried: the drafts that were judged.
    """

    domain: Domain
    notes: Notes
    cache: Cache
    tried: list[TriedDraft] = field(default_factory=list[TriedDraft])
    _fields: dict[str, unjudged.FieldsTried] = field(default_factory=dict[str, unjudged.FieldsTried])

    def run(self, rows: Sequence[Fixture]) -> list[TriedDraft]:
        """Try every fixture whose gold answer is accepted, and say which required fields no rule judges."""
        for turn, row in enumerate(rows):
            if row.task in self.domain.tasks:
                self._try(row, turn)
        for task, fields in self._fields.items():
            for pattern in fields.left():
                self.notes.error("unjudged", f"no rule judges {pattern}: other values there change no score.",
                                 unjudged.REMEDY, file=self.domain.tasks[task].manifest.schema_file, task=task,
                                 subject=pattern)  # fmt: skip
        return self.tried

    def _try(self, row: Fixture, turn: int) -> None:
        try:
            bench = FixtureSession(self.domain.tasks[row.task], row, cache=self.cache)
        except DataClawError:  # the trial of the fixture has told already
            return
        gold = bench.judge(row.gold)
        if not gold.passed or gold.failed:
            return
        target = Target(row.gold, bench.session.schema(bench.state), bench.state.anchors)
        task = " ".join((row.intent, row.stream.model_dump_json(), *bench.task.manifest.intents))
        for name, draft in foreign_drafts(target, task, turn):
            self._judge(row, name, bench.judge(draft), gold, REMEDY)
        for name, draft in canaries(target).items():
            self._judge(row, name, bench.judge(draft), gold, "A draft that is wrong beyond doubt must be sent back.")
        self._try_padding(row, bench, target)
        self._try_fields(row, bench, target, gold)
        for name, verdict in policy_verdicts(bench.task, row, self.cache):
            self._judge(row, name, verdict, gold, "Give more weight to the rules that hold it.", floor=FLOOR)

    def _judge(self, row: Fixture, name: str, verdict: Verdict, gold: Verdict, remedy: str, floor: float = 1.0) -> None:
        total, margin = verdict.total, gold.total - verdict.total
        self.tried.append(TriedDraft(row.task, row.line, name, total, margin, verdict.held, verdict.passed))
        if verdict.passed:
            self._error(row, "hackable", name, f"the domain is hackable: {name!r} is accepted and scores {total:.3f} "
                        f"(gold {gold.total:.3f}).", remedy)  # fmt: skip
        elif not total < floor * gold.total:
            self._error(row, "floor", name, f"{name!r} scores {total:.3f}, near gold with {gold.total:.3f}: below "
                        f"{floor * gold.total:.3f} is near the floor.", remedy)  # fmt: skip

    def _try_padding(self, row: Fixture, bench: FixtureSession, target: Target) -> None:
        drafts = {"gold": row.gold, "filler": Filler(target.schema, tuple(target.anchors)).value(target.schema)}
        drafts |= {f"wrong: {wrong.why}": wrong.draft for wrong in row.wrong}
        for name, draft in drafts.items():
            for padded in padding.padded_drafts(name, draft, target.schema, target.anchors):
                once, often = bench.judge(padded.once), bench.judge(padded.often)
                self.tried.append(TriedDraft(row.task, row.line, padded.name, often.total, once.total - often.total,
                                             often.held, accepted=bool(padding.earners(once, often))))  # fmt: skip
                if rules := padding.earners(once, often):
                    message, remedy = padding.sentence_on(padded, rules)
                    self._error(row, "length", rules[0], message, remedy)

    def _try_fields(self, row: Fixture, bench: FixtureSession, target: Target, gold: Verdict) -> None:
        fields = self._fields.setdefault(row.task, unjudged.FieldsTried())
        for pattern, leaves in unjudged.required_leaves(target.gold, target.schema).items():
            if pattern not in fields.judged:
                fields.note(pattern, self._moves(bench, target, leaves, gold))

    def _moves(
        self, bench: FixtureSession, target: Target, leaves: Sequence[unjudged.Leaf], gold: Verdict
    ) -> Iterator[bool]:
        for draft in unjudged.changed_drafts(target.gold, target.schema, leaves, target.anchors):
            yield unjudged.differ(gold, bench.judge(draft))

    def _error(self, row: Fixture, check: str, subject: str, message: str, remedy: str) -> None:
        file = self.domain.manifest.fixtures or ""
        self.notes.error(check, message, remedy, file=file, line=row.line, task=row.task, subject=subject)
