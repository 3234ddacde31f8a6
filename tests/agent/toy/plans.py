from __future__ import annotations

from collections.abc import Generator

from dataclaw.types import Action, Brief, Observation


def name_events(brief: Brief) -> Generator[Action, Observation, None]:
    seen = yield Action("list_events", {"page": 1})
    steps = [{"cite": [a.id], "verb": a.attrs["verb"]} for a in seen.anchors]
    yield Action("submit", {"draft": {"steps": steps}})


PLANS = {"name_events": name_events}
