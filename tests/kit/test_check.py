"""The check itself: warnings explained, code left alone, what rules say together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataclaw.errors import UsageError
from dataclaw.kit.check import check_here
from dataclaw.kit.fixture_trial import contradictory_pairs, dead_rules, differing_parts
from dataclaw.kit.report import Notes, Problem, Report
from dataclaw.plugins import plugin_at
from tests.kit.own_rule import new_domain_with_rule


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return new_domain_with_rule("shop", tmp_path)


def checked(path: str, *, code: bool = True) -> Report:
    """The check in this process, where nothing ends or hangs it: `test_child` has the one in a process of its own."""
    return check_here(plugin_at(path), code=code)


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_a_warning_is_explained_by_its_name_and_an_idle_explanation_is_one_itself(session: Path) -> None:
    edit(session / "rules.py", "from dataclaw import", "from dataclaw.rewards import Score as _\nfrom dataclaw import")
    with (session / "rules.py").open("a") as file:
        file.write(
            '\n\n@rule("shop.spare")\ndef spare(case: Case) -> Score:\n    """Never used."""\n    return Score(0.0)\n'
        )
    (warning,) = checked(str(session)).problems
    assert (warning.level, warning.name, warning.file) == ("warning", "idle:shop.spare", "rules.py")
    edit(
        session / "domain.toml",
        "[budget]",
        '[explained]\n"idle:shop.spare" = "kept for later"\n"dead:x:y" = "?"\n\n[budget]',
    )
    idle, explained = checked(str(session)).problems
    assert (explained.level, explained.because) == ("explained", "kept for later")
    assert idle.message == '"dead:x:y" explains a warning that there is none of.'
    assert idle.place == "domain.toml:12"


def test_a_byte_that_is_not_utf8_is_placed_and_a_byte_order_mark_is_none(session: Path) -> None:
    manifest = session / "domain.toml"
    text = manifest.read_text()
    manifest.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert checked(str(session)).is_sound
    manifest.write_bytes(text.replace("[budget]", "# caf\xe9\n[budget]").encode("latin-1", "replace"))
    (problem,) = checked(str(session)).problems
    line = text[: text.index("[budget]")].count("\n") + 1
    assert (problem.place, problem.message) == (
        f"domain.toml:{line}",
        "not UTF-8: byte 0xe9 (invalid continuation byte).",
    )
    manifest.write_text(text)
    prompt = session / "prompts" / "shop.md"
    prompt.write_bytes(b"one\ntwo \xff")
    (problem,) = checked(str(session)).problems
    assert problem.place == "prompts/shop.md:2"


def test_nothing_is_imported_before_the_manifest_is_valid(session: Path, tmp_path: Path) -> None:
    for name in ("rules", "plans", "tools", "loaders"):
        (session / f"{name}.py").write_text(f"import pathlib\n\npathlib.Path({str(tmp_path / 'touched')!r}).touch()\n")
    edit(session / "domain.toml", "api = 1", "api = 2")
    assert not checked(str(session)).is_sound
    edit(session / "domain.toml", "api = 2", "api = 1")
    bare = checked(str(session), code=False)
    assert bare.is_sound
    assert {problem.subject for problem in bare.of("warning")} == {
        "rule shop.complete", "rules.py", "tools.py", "plans.py", "loaders.py",
    }  # fmt: skip
    assert not (tmp_path / "touched").exists()
    checked(str(session))
    assert (tmp_path / "touched").exists(), "with code it is"


def test_a_link_out_of_the_folder_is_refused(session: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.json"
    outside.write_text((session / "schemas/list_moments.json").read_text())
    (session / "schemas/list_moments.json").unlink()
    (session / "schemas/list_moments.json").symlink_to(outside)
    report = checked(str(session))
    assert "leads out of the plugin's folder" in str(report.of("error")[0])


def test_a_folder_without_a_manifest_and_a_name_without_a_domain(tmp_path: Path) -> None:
    assert "there is no domain.toml" in str(checked(str(tmp_path)).problems[0])
    with pytest.raises(UsageError, match="no folder"):
        checked("./nowhere")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[" * 5000, b"name = 1\nname = 2", b"a = 1979-99-99", b""])
def test_hostile_manifests_are_errors_with_a_line(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "domain.toml").write_bytes(data)
    report = checked(str(tmp_path))
    assert not report.is_sound
    assert all(problem.line >= 1 for problem in report.problems)


@pytest.mark.parametrize("line", ["{" * 3000, "\x00", '{"task": NaN}', '{"a": 1, "a": 2}', '"x"', "{}" * 100_000])
def test_hostile_fixtures_are_errors_with_their_line(line: str, session: Path) -> None:
    with (session / "fixtures.jsonl").open("a") as file:
        file.write(line + "\n")
    (error,) = checked(str(session)).of("error")
    assert error.place == "fixtures.jsonl:2"


def test_an_over_long_cite_is_not_hidden_by_a_good_one(session: Path) -> None:
    edit(session / "rules.py", "cited[name] != 1", "not cited[name]")
    names = {problem.name for problem in checked(str(session)).of("error")}
    assert names == {"hackable:list_moments:duplicated", "hackable:list_moments:everything cited"}


def test_the_report_is_plain_json(session: Path) -> None:
    said = json.loads(json.dumps(checked(str(session)).to_json()))
    assert said["passed"]
    assert said["tried"][0] == {
        "task": "list_moments", "line": 1, "draft": "gold", "total": 1.0, "margin": 0.0, "held": [], "accepted": True,
    }  # fmt: skip


def test_rules_that_never_vary_and_rules_that_oppose() -> None:
    scores = {"a": [0.0, 0.5, 1.0, 0.2], "b": [1.0, 0.5, 0.0, 0.8], "c": [1.0, 1.0, None, 1.0], "d": [None] * 4}
    assert dead_rules(scores) == [("c", 1.0), ("d", None)]
    assert contradictory_pairs(scores) == [("a", "b")]
    assert contradictory_pairs({"a": [0.0, 1.0, None, None], "b": [1.0, 0.0, 1.0, 1.0]}) == [], "two drafts say nothing"


def test_what_came_out_differently_is_named() -> None:
    def trial(score: float, plan: int) -> dict[str, object]:
        verdict = {"total": score, "scores": {"a": score, "b": 1.0}, "findings": []}
        return {"verdicts": {"gold": verdict}, "plan": plan}

    assert differing_parts(trial(0.5, 1), trial(0.5, 1)) == set()
    assert differing_parts(trial(0.5, 1), trial(0.6, 1)) == {"a"}
    assert differing_parts(trial(0.5, 1), trial(0.5, 2)) == {"the plan"}


def test_problems_are_told_once_errors_first() -> None:
    notes = Notes()
    notes.warn("dead", "w", subject="x")
    for _ in range(2):
        notes.error("gold", "e", file="f", line=3)
    found = notes.finish({}, 0)
    assert [problem.level for problem in found] == ["error", "warning"]
    assert str(found[0]) == "f:3: e"
    assert Report("d", found).is_sound is False
    assert Problem("dead", "m", task="t", subject="s").name == "dead:t:s"
