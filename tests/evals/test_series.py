"""Runs that belong together on the page: shares of the data, variants, and what a benchmark itself says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dataclaw.config import RunConfig
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, UsageError
from dataclaw.evals import charts
from dataclaw.evals.benchmark import Benchmark
from dataclaw.evals.confusion import ConfusionMatrix
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.predict import PREDICTIONS, EvalRun, Prediction, begin
from dataclaw.evals.report import PageExtras, add_benchmark, write_report
from dataclaw.evals.scoring import score_run, summarise, write_scores
from dataclaw.evals.series import curve, parse_runs, runs_of, variants
from dataclaw.models.prices import Price
from dataclaw.run.prepare import prepare

SHARES = {"few": 0.25, "half": 0.5, "all": 1.0}
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def domains() -> dict[str, Domain]:
    return prepare(RunConfig(intent="benchmark")).domains


@pytest.fixture
def runs(bench: Benchmark, domains: dict[str, Domain], tmp_path: Path) -> Path:
    """Runs that are right about so many of the items, in their order."""
    items = bench.items()
    for name, share in SHARES.items():
        right = round(share * len(items))
        made = [Prediction(one.id, draft=one.reference if at < right else None, prompt=100, wrote=10)
                for at, one in enumerate(items)]  # fmt: skip
        told = EvalRun(bench.digest, "val", name)
        begin(told, tmp_path / name)
        rows, names = score_run(bench, told, made, domains, Fuzzy())
        write_scores(tmp_path / name, rows, summarise(told, rows, names, "fuzzy", Price(1.0, 10.0)))
        lines = "".join(line_of(one) for one in made)
        (tmp_path / name / PREDICTIONS).write_text(lines)
    return tmp_path


def line_of(one: Prediction) -> str:
    return json.dumps(one.to_json()) + "\n"


def test_a_curve_is_of_shares_in_order(runs: Path) -> None:
    found = curve(f"1={runs / 'all'},0.25={runs / 'few'},0.5={runs / 'half'}")
    assert found.name == ""
    assert [share for share, _, _ in found.runs] == [0.25, 0.5, 1.0]
    assert [(x, round(one["mean"], 2)) for x, one in found.points()] == [(0.25, 0.25), (0.5, 0.5), (1.0, 1.0)]
    assert found.points("education") == found.points()
    assert found.points("gui") == []
    assert curve(f"ours:0.5={runs / 'half'},1={runs / 'all'}").name == "ours"


def test_variants_are_compared_with_the_first(runs: Path) -> None:
    first, second = variants(f"all of it={runs / 'all'},half={runs / 'half'}")
    assert (first.name, first.test) == ("all of it", None)
    assert second.test is not None
    assert second.test.difference.mean == pytest.approx(-0.5)
    assert runs_of([curve(f"0.5={runs / 'half'},1={runs / 'all'}")], [first, second]) == [runs / "half", runs / "all"]


@pytest.mark.parametrize("said", ["", "a", "a=x", "a=x,b", "a=x,=y", "a=x,a=y", "a=x,,b=y"])
def test_what_names_no_runs_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="does not name runs"):
        parse_runs(said, "--ablation")


@pytest.mark.parametrize("said", ["0=a,1=b", "x=a,1=b", "-1=a,1=b", "inf=a,1=b", "nan=a,1=b"])
def test_what_is_no_share_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="no share"):
        curve(said)


def test_a_share_is_of_one_run_that_is_scored(runs: Path) -> None:
    with pytest.raises(UsageError, match="twice"):
        curve(f"0.5={runs / 'half'},0.50={runs / 'all'}")
    with pytest.raises(ConfigError, match="no scored run"):
        curve(f"0.5={runs / 'half'},1={runs / 'nothing'}")


def test_the_page_shows_only_what_is_given(runs: Path) -> None:
    page = write_report([runs / "all"], runs / "page" / "plain.html").read_text()
    for absent in ("Share of the data", "Ablation", "Diversity", "The router", "Judges"):
        assert absent not in page
    assert "cost" in page  # it is known


def test_the_page_shows_runs_that_belong_together(runs: Path) -> None:
    curves = [curve(f"{name}0.25={runs / 'few'},1={runs / 'all'}") for name in ("ours:", "theirs:")]
    more = PageExtras(curves=curves, ablation=variants(f"all={runs / 'all'},half={runs / 'half'}"))
    page = write_report([], runs / "page" / "eval.html", more).read_text()
    for said in ("Share of the data", "theirs", "Ablation", "against all", "-50.0"):
        assert said in page
    names = {path.name for path in (runs / "page").glob("*.png")}
    assert {"eval-scaling.png", "eval-ablation.png", "eval-terms.png"} <= names


def test_the_page_shows_the_router_and_how_diverse_texts_are(
    bench: Benchmark, runs: Path, domains: dict[str, Domain]
) -> None:
    more = add_benchmark(PageExtras(), bench, domains, runs / "all", None)
    assert more.sources == {"raw": "streams", "base": "all", "tailored": "references"}
    assert more.diversity is not None
    assert more.diversity.scores["base"] == more.diversity.scores["tailored"]
    page = write_report([runs / "all"], runs / "page" / "eval.html", more).read_text()
    for said in ("Diversity of the texts", "The router", "right domain", "references"):
        assert said in page
    names = {path.name for path in (runs / "page").glob("*.png")}
    assert {"eval-router.png", "eval-router-tasks.png", "eval-diversity.png"} <= names
    other = add_benchmark(PageExtras(), bench, domains, runs / "all", runs / "all")
    assert other.sources["tailored"] == "all"


def test_runs_of_another_benchmark_are_not_read(bench: Benchmark, runs: Path, domains: dict[str, Domain]) -> None:
    begin(EvalRun("0" * 64, "val", "x"), runs / "other")
    with pytest.raises(UsageError, match="another benchmark"):
        add_benchmark(PageExtras(), bench, domains, runs / "other", None)
    begin(EvalRun(bench.digest, "val", "x"), runs / "empty")
    with pytest.raises(UsageError, match="no predictions"):
        add_benchmark(PageExtras(), bench, domains, runs / "empty", None)
    begin(EvalRun(bench.digest, "intent", "x"), runs / "open")
    (runs / "open" / PREDICTIONS).write_text("")
    with pytest.raises(UsageError, match="no references"):
        add_benchmark(PageExtras(), bench, domains, runs / "open", None)


@pytest.mark.parametrize(
    "matrix",
    [
        ConfusionMatrix("", ("a", "b"), ("a", "b", "refused"), ((1, 0, 0), (0, 2, 1))),
        ConfusionMatrix(
            "x", ("a_very_long_name", "b"), ("a_very_long_name", "b", "another domain"), ((1, 0, 9), (0, 0, 0))
        ),
    ],
)
def test_matrices_are_drawn(matrix: ConfusionMatrix) -> None:
    assert charts.matrices("all", [matrix]).startswith(PNG)
    assert charts.matrices("all", [matrix] * 5).startswith(PNG)


def test_charts_are_the_same_each_time() -> None:
    lines: dict[str, Any] = {
        "a": [(0.01, {"mean": 0.2, "low": 0.1, "high": 0.3}), (1.0, {"mean": 1, "low": 1, "high": 1})]
    }
    assert charts.points("t", "x", lines, log=True) == charts.points("t", "x", lines, log=True)
