"""What belongs to a topic without saying its word: "chop the onion" is the soup's, where a draft says so.

Nobody narrates "chop the onion for the soup". A draft that keeps such a narration under the intent "only the soup" has
to say that it belongs there: a thought of its reasoning that names the topic and cites the narration, or the step
around it, as the table has it, that tells the topic. So what is kept stays accounted for, one narration at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from dataclaw.domains.daily.intents import stems
from dataclaw.domains.daily.reading import cited, entries_of, is_narration, table, words_of
from dataclaw.rewards.base import Case
from dataclaw.types import Json


def tied_to_topics(topics: frozenset[str], draft: Mapping[str, Json], case: Case) -> frozenset[str]:
    """Ids of the narrations that are tied to one of the topics.

    Args:
        topics: stems, as `intents.ActivityIntent` has them.
        draft: the draft, whose `cot` may tie.
        case: what is judged; its anchors are what was seen.
    """
    found = {
        a.id for t in entries_of(draft.get("cot")) if topics & stems(str(t.get("text") or "")) for a in cited(t, case)
    }
    told = [anchor for anchor in case.anchors.values() if is_narration(anchor)]
    heads = {anchor.id for anchor in told if topics & stems(words_of(anchor))} | found
    for anchor in told:
        parent = table(anchor.attrs.get("details")).get("parent")
        if isinstance(parent, int) and f"e{parent}" in heads:
            found.add(anchor.id)
    return frozenset(found)
