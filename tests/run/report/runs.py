"""Folders of runs for the report's tests, written with the agent's own ledger; screenshots are drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from dataclaw.agent.steps import Draft, State, Turn, action_text, dump_state
from dataclaw.config import RunConfig
from dataclaw.media import Artifacts
from dataclaw.rewards import Score, Verdict
from dataclaw.run.ledger import Ledger, Outcome
from dataclaw.schema import evidence_of, without_citations
from dataclaw.streams import Sampling, open_stream
from dataclaw.types import Action, Anchor, Finding, Intent, Json, Observation, StopReason
from dataclaw.version import __version__

SIZE = (1280, 800)
INTENT = "Turn this recording into clean ordered actions, only what happens in the shop window"
SHOP, MAIL = "Fernhill Supply - Cart", "Mail - Inbox (3)"

BUTTONS = {
    "Add to cart": (880, 420, 1060, 464),
    "Quantity": (880, 350, 960, 390),
    "Search": (360, 96, 900, 132),
    "Checkout": (1000, 640, 1180, 690),
    "Inbox": (40, 160, 240, 190),
}


def screenshot(title: str, lit: str = "", note: str = "") -> np.ndarray:
    """A drawn screen, `(800, 1280, 3)` uint8 RGB."""
    picture = Image.new("RGB", SIZE, "#eef0f3")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 1280, 56), fill="#2b3a4a")
    pen.text((24, 18), title, fill="white", font_size=20)
    pen.rounded_rectangle((300, 180, 820, 700), 10, fill="white", outline="#d0d4da")
    pen.ellipse((420, 270, 700, 560), fill="#9db7c9")
    pen.text((340, 200), "Blue enamel mug, 350 ml", fill="#222", font_size=26)
    pen.text((340, 640), "In stock  -  $12.50", fill="#347a4a", font_size=22)
    for name, box in BUTTONS.items():
        pen.rounded_rectangle(box, 6, fill="#ffd480" if name == lit else "#dfe5ec", outline="#8a93a0")
        pen.text((box[0] + 12, box[1] + 10), name, fill="#1c2733", font_size=18)
    pen.text((900, 760), note, fill="#666", font_size=16)
    return np.asarray(picture, dtype=np.uint8)


def event(index: int, t: float, verb: str, target: str, *, text: str = "", window: str = SHOP) -> Anchor:
    x0, y0, x1, y1 = BUTTONS[target]
    point = ((x0 + x1) / 2, (y0 + y1) / 2)
    content = f'{verb} ({point[0]:.0f},{point[1]:.0f}) "{target}" button' if not text else f'{verb} "{text}"'
    attrs: dict[str, Json] = {"verb": verb, "target": target, "window": window, "text": text}
    return Anchor(
        f"e{index}", "event", content, t, t + 0.1, index, BUTTONS[target], point, source="list_events", attrs=attrs
    )


EVENTS = (
    event(0, 1.2, "click", "Search"),
    event(1, 3.0, "write", "Search", text="blue mug"),
    event(2, 7.4, "click", "Inbox", window=MAIL),
    event(3, 9.9, "click", "Inbox", window=MAIL),
    event(4, 14.2, "click", "Quantity"),
    event(5, 17.5, "click", "Add to cart"),
    event(6, 18.4, "click", "Add to cart"),
    event(7, 24.0, "click", "Checkout"),
)
SEEN = (
    *EVENTS,
    Anchor("w1", "window", SHOP, 0.0, 7.0, source="overview"),
    Anchor("w2", "window", MAIL, 7.0, 13.0, source="overview"),
    Anchor("w3", "window", SHOP, 13.0, 26.0, source="overview"),
    Anchor("t1", "text", "Add to cart", 17.4, 17.4, 5, BUTTONS["Add to cart"], confidence=0.97, source="read_text"),
    Anchor("t2", "text", "Checkout", 23.8, 23.8, 7, BUTTONS["Checkout"], confidence=0.62, source="read_text"),
    Anchor("c1", "change", "4% changed at (880,350)-(1060,464) after e5", 17.4, 18.3, 6, (880, 350, 1060, 464)),
)
ANCHORS = {anchor.id: anchor for anchor in SEEN}


def draft() -> dict[str, Json]:
    """A draft of the task action_sequence, every item with what it cites."""
    used = [EVENTS[i] for i in (0, 1, 4, 5, 7)]
    extra = {"e5": ["t1", "c1"], "e7": ["t2"]}
    effects = {"e5": "the cart counts 1 item", "e1": "results for blue mug are listed"}
    actions = [
        {
            "cite": [e.id, *extra.get(e.id, [])],
            "time": e.t0,
            "frame": e.frame,
            "window": e.attrs["window"],
            "target": e.attrs["target"],
            "verb": e.attrs["verb"],
            "point": list(e.point or ()),
        }
        | ({"text": e.attrs["text"]} if e.attrs["text"] else {})
        | ({"effect": effects[e.id]} if e.id in effects else {})
        for e in used
    ]
    return {
        "cot": [
            {
                "cite": ["w1", "w3"],
                "text": "The shop window is in front twice; between the visits the user reads mail.",
            },
            {"cite": ["e5", "e6", "c1"], "text": "The second click on Add to cart changes nothing on the screen."},
        ],
        "goal": {"cite": ["e1", "e5", "t1"], "text": "Put a blue mug into the cart and go to the checkout"},
        "actions": actions,
        "left_out": [{"cite": ["e2", "e3"], "reason": "other_window"}, {"cite": ["e6"], "reason": "no_effect"}],
    }


def verdict(total: float = 0.936, held: Sequence[str] = ()) -> Verdict:
    found = (Finding("/actions/4/target", '"Checkout" was read with confidence 0.62', "evidence", 0.62),)
    low = (Finding("/actions/2/point", "(920, 370) is 41 px outside of e5's box", "evidence", 0.1),)
    return Verdict(
        total,
        total * 1.7,
        {"format": 1.0, "anchor": round(total - 0.03, 3), "efficiency": None},
        {
            "json": Score(1.0),
            "schema": Score(1.0),
            "evidence": Score(0.2 if held else 0.88, low if held else found),
            "order": Score(1.0),
            "temporal_shape": Score(0.97),
            "gui.scope": Score(1.0),
        },
        tuple(held),
        {"coverage": "ZeroDivisionError: division by zero"},
        {"group_length": "needs a group"},
    )


def state(key: str, written: Json, judged: Verdict, stop: StopReason, *, intent: str = INTENT) -> State:
    """A finished rollout: a look, a list, a draft."""
    turns: list[Turn] = []
    for action, note, pictures in (
        (Action("overview", {}), "gui stream, trace, 26 s, 8 events e0-e7: click 7, write 1", ()),
        (Action("list_events", {"page": 1}), "page 1 of 1\n" + "\n".join(e.content for e in EVENTS), ()),
        (Action("read_text", {"events": [5, 7]}), 't1|17.4|f5|"Add to cart"\nt2|23.8|f7|"Checkout" ~0.62', ()),
    ):
        turns.append(Turn("policy", action_text(action), action, tokens=len(action_text(action)) // 4))
        turns.append(Turn("result", note, observation=Observation(note), pictures=pictures))
    submit = Action("submit", {"draft": written})
    turns.append(Turn("policy", action_text(submit), submit, tokens=600))
    return State(
        key,
        "gui",
        "action_sequence",
        Intent(intent),
        (0.0, 26.0),
        turns=tuple(turns),
        anchors=ANCHORS,
        drafts=(Draft(written, judged),),
        phase="done",
        stop=stop,
    )


def sample(key: str, stream: str, written: dict[str, Json], judged: Verdict, *, repairs: int = 0) -> dict[str, Json]:
    """The record of an accepted draft, as the agent writes it."""
    answer = {name: value for name, value in written.items() if name not in ("cot", "left_out")}
    evidence = {f"/cot/{i}": thought["cite"] for i, thought in enumerate(written["cot"])}
    evidence |= dict(pair for name in answer for pair in evidence_of(written[name], f"/answer/{name}"))
    reasons = {"e2": "other_window", "e3": "other_window", "e6": "no_effect"}
    return {
        "id": key,
        "domain": "gui",
        "task": "action_sequence",
        "intent": asdict(Intent(INTENT)),
        "stream": stream_record(key, stream) | {"window": [0.0, 26.0], "clock": "seconds"},
        "question": INTENT,
        "answer": without_citations(answer),
        "cot": [thought["text"] for thought in written["cot"]],
        "evidence": evidence,
        "anchors": {a.id: _record(a) for a in SEEN if a.id in str(list(evidence.values()))},
        "left_out": {
            "events": 8,
            "count": 3,
            "by_reason": {"other_window": 2, "no_effect": 1},
            "named": [
                {"event": e, "what": ANCHORS[e].content, "window": ANCHORS[e].attrs["window"], "reason": r}
                for e, r in reasons.items()
            ],
        },
        "verdict": judged.to_json(),
        "made_by": {"policy": "planner", "dataclaw": __version__, "attempt": 0, "repairs": repairs},
    }


def rejection(key: str, stream: str, written: Json, judged: Verdict | None, reason: str) -> dict[str, Json]:
    return {
        "id": key,
        "domain": "gui" if judged else None,
        "task": "action_sequence" if judged else None,
        "stream": (stream_record(key, stream) | {"window": [0.0, 26.0]})
        if judged
        else {"id": None, "name": stream, "path": f"traces/{stream}"},
        "place": stream,
        "stop": "repairs_spent" if judged else "stream_error",
        "reason": reason,
        "remedy": "See findings in the verdict." if judged else "Record it again, or remove it from the list.",
        "draft": written,
        "verdict": judged.to_json() if judged else None,
    }


def stream_record(key: str, name: str) -> dict[str, Json]:
    return {"id": key.split("-")[0], "name": name, "format": "agentnet_raw", "path": f"traces/{name}"}


def pictures(out: Path, key: str, note: str) -> tuple[dict[str, Json], ...]:
    """Write the screenshots that a sample cites."""
    frames = {e.frame or 0: (str(e.attrs["window"]), str(e.attrs["target"])) for e in EVENTS}
    return tuple(
        Artifacts(out).picture(key, "", frame, EVENTS[frame].t0 - 0.1, screenshot(*shown, note=note))
        for frame, shown in frames.items()
        if frame in (0, 1, 4, 5, 6, 7)
    )


def write_run(
    out: Path, *, good: int = 3, bad: bool = True, screens: bool = True, written: dict[str, Json] | None = None
) -> Path:
    """A run's folder with `good` samples (the second one repaired) and, if `bad`, two rejections."""
    ledger = Ledger(out)
    ledger.begin(RunConfig(intent=INTENT, domain="gui"), resume=True)
    body = written or draft()
    for i in range(good):
        key = f"{i:016x}-action_sequence-0"
        judged = verdict(0.936 - 0.02 * (i % 5))
        row = sample(key, f"shop_{i:03d}", body, judged, repairs=int(i == 1))
        media = pictures(out, key, f"recording {i}") if screens else ()
        trace = dump_state(state(key, body, judged, StopReason.SUBMITTED))
        ledger.commit(Outcome(f"{i:016x}", f"traces/shop_{i:03d}", (row,), (), media, (trace,)))
    if bad:
        held = verdict(0.31, ["evidence"])
        row = rejection("f" * 16 + "-action_sequence-0", "shop_bad", body, held, "the best of 3 draft(s) failed")
        trace = dump_state(state(str(row["id"]), body, held, StopReason.REPAIRS_SPENT))
        ledger.commit(Outcome("f" * 16, "traces/shop_bad", (), (row,), (), (trace,)))
        reason = "the archive ends in the middle of screenshot 12."
        row = rejection("unread-1", "broken.zip", None, None, reason)
        ledger.commit(Outcome("unread-1", "traces/broken.zip", (), (row,)))
    ledger.export()
    return out


def write_clip_run(out: Path, video: Path) -> Path:
    """A run with one sample that is told in parts, holds data beside its answer, and shows clips and pictures."""
    stream = open_stream(video, sampling=Sampling(max_frames=10, short=10))
    body = {
        "input_video": {"start": 0, "end": 4, "freeze_frame": 2, "freeze_repeat_count": 6},
        "output_video": {"start": 5, "end": 8},
        "output_image": [{"frame": 6}, {"frame": 7}],
    }
    key = "0123456789abcdef-clips-0"
    row = sample(key, "robot", draft(), verdict()) | {
        "answer": "one\n\ntwo",
        "answer_parts": [
            "Go back to this state: <image_recall>",
            "then close the gripper <image_recall>: <video_gen>.",
        ],
        "data": {"family": "approach_stall"},
        "output_image": [6, 7],
        "evidence": {"/answer_parts/0": ["e0"], "/answer_parts/1": ["e1"], "/data/family": ["e4"]},
    }
    ledger = Ledger(out)
    ledger.begin(RunConfig(intent=INTENT, domain="gui"), resume=True)
    media = tuple(Artifacts(out).write(key, body, {}, stream))
    ledger.commit(Outcome("0123456789abcdef", str(video), (row,), (), media))
    ledger.export()
    return out


def _record(anchor: Anchor) -> dict[str, Json]:
    record = {k: v for k, v in asdict(replace(anchor, id="")).items() if v not in (None, "", {})}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in record.items()}
