"""Does the verdict agree with a reader of training data?

Marked samples lie beside the checkout (`../shared/judged`): recorded runs, and for every sample a mark from 0 to 10
with flags of what is wrong. Every sample is judged again by today's rules, from its trace. Printed are, as Markdown:

- the share of pairs of samples three marks apart and more that stand in the right order by total, in all and within a
  domain (equal totals count half), the same for each domain, and the rank correlation of totals with marks;
- for each rule of the worth, how many samples of each domain it blames (scores below 0.995) of those that it judges,
  their mean mark and that of the others;
- for each flag, the rules that are meant to find it: how many of the flagged samples they blame, and how many others.

Run: python benchmarks/readers.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import spearmanr

from dataclaw.rewards.rubric import WORTH
from dataclaw.run.rescore import Rescorer, rescore

FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "judged"
BLAMED = 0.995
APART = 3
FINDERS = {
    "no_input": ("answerable",),
    "unanswerable": ("answerable",),
    "user_request_as_question": ("own_question",),
    "hindsight": ("no_hindsight",),
    "vacuous": ("substance", "happens", "titles", "deep_questions", "not_empty"),
    "nothing_happens": ("happens",),
    "junk_text": ("legible",),
    "missing_content": ("whole_goal", "values", "ample", "covers_time", "embodied.finished", "not_empty", "substance"),
    "duplicate_content": ("no_repeats",),
    "false_statement": ("no_hindsight", "borne_out", "sure_enough"),
    "false_name": ("borne_out",),
    "wrong_evidence": ("borne_out", "covers_time", "no_hindsight"),
    "wrong_order": ("no_repeats", "covers_time"),
    "wrong_language": ("one_language", "obeys_request"),
    "bad_grammar": (),
}
"""Which rules are meant to find what a reader flags."""
SEVERE = {"unanswerable": 0.45}
"""Flags that a rule finds only by a score below this."""


@dataclass(frozen=True)
class Row:
    """A marked sample, judged again: its domain, mark, flags, total, and score of each rule of the worth."""

    domain: str
    mark: float
    flags: frozenset[str]
    total: float
    scores: dict[str, float]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    if not (folder / "marks.jsonl").is_file():
        print(f"no marked samples at {folder}: nothing to compare with")
        return
    rows = judged_again(folder)
    print("| | samples | pairs | in the right order | within a domain | rank correlation |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(_line("all", rows))
    for domain in sorted({row.domain for row in rows}):
        print(_line(domain, [row for row in rows if row.domain == domain]))
    _print_rules(rows)
    _print_flags(rows)


def judged_again(folder: Path) -> list[Row]:
    """Every marked sample with today's verdict."""
    marks = [json.loads(line) for line in (folder / "marks.jsonl").read_text(encoding="utf-8").splitlines()]
    judge = Rescorer()
    drafts = {
        (run, draft.id): draft
        for run in sorted({mark["run"] for mark in marks})
        for draft in rescore(folder / "runs" / run, judge)
    }
    rows: list[Row] = []
    for mark in marks:
        draft = drafts[mark["run"], mark["id"]]
        domain = draft.task.partition(".")[0]
        uses = judge.rubric(draft.task).uses
        names = [use.name for use in uses if use.declared.term == WORTH]
        given = draft.after.scores
        scores = {n: v for n in names if n in given and (v := given[n].value) is not None}
        rows.append(Row(domain, mark["mark"], frozenset(mark["flags"]), draft.after.total, scores))
    return rows


def in_order(rows: Sequence[Row], *, within: bool) -> tuple[float, int]:
    """Share of the pairs three marks apart and more whose totals stand in the same order, and how many pairs."""
    won = [
        (a.total > b.total) + 0.5 * (a.total == b.total)
        for a in rows
        for b in rows
        if a.mark - b.mark >= APART and (a.domain == b.domain or not within)
    ]
    return sum(won) / max(1, len(won)), len(won)


def _line(name: str, rows: Sequence[Row]) -> str:
    share, pairs = in_order(rows, within=False)
    inside, _ = in_order(rows, within=True)
    agreed = spearmanr([row.mark for row in rows], [row.total for row in rows]).statistic
    return f"| {name} | {len(rows)} | {pairs} | {share:.2f} | {inside:.2f} | {agreed:.2f} |"


def _print_rules(rows: Sequence[Row]) -> None:
    domains = sorted({row.domain for row in rows})
    print(f"\n| rule | {' | '.join(domains)} | mean mark of the blamed | of the others |")
    print(f"| --- |{' --- |' * (len(domains) + 2)}")
    for name in sorted({name for row in rows for name in row.scores}):
        judged = [row for row in rows if name in row.scores]
        cells = [_share([row for row in judged if row.domain == domain], name) for domain in domains]
        blamed = [row.mark for row in judged if row.scores[name] < BLAMED]
        others = [row.mark for row in judged if row.scores[name] >= BLAMED]
        print(f"| `{name}` | {' | '.join(cells)} | {_mean(blamed)} | {_mean(others)} |")


def _share(rows: Sequence[Row], name: str) -> str:
    """`blamed of judged`, "" where the rule judged none."""
    return f"{sum(row.scores[name] < BLAMED for row in rows)} of {len(rows)}" if rows else ""


def _print_flags(rows: Sequence[Row]) -> None:
    print("\n| flag | flagged | found | others blamed | by |\n| --- | --- | --- | --- | --- |")
    for flag, rules in FINDERS.items():
        below = SEVERE.get(flag, BLAMED)
        flagged = [row for row in rows if flag in row.flags]
        found = sum(_is_blamed(row, rules, below) for row in flagged)
        others = sum(_is_blamed(row, rules, below) for row in rows if flag not in row.flags)
        names = ", ".join(f"`{rule}`" for rule in rules) or "no rule"
        print(f"| {flag} | {len(flagged)} | {found} | {others} of {len(rows) - len(flagged)} | {names} |")


def _is_blamed(row: Row, rules: Sequence[str], below: float) -> bool:
    return any(row.scores.get(rule, 1.0) < below for rule in rules)


def _mean(marks: Sequence[float]) -> str:
    return f"{sum(marks) / len(marks):.1f}" if marks else ""


if __name__ == "__main__":
    main()
