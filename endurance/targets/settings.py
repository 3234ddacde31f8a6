"""What people write: settings, recipes, studies, domains with their schemas and fixtures, prices, rules; and drafts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from endurance.target import FuzzTarget
from endurance.targets.opening import ROOT, copies, files, put

CHESS = ROOT / "examples" / "domain_chess" / "domain_chess"
RUN = ('[run]\ndomain = "gui"\nintent = "list the clicks"\nmodel = "planner"\nsamples = 2\n'
       'temperature = 0.5\nconcurrency = 2\n')  # fmt: skip
PLUGINS = '[domains.gui]\nenabled = true\n[domains.education]\nadapter = "a.gguf"\n'
PRICES = '[prices."openai:m"]\nread = 1.5\nwrote = 3\ncached = 0.1\ndate = "2026-01-01"\n'
RULES = '[tasks."gui.action_list"]\nrules = [{ rule = "json", term = "format", weight = 0.5 }]\n'
CORPUS = 'worlds = ["talk"]\nstreams = 2\nasks = 3\nnear = 0.9\nvalidation = 0.1\n'
SCHEMA = {"type": "object", "properties": {
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1, "maxItems": 9},
    "why": {"type": "string", "minLength": 1, "pattern": "^[a-z ]+$"}}, "required": ["steps"],
    "additionalProperties": False, "$defs": {"step": {"type": "object", "properties": {
        "cite": {"type": "array", "items": {"type": "string", "x-ref": "anchor"}},
        "verb": {"enum": ["click", "write"]}, "t": {"type": "number", "minimum": 0}},
        "required": ["cite"]}}}  # fmt: skip
DRAFT = '{"tool": "submit", "args": {"draft": {"steps": [{"cite": ["e0"], "verb": "click", "t": 0.5}], "why": "so"}}}'


def read_settings(file: Path) -> None:
    """The settings of a run, as `dataclaw run --config` takes them."""
    from dataclaw.cli.run import read_settings as read
    from dataclaw.config import RunConfig
    from dataclaw.strict import check

    check(read(file), RunConfig, str(file))


def _recipe(file: Path) -> None:
    from dataclaw.train.config import read_config

    read_config(file, data={"seed": 1}).digest()


def _study(folder: Path) -> None:
    from dataclaw.evals.study.config import read_study

    read_study(folder / "study.toml")


def _studies(folder: Path) -> None:
    for name in ("study", "chooser-study"):
        shutil.copytree(ROOT / "configs", folder / name, ignore=lambda _, names: [n for n in names if "." not in n])
        (folder / name / f"{name}.toml").rename(folder / name / "study.toml")


def _registry(file: Path) -> None:
    from dataclaw.plugins.find import find_plugins

    find_plugins(file)


def _prices(file: Path) -> None:
    from dataclaw.models.prices import find_price

    find_price("openai:m", file, listed=False)


def _rules(file: Path) -> None:
    from dataclaw.run.rescore import read_rules

    read_rules(file)


def _models(file: Path) -> None:
    from dataclaw.evals.lineup import read_lineup

    read_lineup(str(file), {})


def _corpus(file: Path) -> None:
    from dataclaw.corpus.config import read_config

    read_config(file, streams=1)


def _downstream(file: Path) -> None:
    from dataclaw.evals.downstream.config import read_task

    read_task(str(file))


def _index(folder: Path) -> None:
    from dataclaw.models.adapter_index import read_index

    read_index(folder).scores("gui")


def _domains(folder: Path) -> None:
    for name in ("gui", "education"):
        source = ROOT / "dataclaw" / "domains" / name
        put(folder / name, {"domain.toml": (source / "domain.toml").read_bytes()})
    put(folder / "chess", {"domain.toml": (CHESS / "domain.toml").read_bytes()})


def read_domain(folder: Path) -> None:
    """A domain's manifest, as it is loaded and as `domain check` reads it."""
    from dataclaw.errors import ConfigError
    from dataclaw.kit.manifest import read_declaration
    from dataclaw.kit.report import Notes
    from dataclaw.plugins.find import Plugin, read_manifest

    read_declaration(Plugin(folder.name, folder, None, "path given"), Notes())
    try:
        read_manifest(folder)
    except ConfigError:
        return


def read_declared(folder: Path) -> None:
    """All that a domain declares, with the code that is installed."""
    from dataclaw.plugins.find import Plugin
    from dataclaw.plugins.load import load_plugin

    load_plugin(Plugin("education", folder, "dataclaw.domains.education", "path given"))


def _declared(folder: Path) -> None:
    source = ROOT / "dataclaw" / "domains" / "education"
    shutil.copytree(source, folder / "education", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "education" / "fixtures.jsonl").write_text("")


def _schema(file: Path) -> None:
    from dataclaw.schema.load import load_schema

    load_schema(file)


def _fixtures(file: Path) -> None:
    from dataclaw.kit.fixtures import read_fixtures, stream_of

    for row in read_fixtures(file):
        stream_of(row)


def _short_fixtures(folder: Path) -> None:
    for name in ("domain_chess/domain_chess", "domain_dashcam/domain_dashcam"):
        lines = (ROOT / "examples" / name / "fixtures.jsonl").read_text(encoding="utf-8").splitlines()
        put(folder, {f"{name.partition('/')[0]}.jsonl": "\n".join(sorted(lines, key=len)[:2]) + "\n"})


def _pinned(file: Path) -> None:
    from dataclaw.plugins.carried import read_pinned

    read_pinned(file)


def _draft(file: Path) -> None:
    from dataclaw.agent.steps import parse_action
    from dataclaw.schema import problems

    action = parse_action(file.read_bytes().decode("utf-8", "replace"))
    problems(action.args.get("draft"), SCHEMA)


def _of(name: str, make: Callable[[Path], object], read: Callable[[Path], None], share: int = 8) -> FuzzTarget:
    return FuzzTarget(f"settings {name}", make, read, share)


TARGETS = (
    _of("run", files(run_toml=RUN), read_settings),
    _of("plugins", files(plugins_toml=PLUGINS), _registry),
    _of("recipes", copies("configs/chooser.toml", "configs/omni.toml", "configs/expert.toml"), _recipe),
    FuzzTarget("settings studies", _studies, _study, 6, files=("study.toml",)),
    _of("prices", files(prices_toml=PRICES), _prices),
    _of("rules", files(rules_toml=RULES), _rules),
    _of("models", copies("configs/models.toml"), _models),
    _of("corpus", files(corpus_toml=CORPUS), _corpus),
    _of(
        "downstream",
        copies(*(f"dataclaw/evals/downstream/tasks/{name}.toml" for name in ("gui", "vqa"))),
        _downstream,
        4,
    ),
    _of("adapters", copies("dataclaw/models/adapters"), _index, 4),
    FuzzTarget("domain manifest", _domains, read_domain, 8),
    FuzzTarget("domain declared", _declared, read_declared, 8, files=("domain.toml", "*.json", "*.md")),
    FuzzTarget("domain schema", files(steps_json=json.dumps(SCHEMA)), _schema, 20),
    FuzzTarget("domain fixtures", _short_fixtures, _fixtures, 8),
    FuzzTarget("domain pinned", copies("examples/domain_chess/domain_chess/pinned/chess-1.json"), _pinned, 4),
    FuzzTarget("draft", files(draft_json=DRAFT), _draft, 30, refuses=(ValueError,)),
)
