"""What fragments of one task hand on to each other: a number, a name, a title that one shows and another one writes.

Who does another thing in the same applications uses the same buttons and pages, but other names and numbers. So what
fragments hand on tells which of them belong together, and which one must come first; so do counters in titles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.domains.gui.fragments import Fragment
from dataclaw.domains.gui.recording import FIELDS, Step
from dataclaw.types import Anchor

LONGEST, SHORTEST = 6, 3
"""Most words of a name that may be handed on, and fewest characters of one."""
CHAIN = 3
"""So many fragments must hand things on to each other before others in their applications count as strangers."""
_NUMBER = re.compile(r"\d{3,}")
_COUNTER = re.compile(r"([^\W\d][^()]*?)\s*\((\d{1,3})\)")
_DASH, _COLON = re.compile(r"\s+[—–|·-]\s+"), re.compile(r":\s+")


@dataclass(frozen=True, slots=True)
class Handover:
    """Something that one fragment brings and another one writes.

    Attributes:
        text: what it is.
        brought: the anchor that shows it first.
        written: the event that writes it.
    """

    text: str
    brought: Anchor
    written: Anchor

    @property
    def sure(self) -> bool:
        """Whether it can hardly be the same by chance: a number, or a name of several words."""
        return self.text.isdecimal() or " " in self.text


def handovers(fragments: Sequence[Fragment]) -> dict[tuple[int, int], Handover]:
    """What is handed on, by the positions of who brings it and who writes it.

    It is brought by who shows it, or where nobody does by who enters it by itself. A name must go over to another
    application: within one, the same names stand on the same buttons.
    """
    shown, entered = [_shown_things(f) for f in fragments], [_entered_names(f) for f in fragments]
    found: dict[tuple[int, int], Handover] = {}
    for thing in dict.fromkeys(thing for things in (*shown, *entered) for thing in things):
        holders = shown if any(thing in things for things in shown) else entered
        writers = [next((s for s in f.steps if _mentions(s.text, thing)), None) for f in fragments]
        for first, things in enumerate(holders):
            for second, writer in enumerate(writers):
                if thing not in things or writer is None or thing in holders[second]:
                    continue
                brought = things[thing]
                one, other = (
                    f.application.get(s.page) for f, s in ((fragments[first], brought), (fragments[second], writer))
                )
                made = Handover(thing, brought.event, writer.event)
                if (one != other or thing.isdecimal()) and (made.sure or (first, second) not in found):
                    found[first, second] = made
    return found


def _shown_things(fragment: Fragment) -> dict[str, Step]:
    """Names and numbers in titles and on what is clicked that were not typed before, and the step that shows each."""
    found: dict[str, Step] = {}
    written = ""
    for step in fragment.steps:
        application = fragment.application.get(step.page, "")
        texts = [text for part in _DASH.split(step.page) if part != application for text in (part, *_COLON.split(part))]
        texts += [step.name] if step.role not in FIELDS else []
        names = [text for text in texts if _is_name(text)]
        for thing in (*names, *(number for text in texts for number in _NUMBER.findall(text))):
            if not _mentions(written, thing):
                found.setdefault(thing, step)
        written = f"{written}\n{step.text}"
    return found


def _entered_names(fragment: Fragment) -> dict[str, Step]:
    """Names that were typed by themselves, and the step that types each."""
    return {step.text: step for step in reversed(fragment.steps) if step.verb == "write" and _is_name(step.text)}


def _is_name(text: str) -> bool:
    words = re.findall(r"\w+", text)
    return len(text) >= SHORTEST and 0 < len(words) <= LONGEST and (len(words) > 1 or text[:1].isupper())


def _mentions(text: str, thing: str) -> bool:
    """Whether a text has a name in it; a single word must be written the same, since "text" is no "Text"."""
    words, wanted = (" ".join(re.findall(r"\w+", one)) for one in (text, thing))
    if " " in wanted:
        words, wanted = words.casefold(), wanted.casefold()
    return f" {wanted} " in f" {words} "


def strangers(fragments: Sequence[Fragment], kept: set[int], handed: Mapping[tuple[int, int], Handover]) -> set[int]:
    """Those that hand on nothing to most of the others, in whose applications they are.

    Args:
        fragments: the fragments.
        kept: positions of those that may belong together.
        handed: what is handed on.
    """
    group = list(range(len(fragments)))
    for first, second in (pair for pair, what in handed.items() if what.sure):
        old, new = group[second], group[first]
        group = [new if g == old else g for g in group]
    chain = {at for at in kept if group[at] == max(group, key=group.count)}
    if len(chain) < CHAIN or 2 * len(chain) <= len(kept):
        return set()
    theirs = {name for at in chain for name in fragments[at].applications()}
    return {at for at in kept - chain if fragments[at].applications() & theirs}


def is_ahead(a: Fragment, b: Fragment) -> float:
    """What counters, titles and mentions say for a fragment coming before another one, -3..3."""
    return float(_leads_to(a, b)) - float(_leads_to(b, a))


def _leads_to(a: Fragment, b: Fragment) -> int:
    """How many things say that one leads to another.

    A counter that it leaves lower, its reaching the page that the other begins on or about, and that the other's texts
    speak of its application.
    """
    left, right = _counters(a), _counters(b)
    lower = any(left[name] < right[name] for name in left if name in right)
    pages = [[p for p in _DASH.split(step.page) if p != a.application.get(step.page)] for step in a.steps]
    first = b.steps[0].page if b.steps else ""
    reached = {part for parts in pages[1:] for part in parts} - set(pages[0] if pages else ())
    begun = any(_is_name(part) and _mentions(first, part) for part in reached)
    spoken = any(_mentions(step.text, name) for step in b.steps for name in a.applications() - b.applications())
    return int(lower) + int(begun) + int(spoken)


def _counters(fragment: Fragment) -> Mapping[str, int]:
    """The last count of each counter in its titles."""
    return {name: int(count) for step in fragment.steps for name, count in _COUNTER.findall(step.page)}
