"""`dataclaw domain`: check, test, new, show and list from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Cli
from tests.kit.own_rule import new_domain_with_rule

TRACE = Path(__file__).parents[2] / "examples" / "traces" / "calendar_only"


def test_new_check_test_show(cli: Cli, tmp_path: Path) -> None:
    made = cli("domain", "new", "shots", "--reads", "video")
    assert made.returncode == 0
    assert "dataclaw domain check ./shots" in made.stdout
    checked = cli("domain", "check", "./shots")
    assert checked.returncode == 0, checked.stdout
    assert "shots passes: 0 errors, 0 warnings, 0 explained" in checked.stdout
    assert "everything cited" in checked.stdout
    tested = cli("domain", "test", "./shots")
    assert tested.returncode == 0
    assert "accepted" in tested.stdout
    shown = cli("domain", "show", "./shots").stdout
    for part in (
        "when [s]",
        "steps 24",
        "path given",
        "complete (anchor, weight 3, passes at 1)",
        "looks itself: detect_changes",
    ):
        assert part in shown
    after = " ".join(shown.partition("complete (anchor")[2].replace("│", "").split())
    assert "Share of the things of some kinds, by the verifier's own look, that the draft tells once" in after


def test_show_tells_what_a_domain_brings(cli: Cli, tmp_path: Path) -> None:
    cli("domain", "new", "bakery", "--reads", "oven_log")
    shown = " ".join(cli("domain", "show", "./bakery").stdout.split())
    assert "loaders └── oven_log: streams of kind oven_log. The recording of that number, from 0; lines" in " ".join(
        word for word in shown.split() if word != "│"
    )
    assert "find_stretches: Find stretches of successive events with the same verb." in shown


def test_errors_give_exit_code_1_and_json_stays_json(cli: Cli, tmp_path: Path) -> None:
    new_domain_with_rule("shots", tmp_path)
    rules = tmp_path / "shots" / "rules.py"
    rules.write_text(rules.read_text().replace("cited[name] != 1", "False") + '\nprint("{")\n')
    done = cli("domain", "check", "./shots", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["passed"]
    hackable = [problem for problem in report["problems"] if problem["name"].startswith("hackable")]
    assert hackable
    assert {problem["file"] for problem in hackable} == {"fixtures.jsonl"}
    assert any(row["draft"] == "gold" and row["accepted"] for row in report["tried"])


def test_a_failing_plan_fails_the_test(cli: Cli, tmp_path: Path) -> None:
    cli("domain", "new", "shots")
    plans = tmp_path / "shots" / "plans.py"
    plans.write_text(plans.read_text().replace("for anchor in found]", "for anchor in found[1:]]"))
    done = cli("domain", "test", "./shots", "--json")
    assert done.returncode == 1
    (row,) = json.loads(done.stdout)
    assert "e0 (click at 0.00) is cited 0 times" in row["why"]


def test_a_rule_that_breaks_is_told_wherever_drafts_are_judged(cli: Cli, tmp_path: Path) -> None:
    new_domain_with_rule("shots", tmp_path)
    (tmp_path / "plugins.toml").write_text('[domains.shots]\npath = "shots"\n')
    rules = tmp_path / "shots" / "rules.py"
    rules.write_text(rules.read_text().replace("    there =", '    raise KeyError("boo")\n    there ='))
    asked = ("run", "--domain", "shots", "--intent", "list every moment with its time", TRACE)

    tested = cli("domain", "test", "./shots", "--json")
    assert tested.returncode == 1
    (row,) = json.loads(tested.stdout)
    assert row["why"] == "accepted, but rule shots.complete of plugin shots failed: KeyError: 'boo'"
    done = cli(*asked, "--out", "loud")
    assert done.returncode == 0
    assert "broken rule shots.complete failed on 1 draft: KeyError: 'boo'" in done.stdout
    assert "Broken: rule shots.complete failed on 1 draft" in (tmp_path / "loud" / "report.html").read_text()

    manifest = tmp_path / "shots" / "domain.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace('rule = "shots.complete"', 'rule = "shots.complete", gate = true'))
    done = cli(*asked, "--out", "shut", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["rejected"][0]["reason"].startswith("the draft cannot be judged: gate shots.complete of plugin shots")
    assert told["broken_rules"] == ["rule shots.complete failed on 1 draft: KeyError: 'boo'"]


def test_plugins_toml_is_shown_and_code_can_be_left_out(cli: Cli, tmp_path: Path) -> None:
    new_domain_with_rule("shots", tmp_path)
    (tmp_path / "plugins.toml").write_text(
        '[domains.shots]\npath = "shots"\nbudget = { steps = 7 }\nmodel = "embedded"\n'
    )
    shown = cli("domain", "show", "shots").stdout
    assert 'plugins.toml says {"path": "shots", "budget": {"steps": 7.0}' in shown.replace("\n", " ")
    assert "steps 7" in shown
    (tmp_path / "shots" / "rules.py").write_text("raise SystemExit(9)")
    bare = cli("domain", "show", "shots", "--no-plugin-code").stdout
    assert "counts as missing: rule shots.complete" in bare
    checked = cli("domain", "check", "shots", "--no-plugin-code")
    assert checked.returncode == 0
    assert "rule shots.complete is code of a plugin and was not looked at" in checked.stdout


def test_a_broken_domain_does_not_hide_the_others(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "domain.toml").write_text("name = ")
    (tmp_path / "plugins.toml").write_text('[domains.torn]\npath = "torn"\n[domains.odd]\npath = "odd"\n')
    cli("domain", "new", "odd")
    manifest = tmp_path / "odd" / "domain.toml"
    manifest.write_text(manifest.read_text().replace('summary = "', 'summary = "[red]\\u202e', 1))
    listed = cli("domain", "list")
    assert "[red]\\u202e" in listed.stdout
    assert listed.returncode == 0
    assert "broken" in listed.stdout
    assert "gui" in listed.stdout


def test_what_a_plugin_says_can_neither_colour_nor_turn_the_console(cli: Cli, tmp_path: Path) -> None:
    """A manifest may hold escape codes and marks that turn the writing around, wherever it has words."""
    cli("domain", "new", "odd")
    manifest = tmp_path / "odd" / "domain.toml"
    text = manifest.read_text()
    evil = "\\u001b[31mX\\u202eY[red]Z"
    text = text.replace('summary = "', f'summary = "{evil}').replace("intents = [", f'intents = [ "{evil}",')
    manifest.write_text(text)
    for command in (("domain", "show", "./odd"), ("domain", "check", "./odd"), ("domain", "test", "./odd")):
        shown = cli(*command)
        assert not {"\x1b", "\u202e"} & set(shown.stdout + shown.stderr), command
    assert cli("domain", "show", "./odd").stdout.count("\\x1b[31mX\\u202eY[red]Z") == 3  # of it, its task, an intent


def test_wrong_usage_is_exit_code_2(cli: Cli, tmp_path: Path) -> None:
    assert cli("domain", "check", "./nothing").returncode == 2
    assert "no domain 'guy'" in cli("domain", "test", "guy").stderr
    assert cli("domain", "new", "Not A Name").returncode == 2
    cli("domain", "new", "shots")
    assert "For the folder say ./shots" in cli("domain", "check", "shots").stderr


def test_a_printing_plugin_does_not_corrupt_the_json_of_a_run(cli: Cli, tmp_path: Path) -> None:
    new_domain_with_rule("shots", tmp_path)
    (tmp_path / "plugins.toml").write_text('[domains.shots]\npath = "shots"\n')
    for name, marker in (("rules", "    there ="), ("plans", "    found =")):
        file = tmp_path / "shots" / f"{name}.py"
        file.write_text(file.read_text().replace(marker, f'    print("{{ {name}")\n{marker}') + '\nprint("import")\n')
    done = cli("run", "--domain", "shots", "--intent", "list every moment with its time", "--json", TRACE)
    assert json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "{ rules" in (tmp_path / "out" / "dataclaw.log").read_text()
