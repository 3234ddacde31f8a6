"""What the car does next, read off the motion of its camera."""

from dataclaw.planning import ask, decline, statement, submit

DOES = {"forward": "drives on", "backward": "backs up", "static": "stands",
        "pan left": "turns left", "pan right": "turns right"}  # fmt: skip


def clip(span):
    return {"cite": [span.id], "start": span.attrs["first_frame"], "end": span.attrs["last_frame"]}


def plan_ahead(_brief):
    spans = [a for a in (yield from ask("track_motion")).anchors if a.attrs.get("camera") in DOES][:9]
    if len(spans) < 2:
        raise decline("the car does the same from start to end", "Choose a drive in which it turns or stops.")
    next_ones = [{**clip(span), "does": DOES[span.attrs["camera"]]} for span in spans[1:]]
    words = f"Next it {', then '.join(one['does'] for one in next_ones)}."
    answer = statement(words, [span.id for span in spans[1:]])
    yield from submit({"input_video": clip(spans[0]), "manoeuvres": next_ones, "answer": answer})


PLANS = {"plan_ahead": plan_ahead}
