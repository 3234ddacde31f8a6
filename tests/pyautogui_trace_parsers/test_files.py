import json
import math
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyautogui_trace_parsers import TraceError, files
from pyautogui_trace_parsers.look import look
from pyautogui_trace_parsers.record import Record, coordinate, seconds


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path):
    assert files.read_text(write(tmp_path / "a", b"\xef\xbb\xbfhi")) == "hi"


def test_the_first_byte_that_is_not_utf_8_is_named(tmp_path: Path):
    with pytest.raises(TraceError, match="byte 0xff at offset 3"):
        files.read_text(write(tmp_path / "a", b"abc\xff"))


def test_size_is_checked_before_reading(tmp_path: Path):
    with pytest.raises(TraceError, match="has 5 bytes, the limit is 4"):
        files.read_bytes(write(tmp_path / "a", b"12345"), limit=4)


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TraceError, match="not a regular file"):
        files.read_bytes(tmp_path / "pipe")
    assert look(tmp_path / "pipe").kind == "unreadable"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "[1e999]", "1" * 5000])
def test_numbers_that_cannot_be_used_are_refused(text: str):
    with pytest.raises(TraceError, match="number") as caught:
        files.loads(text, "a.json", 7)
    assert caught.value.line == 7


@pytest.mark.parametrize("depth", [files.MAX_DEPTH + 1, 200_000])
def test_deep_nesting_is_refused(depth: int):
    with pytest.raises(TraceError, match="nested"):
        files.loads("[" * depth + "]" * depth, "a.json")


def test_nesting_up_to_the_limit_is_read():
    value = files.loads("[" * 390 + "]" * 390, "a.json")
    assert isinstance(value, list)


def test_half_surrogate_pairs_become_replacement_characters():
    assert files.loads(r'{"\ud83d": ["\ud83d\ude00", "\udc00x"]}', "a") == {"\ufffd": ["\U0001f600", "\ufffdx"]}


def test_a_broken_line_is_named_and_the_lines_before_it_are_read(tmp_path: Path):
    lines = files.read_jsonl(write(tmp_path / "a", b'{"a": 1}\n\n{"a": NaN}\n'))
    assert next(lines) == (1, {"a": 1})
    with pytest.raises(TraceError) as caught:
        next(lines)
    assert caught.value.line == 3


def test_a_line_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 100)
    with pytest.raises(TraceError, match="longer than 100"):
        list(files.read_jsonl(write(tmp_path / "a", b"[" + b" " * 200 + b"]")))


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "b/../../a", "C:\\a", "..\\a", "a\0b", "link/secret",
                                  ".", "./.", "a" * 300, "\u00e9" * 200, "a/" * 3000, "\ud800"])  # fmt: skip
def test_a_path_that_leaves_the_root_is_refused(tmp_path: Path, name: str):
    (tmp_path / "root").mkdir()
    write(tmp_path / "secret", b"")
    (tmp_path / "root" / "link").symlink_to(tmp_path)
    with pytest.raises(TraceError):
        files.inside(tmp_path / "root", name)
    assert not files.is_file_inside(tmp_path / "root", name)


def test_a_link_that_stays_inside_the_root_is_followed(tmp_path: Path):
    write(tmp_path / "a", b"")
    (tmp_path / "b").symlink_to("a")
    assert files.inside(tmp_path, "b") == (tmp_path / "a").resolve()


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_members_are_read_within_limits(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", {"a.txt": b"hello", "folder/b.txt": b""})
    with files.open_archive(path) as archive:
        assert archive.names == ("a.txt", "folder/b.txt")
        assert archive.text("a.txt") == "hello"
        assert archive.head("a.txt", 2) == b"he"
        with pytest.raises(TraceError, match="more than 3 bytes"):
            archive.read("a.txt", limit=3)
        with pytest.raises(TraceError, match="no member"):
            archive.read("c.txt")


@pytest.mark.parametrize("name", ["../a", "/a", "..\\a", "C:/a"])
def test_members_outside_the_archive_are_refused(tmp_path: Path, name: str):
    with pytest.raises(TraceError, match="outside"):
        files.open_archive(zipped(tmp_path / "a.zip", {name: b""}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    with pytest.raises(TraceError, match="times its size"):
        files.open_archive(zipped(tmp_path / "a.zip", {"a": bytes(40 * 2**20)}))


def test_too_many_members_and_links_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MAX_MEMBERS", 2)
    with pytest.raises(TraceError, match="3 members"):
        files.open_archive(zipped(tmp_path / "a.zip", {"a": b"", "b": b"", "c": b""}))
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(TraceError, match="a link"):
        files.open_archive(tmp_path / "b.zip")


def test_gzip_is_limited_once_unpacked(tmp_path: Path):
    import gzip

    path = write(tmp_path / "a.gz", gzip.compress(b"0" * 1000))
    assert files.read_gzip(path, 1000) == b"0" * 1000
    with pytest.raises(TraceError, match="more than 999"):
        files.read_gzip(path, 999)
    with pytest.raises(TraceError, match="whole gzip"):
        files.read_gzip(write(tmp_path / "b.gz", path.read_bytes()[:-9]))


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(
    data=st.binary(max_size=300), magic=st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"{", b"[", b"\xef\xbb\xbf"])
)
def test_a_first_look_never_raises(tmp_path: Path, data: bytes, magic: bytes):
    assert look(write(tmp_path / "any", magic + data)).kind


@QUICK
@given(data=st.binary(max_size=400), at=st.integers(0, 400))
def test_a_damaged_zip_is_a_trace_error(tmp_path: Path, data: bytes, at: int):
    whole = zipped(tmp_path / "a.zip", {"a": b"hello" * 9, "b": b"x"}).read_bytes()
    try:
        with files.open_archive(write(tmp_path / "b.zip", whole[:at] + data + whole[at + len(data) :])) as archive:
            for name in archive.names:
                archive.read(name)
    except TraceError:
        pass


def test_a_zip_with_a_file_without_a_name_is_a_trace_error(tmp_path: Path):
    named = zipped(tmp_path / "a.zip", {"QQ": b"hello"}).read_bytes()
    nameless = write(tmp_path / "b.zip", named.replace(b"QQ", b"\0Q"))  # a name ends where a NUL stands
    with pytest.raises(TraceError, match="outside the archive"), files.open_archive(nameless) as archive:
        archive.read("")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_json_comes_back_as_it_was_written(value: object):
    assert files.loads(json.dumps(value, ensure_ascii=False), "a") == value


def test_a_first_look_tells_kinds_apart(tmp_path: Path):
    kinds = {b'{"a": 1}\n{"a": 2}': "jsonl", b'{"a": 1}': "json", b'{\n"a": 1}': "json", b"{a": "text", b"\0": "binary"}
    for data, kind in kinds.items():
        assert look(write(tmp_path / kind, data)).kind == kind
    assert look(write(tmp_path / "list", b'[{"a": 1}, 2]')).record == {"a": 1}
    assert look(tmp_path / "missing").kind == "unreadable"
    assert "list" in look(tmp_path).names


def test_a_rewritten_file_is_looked_at_again(tmp_path: Path):
    assert look(write(tmp_path / "a", b'{"a": 1}')).record == {"a": 1}
    assert look(write(tmp_path / "a", b'{"a": 22}')).record == {"a": 22}


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, -0.001, True, "3", None, [], 10**400, 1e12])
def test_what_is_not_a_time_is_refused(value: object):
    with pytest.raises(TraceError):
        seconds(value)


@pytest.mark.parametrize("value", [math.nan, -math.inf, False, "3", None, {}, 10**400, 1e10])
def test_what_is_not_a_coordinate_is_refused(value: object):
    with pytest.raises(TraceError):
        coordinate(value)


def test_times_and_coordinates():
    assert (seconds(3), coordinate(-4.5)) == (3.0, -4.5)


def test_a_record_names_its_place_in_every_error():
    record = Record({"n": 1.5, "t": "x", "p": [1], "l": [1, "a"]}, "a.jsonl", 4)
    reads = [
        lambda: record.text("n"),
        lambda: record.text("missing"),
        lambda: record.whole("n"),
        lambda: record.number("t"),
        lambda: record.flag("t"),
        lambda: record.point("p"),
        lambda: record.texts("l"),
        lambda: record.children("l"),
        lambda: record.child("t"),
        lambda: Record([], "a.jsonl", 4),
    ]
    for read in reads:
        with pytest.raises(TraceError) as caught:
            read()
        assert str(caught.value).startswith("a.jsonl:4: ")


def test_defaults_stand_for_missing_and_null_only():
    record = Record({"a": None, "b": 0, "c": ""}, "f", 0)
    assert (record.number("a", 7), record.number("b", 7), record.text("c", "x"), record.text("z", "x")) == (
        7,
        0,
        "",
        "x",
    )
