"""Is every manoeuvre named by what the camera did, and does the answer say the same?"""

from dataclaw import Finding, Score, rule
from dataclaw.rewards import anchors_of

from .plans import DOES, clip


@rule("dashcam.agrees")
def agrees(case):
    """Share of the manoeuvres that their one motion shows, half of it where frames or the answer do not agree."""
    told = case.draft["manoeuvres"]
    right = sum([one["does"]] == [DOES.get(a.attrs.get("camera")) for a in anchors_of(one, case)] for one in told)
    honest = case.draft["answer"]["text"] == f"Next it {', then '.join(one['does'] for one in told)}."
    whole = all({**one, **clip(a)} == one for one in (case.draft["input_video"], *told) for a in anchors_of(one, case))
    value = right / len(told) * (1.0 if honest and whole else 0.5)
    return Score(value, (Finding("/manoeuvres", f"{right} of {len(told)} are what was seen", agrees.name, value),))
