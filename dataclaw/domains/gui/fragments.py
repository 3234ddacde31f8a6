"""What is known of one fragment of a task: its events, or what stands on its screens, and how far the task has come.

A recording without events shows what was done by what changes: a text that was typed into a search and comes back in
what was found, a message that something was added or sent. Hints in empty fields, footers, bars and links that nobody
pressed are no part of a task.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataclaw.domains.gui import wording
from dataclaw.domains.gui.goals import goal
from dataclaw.domains.gui.language import join_texts, say
from dataclaw.domains.gui.recording import GuiRecording, Step, clean
from dataclaw.domains.gui.screens import heading_of, is_telling, most_telling
from dataclaw.types import Anchor
from dataclaw.words import words_beside

_DATA = words_beside(__file__)
_STAGES, _ACTS = (tuple(_DATA.patterns_of(name).values()) for name in ("stages", "acts"))
EDGE, HEADER = 0.07, 0.16
"""Shares of the height: of the strips where clocks are, and of the part where a search stands."""

FOUND, SAME = 2, 0.6
"""So many lines below a search must repeat it, this share of its words: then it was searched for."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is known of one fragment.

    Attributes:
        label: its label.
        size: `(width, height)` [px] of its frames, or None.
        steps: its events.
        clocks: texts of the strips where clocks are, on its first frame.
        screens: lines of each screen that was read, in order of time.
        windows: window anchors.
        application: application of each window title.
        language: language of the sentences.
    """

    label: str
    size: tuple[int, int] | None = None
    steps: tuple[Step, ...] = ()
    clocks: tuple[Anchor, ...] = ()
    screens: tuple[tuple[Anchor, ...], ...] = ()
    windows: tuple[Anchor, ...] = ()
    application: Mapping[str, str] = field(default_factory=dict[str, str])
    language: str = "en"

    def lines(self) -> list[Anchor]:
        """The lines of its screens that may tell what is done: no hints, no furniture."""
        return [line for screen in self.screens for line in screen if _is_content(line)]

    def facts(self) -> list[Anchor]:
        """Everything citable, in order of time."""
        events = [s.event for s in self.steps]
        texts = [line for screen in self.screens for line in screen]
        return sorted([*events, *texts, *self.clocks, *self.windows], key=lambda a: a.t0)

    def words(self) -> set[str]:
        """The words of its events, windows and lines that may tell what it is about."""
        said = " ".join([*(f"{s.page} {s.name} {s.text}" for s in self.steps), *(a.content for a in self.windows),
                         *(a.content for a in self.lines())])  # fmt: skip
        return set(re.findall(r"[^\W\d_]{3,}", said.lower()))

    def applications(self) -> set[str]:
        """Applications that come to the front in it, by window titles or by what its fields and bars say."""
        named = {self.application[s.page] for s in self.steps if s.page in self.application}
        seen = self.named_application()
        return named | ({seen[0].casefold()} if seen else set[str]())

    def named_application(self) -> tuple[str, Anchor] | None:
        """The application that a search field or a bar names, and the line that does."""
        for line in (line for screen in self.screens for line in screen):
            found = _DATA.patterns["application"].search(clean(line.content))
            if found and line.confidence >= 0.8:
                return found["name"], line
        return None

    def clock(self) -> tuple[int, Anchor] | None:
        """Time of day on its first screen [minutes], and the text that says so."""
        for text in self.clocks:
            found = _DATA.patterns["clock"].search(text.content)
            if found and self._at_edge(text) and int(found["hour"]) < 24 and int(found["minute"]) < 60:
                return int(found["hour"]) * 60 + int(found["minute"]), text
        return None

    def _at_edge(self, text: Anchor) -> bool:
        """Whether a text lies wholly in a strip where clocks are."""
        if self.size is None or text.box is None:
            return False
        return text.box[3] < EDGE * self.size[1] or text.box[1] > (1 - EDGE) * self.size[1]

    def stage(self) -> tuple[float, str, Anchor] | None:
        """How far the task has come, 0..1, and the words that say so: of all its events, or of its last screen."""
        if self.steps:
            facts = [*(s.event for s in self.steps), *self.windows]
            hits = [
                (at, self._saying(a, words), a)
                for a in facts
                for at, words in enumerate(_ACTS)
                if self._saying(a, words)
            ]
            reached = sum(at for at, *_ in hits) / max(1, len(hits)) / (len(_ACTS) - 1)
        else:
            last = self.screens[-1] if self.screens else ()
            hits = [
                (at, self._saying(a, words), a)
                for a in last
                for at, words in enumerate(_STAGES)
                if self._saying(a, words)
            ]
            reached = max((at for at, *_ in hits), default=0) / (len(_STAGES) - 1)
        return (reached, *max(hits, key=lambda hit: hit[0])[1:]) if hits else None

    def _saying(self, anchor: Anchor, words: re.Pattern[str]) -> str:
        """The text of an anchor that has some words in it, "" for none; what an application is called says nothing."""
        texts = [anchor.content]
        if anchor.kind in {"event", "window"}:
            title = str(anchor.attrs.get("window") or anchor.attrs.get("name") or "")
            application = self.application.get(title, title)
            page = title.replace(application, " ").strip(" —–|·-") if application != title else title
            texts = [str(anchor.attrs.get("target") or ""), str(anchor.attrs.get("text") or ""), page]
        return next((text for text in texts if words.search(text)), "")

    def search(self) -> tuple[str, list[Anchor]] | None:
        """What was searched for, and the lines that show it: it stands at the top and comes back in what was found."""
        found: list[tuple[str, list[Anchor]]] = []
        for screen in self.screens:
            for line in screen:
                words = _query_in(line, self.size)
                below = [a for a in screen if a is not line and _repeats(a, words)] if words else []
                if len(below) >= FOUND:
                    whole = (
                        _whole_query(words, [a.content for a in below]) if line.content.endswith((".", "…")) else words
                    )
                    below.sort(key=lambda a: -len(set(a.content.casefold().split()) & set(whole.casefold().split())))
                    found.append((whole, [line, *below[:1]]))
        return max(found, key=lambda hit: (len(hit[0]), sum(c.isupper() for c in hit[0])), default=None)

    def confirmation(self) -> tuple[str, list[Anchor]] | None:
        """What a message that came up says to have been done, as a request, and the message."""
        if len(self.screens) < 2:
            return None
        old = " ".join(a.content for a in self.screens[0])
        for line in (a for screen in self.screens[1:] for a in screen):
            for name, (pattern, phrase) in _DATA.tables["done"].items():
                if name.endswith(self.language) and re.search(pattern, line.content) and not re.search(pattern, old):
                    thing = self._thing()
                    what = wording.quote(thing.content, 48) if thing else say(self.language, "element")
                    return phrase.format(what=what), [line, *([thing] if thing else [])]
        return None

    def _thing(self) -> Anchor | None:
        """The largest line of the last screen, of those that repeat what was searched for where there are any."""
        lines = [a for a in self.screens[-1] if _is_content(a)]
        found = self.search()
        same = [a for a in lines if found and _repeats(a, found[0])]
        return max(
            same, key=lambda a: (a.box or (0, 0, 0, 0))[3] - (a.box or (0, 0, 0, 0))[1], default=heading_of(lines)
        )


def state_of(fragment: Fragment) -> tuple[str, list[str]]:
    """What is done in a fragment, as a request, and what says so; "" where nothing certain can be told."""
    if fragment.steps:
        recording = GuiRecording(
            fragment.steps,
            fragment.windows,
            fragment.size,
            application=fragment.application,
            language=fragment.language,
        )
        return goal(fragment.steps, recording, 130)
    found, made = fragment.search(), fragment.confirmation()
    parts: list[str] = []
    cites: list[Anchor] = []
    if found is not None and made is None:
        place = fragment.named_application()
        key = "frag_search_on" if place else "frag_search"
        name = place[0] if place else ""
        parts.append(say(fragment.language, key, text=wording.quote(found[0], 60), application=name))
        cites += [*found[1], *([place[1]] if place else [])]
    if made is not None:
        parts.append(made[0])
        cites += made[1]
    return join_texts(fragment.language, parts) if parts else "", list(dict.fromkeys(a.id for a in cites))


def shown_by(fragment: Fragment) -> tuple[str, list[str]]:
    """What a fragment shows at last, where what is done in it cannot be told."""
    lines = most_telling([a for a in fragment.screens[-1] if _is_content(a)], 2) if fragment.screens else []
    texts = join_texts(fragment.language, [wording.quote(a.content, 50) for a in lines])
    return (say(fragment.language, "frag_shows", texts=texts) if lines else ""), [a.id for a in lines]


def _is_content(line: Anchor) -> bool:
    text = clean(line.content)
    idle = _DATA.patterns["hint"].search(text) or _DATA.patterns["furniture"].search(text)
    return is_telling(line) and not idle


def _query_in(line: Anchor, size: tuple[int, int] | None) -> str:
    """The words of a line at the top of the screen, "" for one further down, a hint, or the clock."""
    text = re.sub(r"^Q\s+|\s*(?:\.\.+|…)$", "", clean(line.content))
    if line.box is None or size is None or line.box[1] > HEADER * size[1] or line.box[3] < EDGE / 2 * size[1]:
        return ""
    plain = len(text) >= 4 and sum(c.isalpha() for c in text) >= 3
    return text if plain and not _DATA.patterns["hint"].search(text) else ""


def _repeats(line: Anchor, words: str) -> bool:
    """Whether a line has most of the words; the last one may be cut off."""
    wanted, there = words.casefold().split(), line.content.casefold().split()
    hits = sum(word in there for word in wanted[:-1]) + any(word.startswith(wanted[-1]) for word in there)
    return len(there) > 1 and hits >= SAME * len(wanted)


def _whole_query(words: str, lines: Sequence[str]) -> str:
    """Words whose end was cut off, gone on with as most lines that begin with them go on."""
    tails = [line[at + len(words) :] for line in lines if (at := line.casefold().find(words.casefold())) >= 0]
    for _ in range(4):
        following = Counter(found[0] for tail in tails if (found := re.match(r"\w+|\s+\w+", tail)))
        if not following or following.most_common(1)[0][1] < SAME * len(tails):
            break
        piece = following.most_common(1)[0][0]
        words, tails = words + piece, [tail[len(piece) :] for tail in tails if tail.startswith(piece)]
    return words
