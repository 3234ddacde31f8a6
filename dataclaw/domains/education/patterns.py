"""What a sentence has to look like to answer a question, and how that question is put. English and Spanish.

Every pattern keeps the sentence's own words: the question repeats its subject, the answer quotes the sentence. A
sentence is only asked about when its subject names something by itself; "this", "it" and "the problem" do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from dataclaw.domains.education.words import STOP, word_set

_NAME = r"(?P<x>[^\W\d_][\w'’®™-]*(?: [\w'’®™-]+){0,9}?)"
_ONE = r"\d[\d,. ]*(?:/\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a (?:dozen|hundred|thousand)"
_NUMBER = (
    rf"(?:(?:about|around|over|more than|less than|at least|exactly|only|almost|nearly|roughly) )?"
    rf"(?:(?:somewhere )?between (?:{_ONE}) and )?(?:{_ONE})(?: (?:hundred|thousand|million|billion))?"
)
_DEICTIC = {
    "en": re.compile(
        r"\b(?:this|these|those|here|above|below|right now|just (?:said|saw|did)|i|i'm|i'd|i'll|i've|my|me|we've|"
        r"on the (?:left|right)|on screen)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(?:est[aeo]s?|es[aeo]s?|aqu[ií]|all[ií]|ahora|acabo|mi|mis|me|yo)\b", re.IGNORECASE),
}  # fmt: skip
_PRONOUN = {
    "en": re.compile(r"\b(?:it|its|it's|that|that's|they|them|their|he|she|his|her|one|ones|each other|then)\b", re.I),
    "es": re.compile(r"\b(?:ello|ellos|ellas|lo|los que|la que|él|ella|uno)\b", re.I),
}
# fmt: off
_VAGUE = {
    "en": word_set("""
        thing things reason problem goal point answer question idea way lot kind sort part case trick fact
        example result rest bit number step key hope plan moment time times stuff goals challenge deal issue
        takeaway difference title video lesson people person guy guys person's key-idea strategy something
        everything anything nothing someone everyone anyone best hardest favorite important nice cool
        everybody year today
    """),
    "es": word_set("""
        cosa cosas razón problema meta punto respuesta pregunta idea manera forma parte caso truco hecho
        ejemplo resultado resto paso clave momento vez veces diferencia video vídeo gente persona algo todo
        nada mejor primera primero segunda segundo siguiente
    """),
}
_ARTICLES = {
    "en": frozenset({"the", "a", "an", "each", "every", "any", "all", "most", "many"}),
    "es": frozenset({"el", "la", "los", "las", "un", "una", "cada", "todo", "toda", "todos", "todas"}),
}
_INSIDE = {"en": frozenset({"of", "in", "on", "for", "per", "and", "with", "by", "at"}) | _ARTICLES["en"],
           "es": frozenset({"de", "del", "en", "por", "para", "con", "y", "al"}) | _ARTICLES["es"]}
# fmt: on


@dataclass(frozen=True, slots=True)
class QuestionPattern:
    """A way to ask about a sentence.

    Attributes:
        kind: what is asked for.
        worth: how much such a question is worth beside others.
        match: what the sentence has to look like, its mark at the end taken off.
        ask: the question, with the groups of `match` in braces; `{x}` is the subject.
        names: whether `x` has to name something by itself; else it only must not lean on what was said before.
        tail: whether only what stands in the group `y` answers, not the whole sentence.
    """

    kind: str
    worth: float
    match: re.Pattern[str]
    ask: str
    names: bool = True
    tail: bool = False


def _p(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"^{''.join(parts)}$", re.IGNORECASE)


_ADVERB = r"(?:really |just |simply |basically |essentially |always |actually |still )?"
_NO_FILLER = r"(?! (?:little|bit|lot|kind|sort|pretty|(?:\S+ )?thing\b))"
_LIKE = r"(?:, (?:like|such as|for example|say) [^,]{2,40},)?"
_DEFINES = (
    rf"(?:{_ADVERB}(?:a{_NO_FILLER}|an|the|any|one of|what|when|where|how)\b|defined (?:as|to be|by)|made (?:up )?of)"
)
_TELLS = r"(?P<v>measure|represent|describe|tell|give|determine|predict|show)s (?P<who>you |us )?"
_STATE = r"(?P<n>(?!not\b|going\b|to\b)\S+(?: [^\s,]+){0,5}?),?"
_DONE = r"(?P<v>[a-z]+ed|[a-z]+en|built|made|found|set up)"
_YEAR = r"(?P<y>(?:1\d|20)\d\d)"
_CASE = (
    r"(?!you (?:were|look|want|notice|think|feel|ever|don't)\b|we (?:were|look)\b)"
    r"(?:you|we|a|an|the|two|both|all|every|no) (?![^,]*\byou were\b)[^,;:]{12,110}?"
)
_FOLLOWS = r"(?P<y>(?!you (?:might|may|can|should)\b|it's important)(?!.*\bone (?:might|would)\b).{25,})"
_AIM = (
    r"(?P<x>the (?:goal|aim|purpose|job|task|role|point|way) of (?!(?:this|these|the video|the lesson)\b)[^,;:]{4,80}?)"
)
ENGLISH = (
    QuestionPattern(
        "definition", 1.5, _p(_NAME, _LIKE, r" (?P<be>is|are) (?P<y>", _DEFINES, r" \S.+)"), "What {be} {x}?"
    ),
    QuestionPattern(
        "definition", 1.4, _p(_NAME, r" (?P<be>is|are) (?:called|known as) (?P<y>.+)"), "What {be} {x} called?"
    ),
    QuestionPattern("meaning", 1.5, _p(_NAME, r" means (?:that )?(?P<y>\S+ \S+ .+)"), "What does {x} mean?"),
    QuestionPattern("meaning", 1.5, _p(_NAME, r" (?:refers to|stands for) (?P<y>.+)"), "What does {x} mean?"),
    QuestionPattern("meaning", 1.4, _p(_NAME, r" would mean (?:that )?(?P<y>\S+ \S+ .+)"), "What would {x} mean?"),
    QuestionPattern(
        "meaning",
        1.4,
        _p(_NAME, r"(?:, though,)? ", _ADVERB, _TELLS, r"(?P<y>\S+ \S+ .+)"),
        "What does {x} {v} {who}?",
    ),
    QuestionPattern(
        "meaning", 1.3, _p(_NAME, r" (?P<w>corresponds?) to (?P<y>\S+ \S+ .+)"), "What {do} {x} correspond to?"
    ),
    QuestionPattern(
        "definition", 1.2, _p(_NAME, r" (?P<w>consists?) of (?P<y>\S+ \S+ .+)"), "What {do} {x} consist of?"
    ),
    QuestionPattern("definition", 1.2, _p(_NAME, r" (?P<w>depends?) on (?P<y>\S+ \S+ .+)"), "What {do} {x} depend on?"),
    QuestionPattern("purpose", 1.4, _p(_AIM, r" is (?P<y>(?:simply |just |basically )?to \S+ .+)"), "What is {x}?"),
    QuestionPattern(
        "purpose", 1.3, _p(_NAME, r" (?P<be>is|are) used (?:to|for|in) (?P<y>.+)"), "What {be} {x} used for?"
    ),
    QuestionPattern("purpose", 1.3, _p(_NAME, r" can be used (?:to|for|in|on) (?P<y>.+)"), "What can {x} be used for?"),
    QuestionPattern(
        "purpose",
        1.3,
        _p(_NAME, r" (?P<v>allow|enable|help)s (?P<who>you|us|anyone|people)(?: to)? (?P<y>.+)"),
        "What does {x} {v} {who} to do?",
    ),
    QuestionPattern(
        "condition",
        1.2,
        _p(_NAME, r" (?P<be>is|are|would be|will be) ", _STATE, r" (?:exactly )?(?:if|when|whenever) (?P<y>.{12,})"),
        "When {be} {x} {n}?",
    ),
    QuestionPattern(
        "reason",
        1.4,
        _p(r"the reason (?:that |why )?(?P<x>[^,;:]{12,120}?) is (?:that|because) (?P<y>.+)"),
        "Why is it that {x}?",
        names=False,
    ),
    QuestionPattern(
        "reason", 1.3, _p(r"what makes (?P<x>[^,;:]{6,60}) is (?P<y>.{12,})"), "What makes {x}?", names=False
    ),
    QuestionPattern(
        "reason",
        1.3,
        _p(r"(?P<x>[^,;:]{12,120}?),? (?P<y>because (?!of\b).{15,})"),
        "Why is it that {x}?",
        names=False,
        tail=True,
    ),
    QuestionPattern(
        "number",
        1.1,
        _p(_NAME, r" (?P<v>has|contains|includes|takes|needs|requires) (?P<y>", _NUMBER, r" (?P<n>[a-z]+s))(?:\b.*)"),
        "How many {n} does {x} {v1}?",
    ),
    QuestionPattern(
        "number",
        1.1,
        _p(
            r"there(?:'s| is| are) (?P<y>",
            _NUMBER,
            r" (?P<n>[a-z]+(?: [a-z]+s)?|people)) (?P<x>(?:in|on|at|of|within) [^,;]{3,60}?)(?:,.*)?",
        ),
        "How many {n} are there {x}?",
        names=False,
    ),
    QuestionPattern(
        "number",
        0.8,
        _p(r"there(?:'s| is| are) (?P<y>", _NUMBER, r" (?P<n>(?P<x>[a-z]+(?: [a-z]+){0,2}s))) (?:that|which) .*"),
        "How many {n} are there?",
    ),
    QuestionPattern(
        "number",
        1.1,
        _p(_NAME, r" (?P<be>was|were) ", _DONE, r" in ", _YEAR, r"(?:\b.*)"),
        "In which year {be} {x} {v}?",
    ),
    QuestionPattern(
        "procedure",
        1.1,
        _p(r"to (?P<x>[a-z]+ [^,;:]{8,90}?), (?P<y>(?:you|we)(?:'d|'ll)? .{12,})"),
        "How do you {x}?",
        names=False,
    ),
    QuestionPattern(
        "advice",
        1.1,
        _p(r"(?P<c>if|when|whenever) (?P<x>", _CASE, r"), you should (?P<y>.{12,})"),
        "What should you do {c} {x}?",
        names=False,
    ),
    QuestionPattern(
        "consequence",
        0.9,
        _p(r"(?P<c>if|when) (?P<x>", _CASE, r"),(?: then)? ", _FOLLOWS),
        "What happens {c} {x}?",
        names=False,
    ),
)
_ES = r"(?:simplemente |básicamente |solo |realmente )?(?:un|una|unos|unas|el|la|los|las|lo que)\b"
SPANISH = (
    QuestionPattern("definition", 1.5, _p(_NAME, r" (?P<be>es|son) (?P<y>", _ES, r" \S.+)"), "¿Qué {be} {x}?"),
    QuestionPattern("meaning", 1.5, _p(_NAME, r" significan? (?:que )?(?P<y>\S+ \S+ .+)"), "¿Qué significa {x}?"),
    QuestionPattern(
        "definition",
        1.4,
        _p(_NAME, r" se (?:llaman?|denominan?|conocen? como) (?P<y>.+)"),
        "¿Cómo se llama {x}?",
    ),
    QuestionPattern(
        "purpose", 1.3, _p(_NAME, r" (?:se usan?|se utilizan?|sirven?) para (?P<y>.+)"), "¿Para qué sirve {x}?"
    ),
    QuestionPattern(
        "reason",
        1.3,
        _p(r"(?P<x>(?:\S+ ){3,}[^,;:]{4,100}?),? (?P<y>porque .{15,})"),
        "¿Por qué {x}?",
        names=False,
        tail=True,
    ),
    QuestionPattern(
        "consequence",
        0.9,
        _p(r"(?P<c>si|cuando) (?P<x>[^,;:]{10,110}?),(?: entonces)? (?P<y>.{25,})"),
        "¿Qué pasa {c} {x}?",
        names=False,
    ),
)
PATTERNS = {"en": ENGLISH, "es": SPANISH}
OWN = {
    "en": re.compile(r"^(?:what|how|why|which|when|where|who)\b", re.IGNORECASE),
    "es": re.compile(r"^¿\s*(?:qué|cómo|por qué|cuál|cuáles|cuándo|dónde|quién|cuánt[oa]s?)\b", re.IGNORECASE),
}
_FORMS = {"has": "have", "contains": "contain", "includes": "include", "takes": "take", "needs": "need"}


def put(pattern: QuestionPattern, match: re.Match[str], subject: str) -> str:
    """The question, its first letter a capital one."""
    groups = {k: v for k, v in match.groupdict().items() if v is not None} | {"x": subject}
    groups["v1"] = _FORMS.get(groups.get("v", "").lower(), groups.get("v", "").removesuffix("s"))
    groups["do"] = "does" if groups.get("w", "").endswith("s") else "do"
    groups |= {k: groups[k].lower() for k in ("be", "c", "v") if k in groups}
    would, _, rest = groups.get("be", "").partition(" ")  # "would be": When would the determinant be 3?
    groups |= {"be": would, "n": f"{rest} {groups.get('n', '')}".strip(), "who": groups.get("who", "").strip()}
    asked = pattern.ask.format(**groups).replace(" ?", "?")
    return asked[:1].upper() + asked[1:]


def names(subject: str, language: str) -> bool:
    """Whether a subject names something by itself: content words, nothing that points or stands for another word."""
    words = [w if w[0].isupper() and at else w.casefold() for at, w in enumerate(subject.split())]
    core = words[1:] if words[0] in _ARTICLES[language] else words
    if not core or core[0] in STOP[language] or core[-1] in STOP[language]:
        return False
    after = dict(pairwise(core))
    if any(w in _VAGUE[language] and after.get(w) not in {"of", "del", "de"} for w in core):
        return False  # "the goal" is nobody's, "the goal of training" is
    return all(w in _INSIDE[language] or w not in STOP[language] for w in core)


def leans(text: str, language: str) -> bool:
    """Whether a text points at something that only the lecture shows, or stands for words said before."""
    return bool(_DEICTIC[language].search(text) or _PRONOUN[language].search(text))


def points(text: str, language: str) -> bool:
    """Whether a text points at the screen, the speaker or the moment."""
    return bool(_DEICTIC[language].search(text))
