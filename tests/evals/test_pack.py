"""Packs of benchmarks: scores are those of the benchmark, with no file of it at hand, and what is missing is told."""

from __future__ import annotations

import json
import lzma
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataclaw.agent.policy.base import PolicyInput
from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.runtime import Runtime
from dataclaw.cli import app
from dataclaw.config import RunConfig
from dataclaw.corpus.packs.shards import file_of
from dataclaw.corpus.packs.stream_packer import Packing
from dataclaw.errors import ConfigError, DataClawError, StreamError, UsageError
from dataclaw.evals.benchmark import Benchmark, read_bench
from dataclaw.evals.build import BenchPlan, make_bench
from dataclaw.evals.embedding import Fuzzy
from dataclaw.evals.pack import pack_bench
from dataclaw.evals.predict import EvalRun, Prediction, predict
from dataclaw.evals.scoring import score_run, summarise
from dataclaw.run.prepare import prepare
from dataclaw.tools.cache import Cache
from dataclaw.types import Decision

pytestmark = pytest.mark.timeout(300)  # a benchmark is built first
LOOK = '{"tool":"picture_look","args":{"frames":[0],"box":[0,0,40,40]}}'
GIVE_UP = '{"tool":"submit","args":{"draft":{}}}'


class Looks:
    """Looks at a place that nobody looked at before, and hands in nothing."""

    name = "looks"

    def decide(self, scenes: Sequence[PolicyInput]) -> list[Decision]:
        return [Decision(GIVE_UP if scene.state.turns else LOOK) for scene in scenes]

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture(scope="module")
def original(tiny: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench") / "bench"
    list(make_bench(BenchPlan.of(16, 6, names=[tiny, "darkroom"]), out))
    return out


@pytest.fixture(scope="module")
def packed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pack") / "pack"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATACLAW_CACHE", str(out.parent / "cache"))
        news = list(pack_bench(read_bench(original), out))
    assert news
    assert not [one.left_out for one in news if one.left_out]
    return out


def run(bench: Benchmark, out: Path, which: Any = "val", policy: Any = None) -> tuple[list[Prediction], dict[str, Any]]:
    domains = prepare(RunConfig(intent="benchmark")).domains
    runtime = Runtime(policy or Planner(), domains, Cache(out.parent / "tools.sqlite"))
    told = EvalRun(bench.digest, which, "planner", packed=bench.pack is not None)
    made = [one for _, one in predict(bench, told, runtime, out / which)]
    rows, names = score_run(bench, told, made, domains, Fuzzy())
    return made, summarise(told, rows, names, "fuzzy")


@pytest.mark.parametrize("which", ["val", "intent"])
def test_the_planner_gets_from_the_pack_what_it_gets_from_the_benchmark(
    original: Path, packed: Path, tmp_path: Path, which: Any
) -> None:
    whole, pack = read_bench(original), read_bench(packed)
    assert pack.digest == whole.digest
    assert pack.items(which) == whole.items(which)
    (tmp_path / "away").mkdir()
    made, summary = run(pack, tmp_path / "away" / "pack", which)
    expected, expected_summary = run(whole, tmp_path / "bench", which)
    assert [replace(one, seconds=0.0) for one in made] == [replace(one, seconds=0.0) for one in expected]
    assert summary["unavailable"] == {"calls": 0, "items": 0, "tools": {}}
    for one in (summary, expected_summary):
        one["overall"]["effort"].pop("seconds")
    assert summary["overall"] == expected_summary["overall"]


def test_a_call_that_is_not_in_the_pack_fails_as_a_tool_does_and_is_told(packed: Path, tmp_path: Path) -> None:
    made, summary = run(read_bench(packed), tmp_path / "run", policy=Looks())
    missing = [one for one in made if one.unavailable]
    assert missing
    assert all(one.unavailable == {"picture_look": 1} and one.domain == "aigc" for one in missing)
    assert summary["unavailable"] == {
        "calls": len(missing), "items": len(missing), "tools": {"picture_look": len(missing)}
    }  # fmt: skip
    assert summary["overall"]["total"]["mean"] == 0.0


def test_the_commands_pack_run_show_and_score_again(
    original: Path, packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    pack, out = tmp_path / "pack", tmp_path / "run"
    done = CliRunner().invoke(app, ["bench", "pack", "--bench", str(original), "--out", str(pack)])
    assert done.exit_code == 0, done.output
    assert "0 calls" not in done.output
    names = sorted(file.name for file in packed.iterdir())
    assert all((packed / name).read_bytes() == (pack / name).read_bytes() for name in names), "equal bytes"
    shown = CliRunner().invoke(app, ["bench", "show", str(pack)])
    assert read_bench(original).digest in shown.output
    ran = CliRunner().invoke(
        app, ["eval", "run", "--bench", str(pack), "--out", str(out), "--similarity", "fuzzy"]
    )  # fmt: skip
    assert "from a pack, which had every call" in ran.output
    again = ["eval", "score", "--bench", str(original), "--out", str(tmp_path / "again"), "--similarity", "fuzzy"]
    scored = CliRunner().invoke(app, [*again, str(out / "predictions.jsonl")])
    assert scored.exit_code == 0, scored.output
    summaries = [json.loads((folder / "summary.json").read_text()) for folder in (out, tmp_path / "again")]
    assert summaries[0]["overall"]["total"] == summaries[1]["overall"]["total"]
    assert summaries[0]["packed"]
    with pytest.raises(UsageError, match="is a pack already"):
        list(pack_bench(read_bench(pack), tmp_path / "other"))


def test_a_pack_of_one_domain_holds_its_streams_and_says_so(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    list(pack_bench(read_bench(original), tmp_path / "pack", Packing(domains=["aigc"])))
    pack = read_bench(tmp_path / "pack")
    assert pack.pack
    assert {key.split("-")[0] for key in pack.pack.manifest.streams} == {"darkroom"}
    with pytest.raises(DataClawError, match="no stream 'tiny"):
        run(pack, tmp_path / "run")


def change(folder: Path, **said: Any) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | said))


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "digest": (lambda f: change(f, digest="0" * 64), "is not that of the files it names"),
    "hashes": (lambda f: change(f, hashes={}), "is not that of the files it names"),
    "shard": (lambda f: (f / "streams-0000.zip").write_bytes(b"x"), "was changed: 1 bytes"),
    "items": (lambda f: (f / "val.jsonl.xz").unlink(), "cannot be read"),
    "forged": (lambda f: forge(f), "is not the val.jsonl of the benchmark"),
    "bomb": (lambda f: bomb(f), "unpacks to more than"),
    "corpus": (lambda f: change(f, holds="corpus"), "a pack of a corpus, not of a benchmark"),
    "sets": (lambda f: change(f, sets={}), "has no val.jsonl"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_what_was_changed_is_refused(packed: Path, tmp_path: Path, name: str) -> None:
    damage, said = DAMAGE[name]
    shutil.copytree(packed, tmp_path / "pack")
    damage(tmp_path / "pack")
    with pytest.raises((ConfigError, StreamError), match=said):
        read_bench(tmp_path / "pack").items()


def sign(folder: Path, data: bytes, unpacked: int) -> None:
    """Put in other items, and sign them as an attacker can; the digest is not in his hands."""
    file = folder / "val.jsonl.xz"
    file.write_bytes(data)
    said = json.loads((folder / "manifest.json").read_text())["sets"]
    change(folder, sets=said | {"val": {**file_of(file).model_dump(), "unpacked": unpacked}})


def bomb(folder: Path) -> None:
    sign(folder, lzma.compress(bytes(200 * 2**20)), 1000)


def forge(folder: Path) -> None:
    data = lzma.decompress((folder / "val.jsonl.xz").read_bytes()).replace(b'"window":[0', b'"window":[1')
    sign(folder, lzma.compress(data), len(data))
