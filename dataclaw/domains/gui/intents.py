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

CLICKS = frozenset({"click", "double_click", "triple_click", "right_click", "middle_click", "long_press"})
TYPING = frozenset({"write", "press", "hotkey", "key_down", "key_up"})
VERBS: Mapping[str, frozenset[str]] = {
    r"clicks?|clicking|taps?|tapping|点击": CLICKS,
    r"typing|typed|keystrokes?|keyboard|text (?:entry|input)|inputs?|输入|键盘|打字": TYPING,
    r"scrolls?|scrolling|滚动": frozenset({"scroll"}),
    r"drags?|dragging|拖动|拖拽": frozenset({"drag"}),
    r"hotkeys?|shortcuts?|快捷键": frozenset({"hotkey"}),
    r"mouse moves?|mouse movements?|鼠标移动": frozenset({"move"}),
}
# fmt: off
TOPICS: Mapping[str, frozenset[str]] = {
    "shop": frozenset({
        "shop", "store", "shopping", "webshop", "cart", "basket", "checkout", "buy", "product", "products", "price",
        "order", "商店", "购物", "购物车",
    }),
    "mail": frozenset({
        "mail", "email", "e-mail", "mails", "emails", "inbox", "reply", "compose", "newsletter", "mailbox", "sent",
        "邮件", "邮箱",
    }),
    "calendar": frozenset({
        "calendar", "appointment", "agenda", "month", "week", "schedule", "日历", "monday", "tuesday", "wednesday",
        "thursday", "friday",
    }),
    "settings": frozenset({
        "settings", "setting", "preferences", "control", "panel", "display", "resolution", "brightness", "设置",
    }),
    "browser": frozenset({
        "browser", "chrome", "firefox", "edge", "safari", "chromium", "浏览器",
    }),
    "terminal": frozenset({
        "terminal", "console", "shell", "bash", "powershell", "cmd", "终端",
    }),
    "files": frozenset({
        "files", "file", "folder", "folders", "explorer", "finder", "nautilus", "文件", "文件夹",
    }),
    "editor": frozenset({
        "editor", "document", "word", "writer", "notepad", "docs", "text", "文档", "编辑器",
    }),
    "spreadsheet": frozenset({
        "spreadsheet", "excel", "calc", "sheet", "sheets", "cell", "表格",
    }),
    "chat": frozenset({
        "chat", "messenger", "messages", "message", "slack", "teams", "whatsapp", "聊天",
    }),
}
# fmt: on
_OUTCOME = re.compile(
    r"\b(?:led|leads|leading) (?:up )?to\b|final (?:state|result|outcome)|end result|\boutcome\b"
    r"|(?:without|no|drop|remove|skip|minus) (?:\w+ ){0,2}(?:detours?|mistakes?|errors?|wrong turns?|typos?|noise)"
    r"|\bminim(?:al|um)\b|\bessentials?\b|\bnecessary\b|\bshortest\b|\boptimal\b|steps? that matter|what matters"
    r"|最终|最少|必要|弯路|去掉(?:错误|多余)|导致"
)
_WHOLE = re.compile(
    r"\beverything\b|\bevery (?:single )?(?:event|action|step)\b|\ball (?:the )?(?:events|actions|steps)\b"
    r"|(?:including|with) (?:all )?(?:the )?(?:mistakes|detours|errors|typos)|全部|所有"
)
_NOT = re.compile(
    r"(?:\b(?:except(?: for)?|excluding|exclude|without|but not|not|ignore|ignoring|skip|skipping|leave out|omit)\b"
    r"|除了|不要|不包括|排除)\s*(?P<span>[^,.;，。；]*)"
)
_ONLY = re.compile(
    r"(?:\b(?:only|just|solely|exclusively|nothing but|limited to|restrict(?:ed)? to|focus(?:ing)? on)\b"
    r"|只保留|只要|只|仅)"
    r"\s*(?P<span>[^,.;，。；]*)"
)
_AFTERWARDS = re.compile(r"(?P<span>[\w ]+?)\s+only\b(?!\s+(?!please|and|in)\w)")
_PLACE = re.compile(
    r"\b(?:in|inside|within|from|on|of|for|about) (?:the )?(?P<span>[\w'&.-]+(?: [\w'&.-]+){0,3}?) "
    r"(?:window|app|application|page|tab|site|website|program|part|screen)s?\b"
)
_IN = re.compile(r"\b(?:in|inside|within) (?:the )?(?P<span>[\w'&.-]+(?: [\w'&.-]+){0,2})")
_WITHOUT_PICTURES = re.compile(
    r"\b(?:without|no) (?:any )?(?:screenshots?|images?|pictures?|frames?)\b|不要(?:截图|图片)"
)
_WITHOUT_PLACES = re.compile(r"\b(?:without|no) (?:any )?(?:coordinates?|positions?|points?)\b|不要坐标")
# fmt: off
_STOP = frozenset({
    "the", "a", "an", "and", "or", "to", "of", "in", "on", "for", "with", "what", "that", "this", "is", "are", "was",
    "were", "happens", "happened", "happening", "window", "windows", "app", "apps", "application", "page", "pages",
    "part", "parts", "tab", "site", "steps", "step", "actions", "action", "events", "event", "only", "just", "all",
    "my", "it", "its", "from", "by", "at", "as", "be", "do", "does", "done", "which", "who", "how", "screen",
    "recording", "trace", "training", "data", "make", "agent", "user", "things", "stuff", "的", "窗口",
})
# fmt: on
# fmt: off
_GENERIC = _STOP | frozenset({
    "acceptance", "after", "annotate", "article", "automation", "before", "beginner", "behind", "belong", "between",
    "break", "build", "can", "case", "cases", "chain", "changes", "checklist", "clean", "code", "colleague", "compose",
    "computer", "construct", "convert", "coordinates", "cut", "data", "decompose", "divide", "documentation", "each",
    "end-to-end", "every", "everything", "execute", "expected", "explain", "extract", "final", "find", "fine",
    "fine-tuning", "first", "flow", "follow", "fragments", "goal", "goals", "gui", "guide", "help", "here", "how-to",
    "human", "instructions", "keep", "last", "led", "list", "long", "long-horizon", "made", "manual", "many", "me",
    "minimal", "monologue", "more", "multi-event", "navigation", "observation", "operates", "order", "ordered",
    "outcomes", "people", "person", "phases", "pictures", "please", "put", "pyautogui", "qa", "read", "reasoning",
    "record", "recordings", "regression", "reproduce", "result", "results", "right", "samples", "say", "screenshots",
    "script", "seconds", "segment", "separate", "sequence", "session", "sft", "short", "show", "something", "sort",
    "split", "state", "structured", "style", "sub-tasks", "supervised", "targets", "task", "tasks", "teach", "team",
    "test", "tester", "thought", "together", "train", "trajectory", "tuning", "turn", "tutorial", "use", "users",
    "verification", "verify", "walkthrough", "want", "web", "where", "whole", "words", "work", "would", "write",
})
"""Words of requests that name nothing in a stream."""
_NAMING = frozenset({
    "shop", "store", "webshop", "shopping", "mail", "email", "e-mail", "mailbox", "calendar", "agenda", "settings",
    "preferences", "browser", "terminal", "console", "files", "explorer", "finder", "editor", "spreadsheet", "excel",
    "chat", "messenger", "商店", "购物", "邮件", "邮箱", "日历", "设置", "浏览器", "终端", "文件", "表格", "聊天",
})
"""Words of `TOPICS` that are what people call such an application; the others are only found in it."""
_FAULTS = frozenset({"detours", "detour", "mistakes", "mistake", "errors", "error", "typos", "noise", "wrong", "turns"})
# fmt: on
_CHINESE = re.compile(
    r"操作|步骤|部分|窗口|内容|事件|动作|结果|最终|最少|必要|弯路|去掉|错误|多余|导致|点击|输入|键盘|打字|滚动|拖动|拖拽"
    r"|快捷键|鼠标移动|里面?|中的?|应用|页面|保留|[的在和与要是有把]"
)
_CLAUSE = re.compile(r"\b(?:is|are|was|were|gets?|got|has|had)\b")
"""What makes a statement of a stretch: "only this: the mug is ordered"."""
_PARTS = re.compile(
    r"\b(?:first|second|third|last|other|final|one|two|both)(?: of)?(?: the)?(?: \w+)?"
    r" (?:tasks?|goals?|things?|jobs?|errands?|requests?|orders?|bookings?|messages?)\b"
    r"|\b(?:parts?|steps?|actions?|events?) (?:where|which|in which|when|about|needed)\b|\babout\b"
    r"|第[一二三两]|最后一|有关|关于|那部分|相关"
)
_NUMBER = r"(?P<n>\d+(?:\.\d+)?|one|two|half a|a)"
_UNIT = r"(?P<unit>s|sec|secs|seconds?|min|mins|minutes?|秒|分钟)"
_CLOCK = r"(?P<{0}>\d+:\d\d(?:\.\d+)?|\d+(?:\.\d+)?\s*(?:s|sec|seconds?|min|minutes?|秒|分钟))"
_FIRST = re.compile(rf"(?:first|opening|initial|前)\s*{_NUMBER}\s*{_UNIT}\b")
_LAST = re.compile(rf"(?:last|final|最后)\s*{_NUMBER}\s*{_UNIT}\b")
_BETWEEN = re.compile(rf"(?:between|from)\s+{_CLOCK.format('a')}\s+(?:and|to|until)\s+{_CLOCK.format('b')}")
_AFTER = re.compile(rf"\b(?:after|since|from)\s+{_CLOCK.format('a')}")
_BEFORE = re.compile(rf"\b(?:before|until|up to)\s+{_CLOCK.format('b')}")
_WORDS = {"one": 1.0, "a": 1.0, "two": 2.0, "half a": 0.5}


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
    whole = bool(_WHOLE.search(text))
    return GuiIntent(
        windows=frozenset(included) or None,
        without_windows=frozenset(excluded - included),
        verbs=frozenset(verbs) or None,
        without_verbs=frozenset(without_verbs),
        span=_span(text, window),
        outcome_only=bool(_OUTCOME.search(text)),
        whole=whole,
        pictures=not _WITHOUT_PICTURES.search(text),
        places=not _WITHOUT_PLACES.search(text),
    )


def speaks_of_more(intent: str, events: Sequence[ScopedEvent]) -> bool:
    """Whether an intent speaks of something in the stream beyond windows, verbs and times.

    "Only what moves the dentist" names a goal, and no pattern knows which events reach it; what `scope_of` makes of it
    is a guess then, good enough to begin with and nothing to hold against anybody.
    """
    text = _BETWEEN.sub(" ", " ".join(intent.lower().split()))
    if _PARTS.search(_OUTCOME.sub(" ", text)):
        return True
    spans = _spans(text)
    restricting = [*spans.only, *spans.without]
    if any(_CLAUSE.search(span) or _has_unexplained_words(span, events) for span in restricting):
        return True
    explained = {word for span in (*restricting, *spans.places) for word in _explained_words(span, events)}
    there = {word for e in events for word in words_of(f"{e.window} {e.words}") if len(word) > 2}
    return any(word in there and word not in explained for word in words_of(text) if word not in _GENERIC)


def _has_unexplained_words(span: str, events: Sequence[ScopedEvent]) -> bool:
    """Whether a restricting stretch has words that name neither windows nor verbs nor times."""
    known = _explained_words(span, events)
    faults = frozenset[str]() if _verbs([span]) else _FAULTS
    words = [w for w in words_of(span) if w.isascii() and not w[0].isdigit() and w not in _GENERIC]
    chinese = _CHINESE.sub("", "".join(w for w in words_of(span) if not w.isascii() and w not in known))
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
    plain = _WITHOUT_PLACES.sub(" ", _WITHOUT_PICTURES.sub(" ", text))
    without = tuple(match["span"] for match in _NOT.finditer(plain))
    positive = _NOT.sub(" ", plain)
    only = [match["span"] for match in _ONLY.finditer(positive)]
    only += [match["span"] for match in _AFTERWARDS.finditer(positive)]
    places = [match["span"] for pattern in (_PLACE, _IN) for match in pattern.finditer(positive)]
    return _Spans(tuple(_OUTCOME.sub(" ", s) for s in only), without, tuple(places))


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
    if match := _BETWEEN.search(text):
        return _seconds(match["a"]), _seconds(match["b"])
    if match := _FIRST.search(text):
        return float("-inf"), window[0] + _length(match)
    if match := _LAST.search(text):
        return window[1] - _length(match), float("inf")
    after, before = _AFTER.search(text), _BEFORE.search(text)
    low = _seconds(after["a"]) if after else float("-inf")
    return low, _seconds(before["b"]) if before else float("inf")


def _length(match: re.Match[str]) -> float:
    amount = _WORDS.get(match["n"]) or float(match["n"])
    return amount * (60.0 if match["unit"].startswith(("m", "分")) else 1.0)


def _seconds(said: str) -> float:
    if ":" in said:
        minutes, seconds = said.split(":")
        return int(minutes) * 60.0 + float(seconds)
    number = re.match(r"[\d.]+", said)
    assert number is not None
    return float(number[0]) * (60.0 if re.search(r"min|分", said) else 1.0)
