import json
from pathlib import Path

import pytest

import pyautogui_trace_parsers
from pyautogui_trace_parsers import TraceError, UnknownFormat, detect, formats, parse, parse_many, read_media
from pyautogui_trace_parsers.__main__ import main
from pyautogui_trace_parsers.formats import KINDS, Format, registry

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "gui"


def test_the_public_face():
    assert sorted(pyautogui_trace_parsers.__all__) == [
        "BrokenTrace",
        "Event",
        "Outcome",
        "Screen",
        "Scroll",
        "Source",
        "Space",
        "Target",
        "Trace",
        "TraceError",
        "UnknownFormat",
        "Video",
        "detect",
        "formats",
        "media_path",
        "parse",
        "parse_many",
        "read_media",
        "to_agentnet_jsonl",
        "to_pyautogui",
        "to_uitars",
    ]
    assert all(hasattr(pyautogui_trace_parsers, name) for name in pyautogui_trace_parsers.__all__)


def test_every_format_keeps_the_contract():
    for name, module in registry().items():
        assert isinstance(module, Format)
        assert name == module.NAME
        assert "\n" not in module.SUMMARY
        assert module.refuses(Path("/nowhere")), "what is not there is nobody's"
    assert list(formats()) == list(KINDS)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("agentnet_raw", "agentnet_raw"),
        ("agentnet_raw/events.jsonl", "pynput_log"),
        ("agentnet/tasks.jsonl", "agentnet"),
        ("agentnetbench/task.json", "agentnetbench"),
        ("osworld", "osworld"),
        ("osworld/traj.jsonl", "osworld"),
        ("screenagent", "screenagent"),
        ("pc_tracker/log.jsonl", "pc_tracker"),
        ("uitars/steps.txt", "uitars"),
        ("uitars/steps.json", "uitars"),
        ("showui/answers.txt", "showui"),
        ("pynput_log/recording.json", "pynput_log"),
        ("pynput_log/listener.jsonl", "pynput_log"),
        ("pyautogui_script/note.txt", "pyautogui_script"),
    ],
)
def test_one_format_claims_each_fixture_whatever_its_name(tmp_path: Path, path: str, name: str):
    assert detect(FIXTURES / path) == name
    if (FIXTURES / path).is_file():
        copy = tmp_path / "renamed.bin"
        copy.write_bytes((FIXTURES / path).read_bytes())
        if name != "osworld":
            assert detect(copy) == name


def test_an_unknown_file_names_every_refusal(tmp_path: Path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(UnknownFormat) as caught:
        detect(tmp_path / "a.txt")
    assert [name for name, reason in caught.value.tried if reason] == list(KINDS)
    assert "agentnet_raw: " in str(caught.value)


def test_two_claims_are_an_error_with_a_remedy():
    error = UnknownFormat("a", [("one", ""), ("two", ""), ("three", "no")])
    assert "one and two all claim" in str(error)
    assert "format='one'" in error.remedy


def test_a_format_can_be_named_and_a_wrong_name_is_an_error():
    assert parse(FIXTURES / "pyautogui_script" / "note.txt", "pyautogui_script").format == "pyautogui_script"
    with pytest.raises(TraceError, match="no format 'nope'"):
        parse(FIXTURES / "pyautogui_script" / "note.txt", "nope")
    with pytest.raises(TraceError, match="does not exist"):
        parse("/no/such/file")


def test_several_traces_need_parse_many():
    path = FIXTURES / "agentnet" / "tasks.jsonl"
    with pytest.raises(TraceError, match="parse_many"):
        parse(path)
    assert [trace.trace_id for trace in parse_many(path)] == ["note-1", "note-2"]
    assert [trace.format for trace in parse_many(FIXTURES / "screenagent")] == ["screenagent"]


def test_media_are_read_from_inside_the_trace_only():
    trace = parse(FIXTURES / "screenagent")
    assert read_media(trace, trace.screens[0].file) == b"not really a picture\n"
    for file in ("../osworld/traj.jsonl", "/etc/passwd", "images/none.jpg"):
        with pytest.raises(TraceError):
            read_media(trace, file)


def test_the_table_is_aligned_and_names_problems(capsys: pytest.CaptureFixture[str]):
    assert main([str(FIXTURES / "agentnet_raw")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "agentnet_raw  agentnet_raw  5 events  0 screens  800x600 px"
    assert lines[1].split() == ["#", "t", "[s]", "action", "where", "what", "target", "line"]
    column = lines[1].index("action")
    assert [line[column:].split()[0] for line in lines[2:7]] == ["double_click", "write", "press", "scroll", "drag"]
    assert lines[7] == "2 problems:"


def test_json_lines_hold_every_event(capsys: pytest.CaptureFixture[str]):
    assert main([str(FIXTURES / "agentnet" / "tasks.jsonl"), "--jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["trace"], row["verb"]) for row in rows] == [
        ("note-1", "click"),
        ("note-1", "drag"),
        ("note-1", "other"),
        ("note-1", "terminate"),
        ("note-2", "scroll"),
    ]


def test_the_list_names_every_format(capsys: pytest.CaptureFixture[str]):
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == list(KINDS)


@pytest.mark.parametrize(
    "arguments", [["/no/such/file"], [], [str(FIXTURES / "uitars" / "steps.txt"), "--format", "x"]]
)
def test_errors_go_to_stderr_and_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")


def test_a_trace_cannot_control_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "a.py"
    path.write_text("pyautogui.write('\\x1b[31mred\\u202e' + '')".replace(" + ''", ""))
    assert main([str(path)]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="no sample data beside the checkout")
def test_every_real_sample_is_claimed_by_exactly_one_format():
    paths = [SHARED / "agentnet_raw_windows_settings", *sorted((SHARED / "screenagent").iterdir())]
    paths += [*SHARED.glob("agentnet_pyautogui_settings/*.jsonl"), *SHARED.glob("agentnetbench_*/*.json")]
    names = [detect(path) for path in paths]
    assert names == ["agentnet_raw", *["screenagent"] * 4, "agentnet", "agentnetbench"]
