"""What an intent asks of a GUI trace: which windows, verbs and times, and whether only what led to the result.

Deterministic word work, in English and the commonest Chinese words, shared by the plans (which choose) and the rule
`gui.scope` (which checks). Names are matched against the stream's own window titles, never against a fixed list of
applications; a handful of topic words ("shop", "mail") find a window whose title does not say what it is.
Not covered: which task is meant (the router decides that), and orders in prose that no pattern below knows; what is not
understood restricts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dataclaw.words import SHARE, seconds_of, share_of, unit_seconds, words_beside

CLICKS = frozenset({"click", "double_click", "triple_click", "right_click", "middle_click", "long_press"})
TYPING = frozenset({"write", "press", "hotkey", "key_down", "key_up"})
_DATA = words_beside(__file__)
_PATTERNS = _DATA.patterns
_NUMBERS: Mapping[str, float] = _DATA.tables["numbers"]
_STOP, _NAMING, _FAULTS = (_DATA.sets[name] for name in ("stop", "naming", "faults"))
_GENERIC = _STOP | _DATA.sets["request"]
TOPICS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split()) for name, words in _DATA.tables["topics"].items()
}
_VERBS_CALLED: Mapping[str, frozenset[str]] = {"click": CLICKS, "type": TYPING}
VERBS: Mapping[str, frozenset[str]] = {
    pattern: _VERBS_CALLED.get(name, frozenset({name})) for name, pattern in _DATA.tables["verbs"].items()
}
"""The verbs of events by the pattern of what people call them."""


@dataclass(frozen=True, slots=True)
class ScopedEvent:
    """One event as far as scoping needs it.

    Attributes:
        window: title of the window in front.
        words: target, role and text of the event.
        verb: what was done.
        t0: start [s].
    """

    window: str
    words: str
    verb: str
    t0: float


@dataclass(frozen=True, slots=True)
class GuiIntent:
    """What an intent keeps of one stream.

    Attributes:
        windows: titles to keep, None for all.
        without_windows: titles to leave out.
        verbs: verbs to keep, None for all.
        without_verbs: verbs to leave out.
        span: `(from, to)` [s] to keep.
        outcome_only: keep only what led to the final state.
        whole: everything was asked for, mistakes included.
        pictures: frames are wanted.
        places: coordinates are wanted.
    """

    windows: frozenset[str] | None = None
    without_windows: frozenset[str] = frozenset()
    verbs: frozenset[str] | None = None
    without_verbs: frozenset[str] = frozenset()
    span: tuple[float, float] = (float("-inf"), float("inf"))
    outcome_only: bool = False
    whole: bool = False
    pictures: bool = True
    places: bool = True

    def refuses(self, event: ScopedEvent) -> str:
        """Why an event is left out ("other_window" or "not_asked"), or "" when the intent keeps it.

        An event whose window is unknown is kept when windows are named: nothing says that it lies elsewhere.
        """
        title = event.window
        if title and ((self.windows is not None and title not in self.windows) or title in self.without_windows):
            return "other_window"
        if (self.verbs is not None and event.verb not in self.verbs) or event.verb in self.without_verbs:
            return "not_asked"
        return "" if self.span[0] <= event.t0 <= self.span[1] else "not_asked"


def parse_intent(intent: str, events: Sequence[ScopedEvent], window: tuple[float, float]) -> GuiIntent:
    """What an intent keeps of the events of one stream.

    Args:
        intent: the user's words.
        events: the stream's events, whose window titles and targets give the names that the intent may use.
        window: `(t0, t1)` [s] of the rollout, what "first" and "last" count from.
    """
    text = " ".join(intent.lower().split())
    spans = _spans(text)
    excluded = _titles(spans.without, events)
    included = _titles(spans.only, events) | _named_titles(spans.places, events)
    verbs, without_verbs = _verbs(spans.only), _verbs(spans.without)
    whole = bool(_PATTERNS["whole"].search(text))
    return GuiIntent(
        windows=frozenset(included) or None,
        without_windows=frozenset(excluded - included),
        verbs=frozenset(verbs) or None,
        without_verbs=frozenset(without_verbs),
        span=_span(text, window),
        outcome_only=bool(_PATTERNS["outcome"].search(text)),
        whole=whole,
        pictures=not _PATTERNS["without_pictures"].search(text),
        places=not _PATTERNS["without_places"].search(text),
    )


def speaks_of_more(intent: str, events: Sequence[ScopedEvent]) -> bool:
    """Whether an intent speaks of something in the stream beyond windows, verbs and times.

    "Only what moves the dentist" names a goal, and no pattern knows which events reach it; what `scope_of` makes of it
    is a guess then, good enough to begin with and nothing to hold against anybody.
    """
    text = _PATTERNS["between"].sub(" ", " ".join(intent.lower().split()))
    if _PATTERNS["parts"].search(_PATTERNS["outcome"].sub(" ", text)):
        return True
    spans = _spans(text)
    restricting = [*spans.only, *spans.without]
    if any(_PATTERNS["clause"].search(span) or _has_unexplained_words(span, events) for span in restricting):
        return True
    explained = {word for span in (*restricting, *spans.places) for word in _explained_words(span, events)}
    there = {word for e in events for word in words_of(f"{e.window} {e.words}") if len(word) > 2}
    return any(word in there and word not in explained for word in words_of(text) if word not in _GENERIC)


def _has_unexplained_words(span: str, events: Sequence[ScopedEvent]) -> bool:
    """Whether a restricting stretch has words that name neither windows nor verbs nor times."""
    known = _explained_words(span, events)
    faults = frozenset[str]() if _verbs([span]) else _FAULTS
    words = [w for w in words_of(span) if w.isascii() and not w[0].isdigit() and w not in _GENERIC]
    chinese = _PATTERNS["chinese"].sub("", "".join(w for w in words_of(span) if not w.isascii() and w not in known))
    for word in known:
        chinese = chinese.replace(word, "")
    return len(chinese) > 1 or any(w not in known and w not in faults and len(w) > 2 for w in words)


def _explained_words(span: str, events: Sequence[ScopedEvent]) -> set[str]:
    """Words of a stretch that name what `scope_of` took from it."""
    titles = _titles([span], events)
    named = [w for title in titles for w in words_of(title)]
    found = {w for w in words_of(span) if _hits([w], named)} | (
        set(_topic_words(span)) & _NAMING if titles else set[str]()
    )
    found |= {w for w in words_of(span) for words in VERBS if re.fullmatch(words, w)}
    return found | {"second", "seconds", "minute", "minutes", "sec", "min"}


def applications(titles: Sequence[str]) -> dict[str, str]:
    """The application of each window title: the part of the title that it shares with most others.

    Titles look like "Cart - Shop - Firefox" or "Postbox — Inbox"; a title that shares nothing is its own application.
    """
    parts = {title: [p.strip() for p in re.split(r"\s+[—–|·-]\s+", title) if p.strip()] for title in titles}
    count: dict[str, int] = {}
    for pieces in parts.values():
        for piece in dict.fromkeys(pieces):
            count[piece] = count.get(piece, 0) + 1
    found: dict[str, str] = {}
    for title, pieces in parts.items():
        best = max(pieces, key=lambda p: (count[p], p == pieces[-1]), default=title)
        found[title] = best if count.get(best, 0) > 1 else title
    return found


def words_of(text: str) -> list[str]:
    """Lower-case words of a text; Chinese runs are one word each."""
    return re.findall(r"[a-z0-9][a-z0-9'&.-]*[a-z0-9]|[a-z0-9]|[\u4e00-\u9fff]+", text.lower())


@dataclass(frozen=True, slots=True)
class _Spans:
    only: tuple[str, ...]
    without: tuple[str, ...]
    places: tuple[str, ...]


def _spans(text: str) -> _Spans:
    """The stretches of the text that restrict, those that exclude, and those that name a place."""
    plain = _PATTERNS["without_places"].sub(" ", _PATTERNS["without_pictures"].sub(" ", SHARE.sub(" ", text)))
    positive = _PATTERNS["not"].sub(" ", plain)
    only = (_PATTERNS["outcome"].sub(" ", span) for span in _matches(("only", "afterwards"), positive))
    return _Spans(tuple(only), tuple(_matches(("not",), plain)), tuple(_matches(("place", "in"), positive)))


def _matches(patterns: Sequence[str], text: str) -> list[str]:
    return [match["span"] for name in patterns for match in _PATTERNS[name].finditer(text)]


def _verbs(spans: Sequence[str]) -> set[str]:
    return {
        verb
        for span in spans
        for words, verbs in VERBS.items()
        if re.search(rf"\b(?:{words})\b", span)
        for verb in verbs
    }


def _content(spans: Sequence[str]) -> list[str]:
    return [w for span in spans for w in words_of(span) if w not in _STOP]


def _titles(spans: Sequence[str], events: Sequence[ScopedEvent]) -> set[str]:
    """Titles that the words of some spans name, by title first, by topic otherwise."""
    found: set[str] = set()
    for span in spans:
        found |= _named_titles([span], events) or _by_topic(span, events)
    return found


def _named_titles(spans: Sequence[str], events: Sequence[ScopedEvent]) -> set[str]:
    titles = list(dict.fromkeys(e.window for e in events if e.window))
    application = applications(titles)
    wanted = _content(spans)
    names = {name: [w for w in words_of(name) if w not in _STOP and len(w) > 2] for name in application.values()}
    whole = {name for name, words in names.items() if words and all(_hits(wanted, [w]) for w in words)}
    told = {w for name in whole for w in names[name]}  # "Summit Mail" is not "Summit Shop"
    rest = [w for w in wanted if not _hits([w], list(told))]
    by_application = {t for t in titles if application[t] in whole or _hits(rest, words_of(application[t]))}
    return by_application or {t for t in titles if _hits(wanted, words_of(t))}


def _hits(wanted: Sequence[str], words: Sequence[str]) -> bool:
    names = [w for w in words if w not in _STOP and len(w) > 2]
    return any(w == name or (len(w) > 3 and fuzz.ratio(w, name) >= 86) for w in wanted for name in names)


def _by_topic(span: str, events: Sequence[ScopedEvent]) -> set[str]:
    """Titles of the application that is most about a topic the span names ("the shop", "邮件")."""
    application = applications(list(dict.fromkeys(e.window for e in events if e.window)))
    found: set[str] = set()
    for topic in dict.fromkeys(t for w in _topic_words(span) for t, words in TOPICS.items() if w in words):
        counts: dict[str, int] = {}
        vocabulary: dict[str, set[str]] = {}
        for event in events:
            if event.window:
                words = set(words_of(f"{event.window} {event.words}"))
                vocabulary.setdefault(application[event.window], set()).update(words & TOPICS[topic])
        counts = {name: len(words) for name, words in vocabulary.items()}
        best = max(counts, key=lambda name: counts[name], default="")
        if best and counts[best] and list(counts.values()).count(counts[best]) == 1:
            found |= {title for title, name in application.items() if name == best}
    return found


def _topic_words(span: str) -> list[str]:
    chinese = [w for words in TOPICS.values() for w in sorted(words) if not w.isascii() and w in span]
    return [*_content([span]), *chinese]


def _span(text: str, window: tuple[float, float]) -> tuple[float, float]:
    if match := _PATTERNS["between"].search(text):
        return seconds_of(match["a"]), seconds_of(match["b"])
    if match := _PATTERNS["first"].search(text):
        return float("-inf"), window[0] + _length(match)
    if match := _PATTERNS["last"].search(text):
        return window[1] - _length(match), float("inf")
    after, before = _PATTERNS["after"].search(text), _PATTERNS["before"].search(text)
    if not (after or before) and SHARE.search(text) and (share := share_of(text, window)):
        return share
    low = seconds_of(after["a"]) if after else float("-inf")
    return low, seconds_of(before["b"]) if before else float("inf")


def _length(match: re.Match[str]) -> float:
    return (_NUMBERS.get(match["n"]) or float(match["n"])) * unit_seconds(match["unit"])
