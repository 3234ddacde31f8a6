"""Final Cut Pro 7 XML, harmless and otherwise."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.streams.sources import survey
from dataclaw.types import Stream

pytest.importorskip("opentimelineio")

RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
FILE = (
    f'<file id="f1"><name>a.mov</name><pathurl>file://localhost/x/a.mov</pathurl>{RATE}<duration>200</duration></file>'
)


def item(number: int, name: str, start: int, end: int, more: str = "", source: int = 0) -> str:
    media = FILE if number == 1 else '<file id="f1"/>'
    return (
        f'<clipitem id="c{number}"><name>{name}</name><duration>200</duration>{RATE}<start>{start}</start>'
        f"<end>{end}</end><in>{source}</in><out>{source + end - start}</out>{media}{more}</clipitem>"
    )


def opened(tmp_path: Path, items: str, head: str = "<!DOCTYPE xmeml>", rate: str = RATE) -> Stream:
    path = tmp_path / "cut.xml"
    path.write_text(
        f'<?xml version="1.0"?>{head}<xmeml version="5"><sequence id="s1"><name>Cut</name>{rate}'
        f"<media><video><track>{items}</track></video></media></sequence></xmeml>"
    )
    return open_stream(path)


def test_clips_speed_and_what_is_switched_off(tmp_path: Path) -> None:
    remap = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>"
        "<parameterid>speed</parameterid>"
        "<value>50</value></parameter></effect></filter>"
    )
    stream = opened(
        tmp_path, item(1, "A", 0, 50, source=10) + item(2, "B", 75, 100, "<enabled>FALSE</enabled>" + remap)
    )
    assert [(e.kind, e.text, e.t0, e.t1) for e in stream.events] == [
        ("clip", "A", 0.0, 2.0),
        ("gap", "", 2.0, 3.0),
        ("clip", "B", 3.0, 4.0),
    ]
    first, second = stream.events[0], stream.events[2]
    assert (first.attrs["media"], first.attrs["source_in"], first.attrs["speed"]) == ("a.mov", 0.4, 1.0)
    assert (second.attrs["enabled"], second.attrs["speed"], second.attrs["source_out"]) == (False, 0.5, 0.5)
    assert (stream.format, stream.kind, stream.meta["rate"]) == ("fcp7", "timeline", 25.0)


def test_overlapping_clips_are_named(tmp_path: Path) -> None:
    stream = opened(tmp_path, item(1, "A", 0, 50) + item(2, "B", 40, 90))
    assert "Clips 'A' and 'B' overlap on one track by 10 frames; they are laid end to end." in stream.problems


BOMB = "<!DOCTYPE xmeml [" + "".join(
    f'<!ENTITY e{k} "{f"&e{k - 1};" * 10 if k else "lol"}">' for k in range(10)
) + "]>"  # fmt: skip


@pytest.mark.parametrize("head", [BOMB, '<!DOCTYPE xmeml [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'])
def test_entities_are_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(StreamError, match="XML entities"):
        opened(tmp_path, item(1, "&e9;", 0, 50), head)


@pytest.mark.parametrize("rate", ["0", "-25", "many"])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(StreamError, match="timebase"):
        opened(tmp_path, item(1, "A", 0, 50), rate=f"<rate><timebase>{rate}</timebase></rate>")


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (item(1, "A", 0, 50).replace("<start>0", "<start>soon"), "cannot be understood"),
        ("", "holds no clip"),
        ("<b>" * 500 + "</b>" * 500, "nested more than 400"),
        (item(1, "A", 0, 10**9), "h after the start"),
        (item(1, "A", 0, 50) + '<clipitem id="c9"><sequence id="s1"/></clipitem>', "'s1' holds itself"),
    ],
)
def test_what_means_nothing_is_refused(tmp_path: Path, items: str, said: str) -> None:
    with pytest.raises(StreamError, match=said):
        opened(tmp_path, items)


def test_a_file_without_a_sequence_or_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_text("<xmeml version='5'><bin/></xmeml>")
    with pytest.raises(StreamError, match="holds no sequence"):
        open_stream(path)
    path.write_text("<xmeml version='5'><bin>")
    with pytest.raises(StreamError, match="is not XML"):
        open_stream(path)


def test_sequences_that_multiply_one_another_are_refused(tmp_path: Path) -> None:
    def nested(level: int) -> str:
        inner = f'<clipitem><sequence id="n{level + 1}"/></clipitem>' * 10
        return f'<sequence id="n{level}"><media><video><track>{inner}</track></video></media></sequence>'

    def chained(level: int) -> str:
        return f'<sequence id="n{level}"><media><track><sequence id="n{level + 1}"/></track></media></sequence>'

    chain = "".join(f"<clipitem>{chained(level)}</clipitem>" for level in range(2000))
    with pytest.raises(StreamError, match="more than 400 deep"):
        opened(tmp_path, chain)
    levels = "".join(f"<clipitem>{nested(level)}</clipitem>" for level in range(12))
    with pytest.raises(StreamError, match="grows beyond"):
        opened(tmp_path, levels + '<clipitem><sequence id="n0"/></clipitem>')


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "refused"])
def test_a_file_is_understood_once_however_many_sequences_it_holds(tmp_path: Path, whole: bool) -> None:
    path, count = tmp_path / "many.xml", 2_000
    broken = "" if whole else RATE.replace("25", "0")
    sequences = "".join(f'<sequence id="s{k}"><name>Cut {k}</name>{broken}</sequence>' for k in range(count))
    path.write_text(f'<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5">{sequences}</xmeml>')
    found = survey([path]).roots
    assert len(found) == count
    start = process_time()
    for source, reader in found.items():
        with pytest.raises(StreamError, match="holds no clip" if whole else "timebase of '0'"):
            open_stream(source, reader=reader)
    assert process_time() - start < 60  # some 20 minutes where each sequence has the file read again
