"""A small corpus that was packed, and is gone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dataclaw.agent.policy.planner import Planner
from dataclaw.agent.session import Session
from dataclaw.corpus import build
from dataclaw.corpus.export import export
from dataclaw.corpus.packs.corpus_pack import read_pack
from dataclaw.corpus.packs.corpus_packer import Packing, pack_corpus
from dataclaw.streams import open_stream
from dataclaw.tools.cache import FOLDER, Cache, fingerprint
from dataclaw.types import Json
from tests.corpus.made import CONFIG, DOMAINS, Kept, Messages, rollout


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of tools are remembered in a folder of the test's own."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    root = tmp_path_factory.mktemp("packs")
    corpus, folder = root / "corpus", root / "pack"
    assert not [unit.failure for unit in build(CONFIG, corpus) if unit.failure]
    export(CONFIG, corpus)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(root / "cache"))
        news = list(pack_corpus(corpus, folder, Packing(likely=True)))
    assert len(news) == 6
    assert not [one.left_out for one in news if one.left_out]
    traces: dict[str, Messages] = {}
    for name in ("traces", "validation_traces"):
        lines = (corpus / "export" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        traces |= {row["id"]: row["messages"] for row in map(json.loads, lines)}
    pack = read_pack(folder)
    planned: dict[str, Messages] = {}
    prints: dict[str, Json] = {}
    for ask in pack.requests(part=None):
        stream = open_stream(str(corpus / pack.manifest.streams[ask.stream].media))
        prints[ask.stream] = fingerprint(stream)
        session = Session(stream, DOMAINS[ask.domain].task(ask.task), Cache(corpus / "tools.sqlite"))
        planned[ask.id] = rollout(pack.state(ask, DOMAINS[ask.domain]), session, Planner())
    shutil.move(corpus, root / "copy")
    return Kept(folder, root / "copy", traces, planned, prints)
