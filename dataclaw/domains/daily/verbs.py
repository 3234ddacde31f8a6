"""English words of everyday work: base forms of verbs out of any other, their other forms out of the base; singulars.

A closed list, not a parser: a word that is neither in it nor an inflection of a listed one is no verb here, and the
text around it is left as it was told. Irregular forms are listed; regular ones follow the spelling rules.
"""

from __future__ import annotations

from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as they are listed in this package."""
    return frozenset(text.split())


# fmt: off
VERBS = word_set("""
    activate add adjust align allow apply arrange ask assemble attach bake bathe beat begin bend blanch blend
    blow boil braise break brew bring browse brush build bundle burn buy call carry catch change charge chat
    check chew choose chop clap clean clear climb close coat collect combine compress connect continue converse
    cook cool count cover crack crease create crimp crumble crush cut deactivate declutter decorate defrost
    deliver detach dice dig dilute dip discard disconnect dismantle display dispose dissolve distribute divide
    do drag drain drape draw dress drill drink drive drizzle drop dry eat eject empty end ensure enter envelop
    erase even examine exchange exercise expel explore extract fasten feed feel fetch fill filter find finish
    fit fix flatten flavor flavour flick flip fluff fold follow form fry garnish gather get give glance go grab
    grate grease greet grill grind grip group grow hammer hand hang harvest heat help hide hit hold ignite immerse
    increase inflate ingest insert inspect install interact iron join juice jump keep knead ladle lather laugh
    lay lean leave lengthen level lift light listen load lock look loosen lower lubricate maintain make manage
    manipulate marinate mark mash massage measure meet melt mend mince mix moisten mop move neaten observe offer
    open operate order organise organize overturn pack pass paste peel pet pick pierce pile pipe place plait
    plan play pluck plug point poke polish portion position pour powder preheat prepare press prick pull push put
    raise read rearrange reconnect record reduce refill refrigerate regulate rekindle release remove repair
    repeat replace reposition reroll reseal reset resume return ride rinse rip roast roll rotate rub run salute
    sample sanitize saute savor savour scoop scour scrape scratch screw scroll scrub seal sear search season
    secure see select send separate serve set sew shake shape sharpen shave shred show shut sieve sift simmer sip sit
    skim slice slide smash smell smoke smooth smoothen snap soak soap sort speak spill spin split spray spread
    sprinkle squash squeeze squirt stab stack stand stare start steady steam step stick stir stitch stop store
    straighten strain stretch strip study stuff submerge suck swap sweep sweeten swing swirl switch take talk
    tap taste tear tell tend test thicken thin think thread throw tidy tie tighten tilt toast toss touch
    transfer trim try tuck turn twist type unbox uncover unfold unload unlock unpack unplug unroll unscrew
    unseal untie untwist unwrap use visit wait walk wash watch wear weigh whip whisk wind wipe withdraw work
    wrap wring write zest
""")
"""Words that are verbs wherever one may stand."""

NOUNS_TOO = word_set("""
    bag bin book butter can cap clip collapse comb cream crumb cup deep deposit dish dose dump dust fish flour
    foam fork freeze grade hook ice ladle microwave milk mold mould nail oil package paint pan pat pepper
    photograph picture pin plate pound power proof pump rack rest salt sauce scan scent score setup skewer skin
    spice sponge spoon spot sugar table tip trash tray vacuum warm water workout
""")
"""Words that are verbs at the beginning only: elsewhere they name things."""

_IRREGULAR = {
    "does": "do", "goes": "go", "has": "have", "lies": "lie", "ties": "tie", "dies": "die", "lying": "lie",
    "tying": "tie", "cut": "cut", "puts": "put", "took": "take", "made": "make", "ate": "eat", "poured": "pour",
    "unties": "untie", "untying": "untie", "sauteing": "saute", "sautéing": "saute", "sauté": "saute",
    "fliping": "flip", "stiring": "stir", "cuting": "cut", "puting": "put", "seeing": "see", "thrown": "throw",
    "choping": "chop", "moulds": "mould", "molds": "mold", "dyeing": "dye",
}
_DOUBLED = word_set("""
    chop clap cut dig dip drag drop fit flip get grab grip hit mop nap pat pet pin plan plug put rip rub run
    scan scrub set shut sip transfer sit skim skin slip snap spin split spot squat stab step stir stop strip
    swap tap tip trap trim unplug unwrap unzip whip wrap zip bag bin cap can pan begin fan jam jog hug reset
    unpin refit
""")
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxyz")
# fmt: on


@lru_cache(maxsize=8192)
def base_of(word: str, *, first: bool = True) -> str:
    """The base form of a verb ("Stirring", "stirs", "stirred" give "stir"), "" when the word is none.

    Args:
        word: one word, in any case.
        first: whether it begins the sentence, where words like "oil" are verbs too.
    """
    lowered = word.lower()
    head, dash, last = lowered.rpartition("-")
    if dash and head:
        inner = base_of(last, first=first)
        return f"{head}-{inner}" if inner else ""
    known = VERBS | NOUNS_TOO if first else VERBS
    return next((base for base in _bases(lowered) if base in known), "")


def _bases(word: str) -> list[str]:
    """What a word may be a form of, likeliest first."""
    found = [_IRREGULAR.get(word, word)]
    if word.endswith("ies"):
        found.append(f"{word[:-3]}y")
    if word.endswith("es"):
        found += [word[:-1], word[:-2]]
    elif word.endswith("s") and not word.endswith("ss"):
        found.append(word[:-1])
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            undoubled = [stem[:-1]] if len(stem) > 2 and stem[-1] == stem[-2] else []
            found += [stem, *undoubled, f"{stem}e", *([f"{stem[:-1]}y"] if stem.endswith("i") else [])]
    return found


def form_of(word: str) -> str:
    """How a verb is inflected: "ing", "s", "ed", or "" for the base form and for what is no verb."""
    lowered, base = word.lower(), base_of(word)
    if not base or lowered == base:
        return ""
    return "ing" if lowered.endswith("ing") else "ed" if lowered.endswith("ed") else "s"


def gerund(base: str) -> str:
    """The -ing form of a base form."""
    head, dash, last = base.rpartition("-")
    if last.endswith("ie"):
        last = f"{last[:-2]}y"
    elif last.endswith("e") and not last.endswith(("ee", "ye", "oe")):
        last = last[:-1]
    elif last in _DOUBLED:
        last += last[-1]
    return f"{head}{dash}{last}ing"


def third(base: str) -> str:
    """The form of "he", "she", "it"."""
    if base in {"do", "go"}:
        return f"{base}es"
    if base.endswith(("s", "x", "z", "ch", "sh")):
        return f"{base}es"
    if base.endswith("y") and base[-2:-1] in _CONSONANTS:
        return f"{base[:-1]}ies"
    return f"{base}s"


def singular(word: str) -> str:
    """The singular of a regular plural ("knives" and "leaves" included)."""
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith("ves") and len(word) > 4:
        return {"knives": "knife", "wives": "wife"}.get(word, f"{word[:-3]}f")
    if word.endswith(("sses", "shes", "ches", "xes", "toes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
