"""How requests choose their words, so that held-out scenes say things as no other scene does; sentences of truths."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, SceneSpec
from dataclaw_worlds.words import Words

TYPO_SHARE = 0.12
"""Share of English paraphrases that get a typing error."""
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
NUMBERS_ZH = {1: "一", 2: "两", 3: "三", 4: "四", 5: "五", 6: "六"}
_STOPS = re.compile(r"in|of|from|that|who|which|whose|where|with(out)?|longer|shorter|under|over|after|before|and")
_MANY = re.compile(r"\b(are|them|their|they)\b")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences in one language, each of one wording: `sentences("gap", length=1.5)`.

    Attributes:
        table: `[English, Chinese]` by key, with slots.
        zh: whether the sentences are Chinese.
    """

    table: Words
    zh: bool

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key with its slots filled."""
        return self.table.phrases(key)[self.zh].format(**values)


def language_of(text: str) -> Literal["en", "zh"]:
    """The language of a template: Chinese if any of its characters is."""
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"


def template_request(task: str, template: str, meaning: Mapping[str, Json], intent: str = "") -> Request:
    """A request by one of the domain's own templates; `intent` is the template with its slots filled."""
    return Request(task, intent or template, meaning, "template", language_of(intent or template), template)


@dataclass(frozen=True, slots=True)
class RequestWords:
    """Templates of requests, and how often each kind of them is used.

    Attributes:
        plain: English templates in whole sentences.
        fuzzy: English templates of loose talk.
        zh: Chinese templates.
        slot: name of the slot for what is requested.
        fuzzy_share: how often a fuzzy template is wanted, 0..1.
        zh_share: how often a Chinese template is used, 0..1.
    """

    plain: Sequence[str]
    fuzzy: Sequence[str]
    zh: Sequence[str]
    slot: str
    fuzzy_share: float
    zh_share: float

    @classmethod
    def read(cls, table: Words, slot: str, fuzzy_share: float, zh_share: float) -> RequestWords:
        """The templates `plain`, `fuzzy` and `zh` of a table."""
        plain, fuzzy, zh = (table.phrases(key) for key in ("plain", "fuzzy", "zh"))
        return cls(plain, fuzzy, zh, slot, fuzzy_share, zh_share)

    def request(
        self,
        spec: SceneSpec,
        task: str,
        names: tuple[Sequence[str], Sequence[str]],
        meaning: Mapping[str, Json],
        rng: random.Random,
        *,
        clause: bool = False,
    ) -> Request:
        """A request in words that the spec's split may use.

        Args:
            spec: the scene's spec.
            task: the task that is requested.
            names: what people call the thing they want, in English and Chinese.
            meaning: what the request means.
            rng: what is drawn from.
            clause: whether names are clauses, which fit every template; the template is drawn first then. Names that
                are nouns are drawn first, since those in the singular fit no template that speaks of "them".
        """
        en, zh = names
        if rng.random() < self.zh_share:
            template = rng.choice(spec.pool(self.zh, wording.TEMPLATE))
            return Request(task, self._fill(template, rng.choice(zh)), meaning, "paraphrase", "zh", template)
        if clause:
            template = self._english(spec, rng, many=True)
            name = rng.choice(en)
        else:
            name = rng.choice(en)
            template = self._english(spec, rng, many=is_plural(name))
        intent = self._fill(template, name)
        if rng.random() < TYPO_SHARE:
            return Request(task, wording.mistype(intent, rng), meaning, "typo", "en", template)
        return Request(task, intent, meaning, "fuzzy" if template in self.fuzzy else "paraphrase", "en", template)

    def _fill(self, template: str, name: str) -> str:
        return template.format(**{self.slot: name})

    def _english(self, spec: SceneSpec, rng: random.Random, *, many: bool) -> str:
        """An English template; a fuzzy one by chance, if the spec's split has any."""
        pool = spec.pool((*self.plain, *self.fuzzy), wording.TEMPLATE)
        allowed = [t for t in pool if many or not _MANY.search(t)]
        loose = [t for t in allowed if t in self.fuzzy]
        use_loose = bool(loose) and rng.random() < self.fuzzy_share
        return rng.choice(loose if use_loose else [t for t in allowed if t not in self.fuzzy] or allowed)


def fill_names(ways: Words, **values: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What people call something, in English (`en`) and Chinese (`zh`), with slots filled."""
    en, zh = (tuple(name.format(**values) for name in ways.phrases(language)) for language in ("en", "zh"))
    return en, zh


def is_plural(name: str) -> bool:
    """Whether a name is plural: "the shots of scene 3" is; "the first drone shot" and "what runs slower" are not."""
    first, *rest = name.replace(",", " and ").split() or [""]
    if first not in ("the", "all"):
        return False
    head = ""
    for word in rest:
        if _STOPS.fullmatch(word) or (word[0].isupper() and head):
            break
        head = word
    return head.endswith("s") and not head.endswith(("'s", "ss"))
