"""Is every motion after the input told once, by what the camera did, and does the answer say the same?"""

from dataclaw import Finding, Score, rule

from .plans import DOES  # noqa: TID252 - found installed and from its folder alike


@rule("dashcam.agrees")
def agrees(case):
    """Share of the motions after the input that the next manoeuvre in order names, half of it where the answer lies."""
    told, end = case.draft["manoeuvres"], case.frame_times[case.draft["input_video"]["end"]]
    motions = [a for a in case.anchors.values() if a.kind == "motion" and a.attrs.get("camera") in DOES]
    later = [([a.id], DOES[a.attrs["camera"]]) for a in sorted(motions, key=lambda a: a.t0) if a.t0 >= end - 0.05][:8]
    right = sum(a == (b["cite"], b["does"]) for a, b in zip(later, told, strict=False))
    honest = case.draft["answer"]["text"] == f"Next it {', then '.join(one['does'] for one in told)}."
    value = right / max(len(later), len(told)) * (1.0 if honest else 0.5)
    return Score(value, (Finding("/manoeuvres", f"{right} of {len(later)} motions are told", agrees.name, value),))
