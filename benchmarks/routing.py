"""How often a stream and an intent find their domain and task when nobody names them.

Three measures of the choice, all with the five domains competing: every template of every task as declared; the same
with the template left out of the declaration for its own turn; and paraphrases that were written without looking at
the templates (`paraphrases.toml`). Each is tried with every kind of stream that its task reads. Then how many intents
are refused because no task knows a word of them: of the above, and of requests that no task can serve
(`nonsense.txt`), with every kind of stream.

    python benchmarks/routing.py            the table
    python benchmarks/routing.py --wrong    what went wrong, too
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dataclaw.agent.router import Routing, route
from dataclaw.domain import Domain
from dataclaw.plugins import find_plugins, load_domain

PARAPHRASES = Path(__file__).with_name("paraphrases.toml")
NONSENSE = Path(__file__).with_name("nonsense.txt")


@dataclass(frozen=True, slots=True)
class Case:
    """An intent that should find its task."""

    said: str
    kind: str
    domain: str
    task: str


def declared(domains: Mapping[str, Domain]) -> Iterator[tuple[Case, Mapping[str, Domain]]]:
    """Every template with every kind its task reads."""
    for case, _ in templates(domains):
        yield case, domains


def templates(domains: Mapping[str, Domain]) -> Iterator[tuple[Case, Mapping[str, Domain]]]:
    """Every template with every kind its task reads, and the domains without that template."""
    for name, domain in domains.items():
        for task_name, task in domain.tasks.items():
            for said in task.manifest.intents:
                rest = [other for other in task.manifest.intents if other != said]
                manifest = task.manifest.model_copy(update={"intents": rest})
                tasks = {**domain.tasks, task_name: replace(task, manifest=manifest)}
                without = {**domains, name: replace(domain, tasks=tasks)}
                for kind in task.reads:
                    yield Case(said, kind, name, task_name), without


def paraphrases(domains: Mapping[str, Domain]) -> Iterator[tuple[Case, Mapping[str, Domain]]]:
    """Every paraphrase; one that is a template is an error."""
    known = {t.casefold() for d in domains.values() for task in d.tasks.values() for t in task.manifest.intents}
    for place, kinds in tomllib.loads(PARAPHRASES.read_text(encoding="utf-8")).items():
        name, _, task = place.partition(".")
        for kind, lines in kinds.items():
            for said in lines:
                if said.casefold() in known:
                    raise SystemExit(f"{said!r} is a template: write another paraphrase")
                if name in domains:
                    yield Case(said, kind, name, task), domains


def measure(cases: Iterator[tuple[Case, Mapping[str, Domain]]], *, wrong: bool) -> list[tuple[Case, Routing]]:
    """Route every case; with `wrong` print those that went elsewhere."""
    found: list[tuple[Case, Routing]] = []
    for case, domains in cases:
        routed = route(case.said, case.kind, domains)
        found.append((case, routed))
        if wrong and (routed.choice.domain, routed.choice.task) != (case.domain, case.task):
            print(f"  {case.kind}: {case.said!r} is {case.domain}.{case.task}, went to {routed.describe()}")
    return found


def row(name: str, found: list[tuple[Case, Routing]]) -> str:
    """A line of the table."""
    count = len(found)
    right = [(r.choice.domain, r.choice.task) == (c.domain, c.task) for c, r in found]
    domain = sum(r.choice.domain == c.domain for c, r in found)
    three = sum((c.domain, c.task) in [(o.domain, o.task) for o in (r.choice, *r.others[:2])] for c, r in found)
    sure = [ok for ok, (_, r) in zip(right, found, strict=True) if r.sure]
    told = f"{sum(sure) / len(sure):.2f} of {len(sure)}" if sure else "-"
    return f"| {name} | {count} | {domain / count:.2f} | {sum(right) / count:.2f} | {three / count:.2f} | {told} |"


def nonsense(domains: Mapping[str, Domain], *, wrong: bool) -> list[Routing]:
    """Every request that no task can serve, with every kind of stream."""
    found: list[Routing] = []
    kinds = sorted({kind for domain in domains.values() for task in domain.tasks.values() for kind in task.reads})
    for said in NONSENSE.read_text(encoding="utf-8").splitlines():
        for kind in kinds:
            routed = route(said, kind, domains)
            found.append(routed)
            if wrong and not routed.lost:
                print(f"  {kind}: {said!r} is not refused, went to {routed.describe()}")
    return found


def refused(name: str, found: Sequence[Routing]) -> str:
    """A line of the second table."""
    return f"| {name} | {len(found)} | {sum(bool(r.lost) for r in found) / len(found):.2f} |"


MEASURES = {"template": declared, "template left out": templates, "paraphrase": paraphrases}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="print what went wrong")
    wrong = parser.parse_args().wrong
    domains = {name: load_domain(name) for name in find_plugins()}
    print("| intents | tried | right domain | right task | among the first three | right where sure |")
    print("|---|---|---|---|---|---|")
    rows: list[str] = []
    for title, cases in MEASURES.items():
        found = measure(cases(domains), wrong=wrong)
        rows.append(refused(title, [routed for _, routed in found]))
        for name in sorted({case.domain for case, _ in found}):
            print(row(f"{title}, {name}", [(c, r) for c, r in found if c.domain == name]))
        print(row(f"**{title}, all**", found))
    rows.append(refused("nonsense", nonsense(domains, wrong=wrong)))
    print("\n| intents | tried | refused |\n|---|---|---|", *rows, sep="\n")


if __name__ == "__main__":
    main()
