"""The folders of runs, of corpora and of evaluations: ledgers, commits, tables, traces, reviews, reports' inputs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import put
from tests.bad_input.files import agentnet

INTENT = "Extract the ordered UI actions with coordinates"
_TABLES = ("*.toml", "*.json", "*.jsonl")


def command(*args: str | Path) -> None:
    """Run `dataclaw`; a stream that it rejects is fine.

    Raises:
        RuntimeError: it fails.
    """
    done = subprocess.run([sys.executable, "-m", "dataclaw", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise RuntimeError(done.stderr)


def _run(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        codes = [f"pyautogui.click(x=0.{n}, y=0.5)" for n in (2, 4)]
        put(Path(work), {"a.jsonl": agentnet(codes), "b.jsonl": agentnet([codes[0]], instruction=7)})
        (Path(work) / "c.json").write_text("{")
        command("run", "-d", "gui", "-i", INTENT, work, "-o", folder / "run", "--no-report")
    (folder / "run" / ".owner").unlink(missing_ok=True)


def read_ledger(folder: Path) -> None:
    """Begin the run of a folder again, as the same command does, and write its tables; in a copy."""
    from dataclaw.config import RunConfig
    from dataclaw.run.ledger import Ledger

    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        copy = Path(work) / "run"
        shutil.copytree(folder, copy)
        ledger = Ledger(copy)
        ledger.begin(RunConfig(intent=INTENT, domain="gui"), resume=True)
        for key in ledger.finished_keys():
            ledger.find(key)
        ledger.export()


def read_tables(folder: Path) -> None:
    """Read a run as the report, the export and `diff` do."""
    from dataclaw.export.read import read_samples
    from dataclaw.run.report.compare import compare
    from dataclaw.run.report.details import of_rejection, of_sample
    from dataclaw.run.report.folder import RunFolder
    from dataclaw.run.report.records import RejectionRecord

    run = RunFolder(folder)
    run.config()
    run.usage()
    for _, sample, _ in read_samples([folder]):
        json.dumps(of_sample(sample, run.trace(sample.id)))
    for row in run.rows("rejected", RejectionRecord):
        json.dumps(of_rejection(row, None))
    compare(folder, folder)


def read_report(folder: Path) -> None:
    """Write the report of a run."""
    from dataclaw.run.report.report import write_report

    write_report(folder)


def read_traces(folder: Path) -> None:
    """Judge a finished run once more."""
    from dataclaw.run.rescore import Rescorer, read_samples, rescore

    read_samples(folder / "samples.jsonl")
    for draft in rescore(folder, Rescorer()):
        json.dumps(draft.before.total)


def read_view(folder: Path) -> None:
    """Index a run and its reviews, and show each row."""
    from dataclaw.run.rescore import Rescorer
    from dataclaw.serve.view.index import Query
    from dataclaw.serve.view.open_run import OpenRun

    with tempfile.TemporaryDirectory(dir=folder.parent) as cache:
        run = OpenRun.at(folder, Path(cache), Rescorer())
        run.refresh()
        for row in run.index.page(Query(), 0, 5)[1]:
            json.dumps(run.detail(str(row["id"])))
        run.index.close()


def _view(folder: Path) -> None:
    _run(folder)
    lines = (folder / "run" / "samples.jsonl").read_text().splitlines()
    sample = json.loads(lines[0])
    review = {"id": "a" * 12, "sample": sample["id"], "of": "0" * 16, "action": "flag", "comment": "so", "who": "me"}
    put(folder / "run", {"reviews.jsonl": json.dumps(review) + "\n"})


def _corpus(folder: Path) -> None:
    out = folder / "corpus"
    command("corpus", "build", "-d", "education", "--world", "talk", "--streams", "1", "--asks", "2", "-o", out)
    shutil.rmtree(out / "scenes", ignore_errors=True)
    for name in ("tools.sqlite", ".owner"):
        (out / name).unlink(missing_ok=True)


def read_corpus(folder: Path) -> None:
    """Export a corpus anew, and read what training and `leaks` take of it; in a copy."""
    from dataclaw.corpus.config import CorpusConfig, stored_settings
    from dataclaw.corpus.export import export
    from dataclaw.evals.leaks import samples_of
    from dataclaw.strict import check
    from dataclaw.train.choice_data import read_choices
    from dataclaw.train.config import DataConfig

    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        copy = Path(work) / "corpus"
        shutil.copytree(folder, copy)
        list(samples_of(copy))
        read_choices(DataConfig(corpus=copy), "training")
        export(check(stored_settings(copy), CorpusConfig, str(copy)), copy)


def _scene(folder: Path) -> None:
    from dataclaw.worlds.base import TRUTH

    truth = {"lot": {"world": "talk", "seed": 3, "difficulty": 2, "split": "train"}, "stream": "a.srt",
             "sources": {"thing": ["a"]}, "facts": {"things": ["a", "b"]}}  # fmt: skip
    put(folder / "scene", {TRUTH: json.dumps(truth)})


def read_scene(folder: Path) -> None:
    """The scene in a folder."""
    from dataclaw.worlds.base import load_scene

    load_scene(folder)


def _evaluated(folder: Path) -> None:
    from dataclaw.evals.judging import CRITERIA, RATINGS, Rating
    from dataclaw.evals.predict import PREDICTIONS, RUN, EvalRun, Prediction
    from dataclaw.evals.scoring import Mismatches, ScoredItem, summarise, write_scores

    out = folder / "run"
    out.mkdir()
    terms = ("total", "gate", "field", "semantic", "sequence")
    groups = {"domain": "gui", "task": "gui.any", "style": "template", "language": "en", "kind": "gui"}
    rows = [ScoredItem(f"i{n}", f"s{n}", groups | {"difficulty": "1"}, dict.fromkeys(terms, n / 4)) for n in range(3)]
    said = EvalRun("ab" * 32, "val", "planner")
    write_scores(out, rows, summarise(said, rows, Mismatches(), "fuzzy"))
    ratings = [Rating("i0", "0" * 16, "judge", "r", dict.fromkeys(CRITERIA, 3), "so")]
    put(out, {RUN: json.dumps(asdict(said)), RATINGS: "".join(json.dumps(asdict(one)) + "\n" for one in ratings),
              PREDICTIONS: json.dumps(Prediction("i0", draft={"steps": []}).to_json()) + "\n"})  # fmt: skip


def read_evaluated(folder: Path) -> None:
    """All that is read back of an evaluation; in a copy, for a line that was cut off is cut away."""
    from dataclaw.evals.compare import compare
    from dataclaw.evals.judging import mean_marks
    from dataclaw.evals.predict import PREDICTIONS, read_predictions, read_run
    from dataclaw.evals.scoring import read_summary
    from dataclaw.evals.standing import decided_by

    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        copy = Path(work) / "run"
        shutil.copytree(folder, copy)
        read_run(copy)
        read_predictions(copy / PREDICTIONS)
        compare(copy, copy)
        mean_marks(copy, {"i0": "s0"})
        decided_by(read_summary(copy), "gui")


TARGETS = (
    FuzzTarget("run begun again", _run, read_ledger, 12, files=_TABLES),
    FuzzTarget("run tables", _run, read_tables, 16, files=_TABLES),
    FuzzTarget("run report", _run, read_report, 4, files=_TABLES),
    FuzzTarget("run traces", _run, read_traces, 8, files=_TABLES),
    FuzzTarget("run viewed", _view, read_view, 6, files=_TABLES),
    FuzzTarget("corpus", _corpus, read_corpus, 6, files=_TABLES),
    FuzzTarget("scene", _scene, read_scene, 8),
    FuzzTarget("evaluation", _evaluated, read_evaluated, 12),
)
