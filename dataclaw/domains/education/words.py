"""Words as the education domain compares them: tokens, stop words, language, and what is talk rather than teaching.

Plain lists for English and Spanish, the two languages whose sentences are turned into questions; every other language
is only told apart (so that nothing is done to it that needs its grammar). No model, no download.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

LONG = 6
"""Letters of a word that carries sense, in languages without a list of common words."""

STEM = 6
"""Words that share so many first letters count as one: "transform" and "transformations", "vector" and "vectores"."""

_LITTLE = (
    "的了是在我们你他她它这那个一有和就也不会都可以说到上下中为什么所以如果但而且"
    "只要被把让看时候样些点它與個們這來對會應該們爲"
)
CJK = rf"(?:(?![{_LITTLE}])[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
"""A character of Chinese, Japanese or Korean that is no function word of Chinese, as a pattern."""

_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:['’][^\W_]+)*")
_NOTE = re.compile(r"\[[^\]]{0,80}\]|♪[^♪]{0,200}♪?")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, a list to be read."""
    return frozenset(text.split())


# fmt: off
STOP = {
    "en": word_set("""
        a about above after again all also although am an and another any anything are around as at away back
        be because been before being below between both but by came can come could did do does doing don't
        down each either else end enough even ever every few for from further get give given go goes going
        gonna good got great had has have having he her here here's him his how however i i'd i'll i'm i've if
        in instead into is isn't it it's its itself just keep kind know let let's like little look lot made
        make makes many may maybe me mean means might more most much must my need new next no not nothing now
        of off often ok okay on once one only or other our out over own perhaps put quite rather really right
        said same saw say see seen she should show simply so some something sometimes sort still such sure
        take talk tell than that that's the their them then there there's these they thing things think this
        those though three through time to together too took turn turns two under until up upon us use used
        using very want was way ways we we'll we're we've well went were what what's whatever when where
        whether which while who whole whose why will with within without won't would yeah yes yet you you'd
        you'll you're you've your
    """),
    "es": word_set("""
        a al algo algún alguna algunos ahora ante así aún aunque bien bueno cada casi como cómo con cosa cosas
        cual cualquier cuando cuándo de decir del desde después donde dónde dos durante e el él ella ellas
        ellos en entonces entre era eran es esa ese eso esos esta está están este esto estos estas estoy fue
        fueron gran ha hace hacer hacia han hasta hay he hecho hemos hola incluso ir la las le les lo los
        luego más me menos mi mientras misma mismo mucho muchos muy nada ni no nos nosotros o otra otras otro
        otros para parte pero poco podemos por porque puede pueden pues que qué quien quién se sea según ser
        si sí sido sin sobre solo sólo son su sus también tan tanto te tener tengo tiene tienen toda todas
        todo todos tres tu tus u un una uno unos usted ustedes va vamos ver vez y ya yo
    """),
}
_MARKS = {
    "fr": word_set("""
        le la les des est une dans que qui pour avec sur pas vous nous cette être plus mais
    """),
    "de": word_set("""
        der die das und ist nicht ein eine wir sie mit auf für dass wenn auch werden
    """),
    "pt": word_set("""
        não uma você com para isso são mais está muito então também quando
    """),
}
# fmt: on
FILLERS = frozenset({"um", "uh", "uhm", "umm", "erm", "hmm", "mm", "eh", "ehm"})
TALK = re.compile(
    r"\b(?:subscrib|patreon|sponsor|thank(?:s| you)\b|applause|see you|hello|hi everyone|welcome (?:back|to)\b|"
    r"good (?:morning|afternoon)|(?:last|next|previous|main|coming|upcoming) (?:few )?(?:video|chapter|lesson)|"
    r"(?:in|during|throughout) (?:the|this|these|my) (?:video|chapter|episode|series)|this (?:video|channel|exhibit)|"
    r"the description|in the comments|regular viewer|without further ado|reddit|twitter|museum|hiring|internship|"
    r"open positions|promo code|discount|link in|www\.|\w+\.com\b|"
    r"gracias|hola|suscr[ií]b|bienvenid|este v[ií]deo|(?:próximo|último|siguiente)s? (?:\w+ )?(?:v[ií]deo|cap))",
    re.IGNORECASE,
)
"""Talk about the talk: greetings, thanks, channel and credits. True of a lesson, and no teaching."""


def plain(text: str) -> str:
    """A text without stage directions ("[music playing]"), white space joined."""
    return " ".join(_NOTE.sub(" ", text).split())


def tokens(text: str) -> list[str]:
    """Words and numbers, case folded; every Chinese, Japanese or Korean character is one."""
    return _TOKEN.findall(_NOTE.sub(" ", text).casefold().replace("’", "'"))


def stems(text: str, language: str) -> list[str]:
    """Stems of the content words of a text, in order; CJK texts give their pairs of characters."""
    found = tokens(text)
    if found and sum(map(_is_cjk, found)) > len(found) / 2:
        return [a + b for a, b in pairwise(found) if _is_cjk(a) and _is_cjk(b)]
    return [stem(w) for w in found if w.isdigit() or (telling(w, language) and w not in FILLERS and len(w) > 2)]


def telling(word: str, language: str) -> bool:
    """Whether a word carries sense: not a common one of its language, or long where there is no list of these."""
    return word not in STOP[language] if language in STOP else len(word) >= LONG


def spelt(text: str) -> int:
    """Words of three letters or more in a text, and CJK characters: no figures, names of points or misread ink."""
    return sum(token.isalpha() and (len(token) > 2 or _is_cjk(token)) for token in tokens(text))


def stem(word: str) -> str:
    """What a word shares with its other forms: its first letters, a plural's "s" taken off."""
    single = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return single[:STEM]


def language_of(texts: Iterable[str]) -> str:
    """Code of a language: en, es, fr, de, pt, zh (any CJK script), or "" where no list of common words fits."""
    counts = Counter(token for text in texts for token in tokens(text))
    total = sum(counts.values())
    if not total:
        return ""
    if sum(n for token, n in counts.items() if _is_cjk(token)) > total / 2:
        return "zh"
    shares = {
        code: sum(n for t, n in counts.items() if t in words) / total for code, words in {**STOP, **_MARKS}.items()
    }
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= 0.12 else ""


def _is_cjk(token: str) -> bool:
    return len(token) == 1 and "\u3040" <= token <= "\ud7af"
