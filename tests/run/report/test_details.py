from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.run.report.details import lanes
from dataclaw.run.report.records import AnchorRecord, DroppedRecord


def event(t0: float, t1: float | None = None, part: str = "") -> AnchorRecord:
    return AnchorRecord(kind="event", t0=t0, t1=t0 if t1 is None else t1, part=part)


def dropped(name: str) -> DroppedRecord:
    return DroppedRecord(event=name, what="click", reason="other_window")


def test_events_are_cited_left_out_or_only_seen():
    known = {"e2": event(5), "e0": event(1), "e1": event(3, 4)}
    [lane] = lanes(known, {"e0"}, [dropped("e1"), dropped("e9")], (0.0, 10.0))
    assert [(e["id"], e["use"], e["reason"]) for e in lane["events"]] == [
        ("e0", "cited", ""),
        ("e1", "left_out", "other_window"),
        ("e2", "seen", ""),
    ]
    assert (lane["t0"], lane["t1"]) == (0.0, 10.0)
    assert lane["unplaced"] == 1, "e9 was never listed: its time is not known"


def test_fragments_have_a_lane_each_with_their_own_time():
    known = {"A.e0": event(1, part="A"), "B.e3": event(40, part="B"), "l1": AnchorRecord(kind="link", t0=0, t1=0)}
    parts = lanes(known, {"A.e0"}, [dropped("C.e1")], (0.0, 0.0))
    assert [(lane["part"], lane["t1"], lane["unplaced"]) for lane in parts] == [
        ("A", 1.0, 0),
        ("B", 40.0, 0),
        ("C", 0, 1),
    ]


def test_windows_in_front_are_spans():
    known = {"w1": AnchorRecord(kind="window", content="Mail", t0=2, t1=6), "e0": event(3)}
    [lane] = lanes(known, set(), (), None)
    assert lane["windows"] == [{"name": "Mail", "t0": 2.0, "t1": 6.0}]
    assert (lane["t0"], lane["t1"]) == (0.0, 6.0)


times = st.floats(-1e6, 1e6)


@given(
    st.dictionaries(
        st.text(max_size=4), st.builds(AnchorRecord, kind=st.sampled_from(["event", "text"]), t0=times, t1=times)
    )
)
def test_every_event_lies_inside_its_lane(known: dict[str, AnchorRecord]):
    for lane in lanes(known, set(known), (), None):
        assert lane["t0"] <= lane["t1"]
        for tick in lane["events"]:
            assert lane["t0"] <= tick["t0"] <= lane["t1"]
            assert tick["t0"] <= tick["t1"]
