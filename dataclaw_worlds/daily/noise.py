"""What comes between: interruptions, remarks, slips and how they are put right, and words that were misheard."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.daily.vocabulary import CHILD

BREAKS: Sequence[str] = (
    "answer the phone", "open the door for {who}", "talk to {who} in the hallway", "chase the cat off the worktop",
    "sign for the parcel", "check the messages on the phone", "turn the radio down", "wave to {who} through the glass",
    "let the cat out", "look for the reading glasses", "pick up {who} and say hello", "read the letter from the school",
    "shut the door because of the draught", "scratch the cat behind the ears", "answer a question from {who}",
    "swat the fly", "drink a glass of juice", "hang the keys on the hook", "cough into the sleeve", "feed the goldfish",
    "tie the shoelaces", "take a photo of the sky", "call {who} back", "hum along with the radio", "stroke the parrot",
    "give {who} a biscuit", "watch the bin lorry in the street", "lower the blind against the sun",
    "put a plaster on the doll", "stop the alarm of the phone", "wipe the nose of {who}", "change the music",
    "show {who} where the bathroom is", "throw the ball for the puppy next door", "look up the bus times",
)  # fmt: skip
"""Orders that serve nothing."""

REMARKS: Sequence[str] = (
    "it is raining again", "that song is stuck in my head", "the neighbours are loud today", "my back hurts a bit",
    "I should call my sister later", "the clock on the wall is slow", "this radiator never gets warm",
    "somebody left the light on", "there goes the bus", "I forgot what day it is", "the phone is almost empty",
    "we are out of coffee", "that hinge squeaks", "my sleeves are too long", "the sun is in my eyes",
    "what a nice smell from next door", "I had a strange dream", "the post is late", "this apron is ancient",
    "somebody is mowing the lawn", "I still owe him ten euros", "the match starts at eight", "look at that sunset",
    "the wifi is down again", "nobody told me about the meeting", "my tea has gone cold", "the cat is asleep",
    "that was a long week", "I never liked this wallpaper", "it is warm in here", "somebody parked on the lawn",
)  # fmt: skip
"""What is said beside the work."""

SLIPS: Sequence[tuple[str, str]] = (
    ("take the {odd} out of the drawer by mistake", "put the {odd} back into the drawer"),
    ("reach for the {odd} instead", "put the {odd} aside, it is the wrong thing"),
    ("knock over the {liquid} by accident", "mop up the {liquid} from the floor"),
    ("spill the {liquid} on the floor", "wipe the {liquid} off the floor"),
    ("bring the wrong {odd}", "carry the {odd} back again"),
    ("drop the {odd} on the floor", "pick the {odd} up and put it away"),
    ("open the wrong drawer and take the {odd}", "return the {odd} to its place"),
    ("start with the {odd} and notice the mistake", "swap the {odd} for the right thing"),
    ("burn a finger on the {hot}", "cool the finger under the tap"),
    ("tear the bag of {dry} and scatter it", "sweep up the {dry}"),
    ("lose the lid of the {liquid}", "find the lid of the {liquid} under the table"),
    ("break the {odd} by accident", "throw the broken {odd} away"),
)  # fmt: skip
_FILL: Mapping[str, Sequence[str]] = {
    "odd": (
        "stapler", "corkscrew", "ladle", "tin opener", "measuring tape", "egg timer", "funnel", "candle",
        "nutcracker", "paintbrush",
        "pizza cutter", "potato masher", "shoehorn", "torch", "garlic press", "tea strainer",
        "ice pick", "rolling ruler", "clothes peg", "cookie cutter", "fly swatter", "letter opener", "bottle brush",
    ),
    "liquid": ("milk", "orange juice", "cold coffee", "vinegar", "lemonade", "cocoa", "tomato juice", "iced tea",
               "washing-up liquid", "mineral water", "apple juice", "beer"),
    "hot": ("lamp", "toaster", "radiator", "hot tap", "iron plate", "candle", "kettle spout", "heater"),
    "dry": ("lentils", "birdseed", "coffee beans", "cornflakes", "sugar cubes", "dried peas", "cat food", "rice puffs"),
}  # fmt: skip

HEARD: Mapping[str, str] = {
    "leek": "leak",
    "thyme": "time",
    "flour": "flower",
    "dough": "doe",
    "knead": "need",
    "pour": "paw",
    "sieve": "give",
    "whisk": "risk",
    "peel": "peal",
    "pear": "pair",
    "plum": "plumb",
    "sage": "stage",
    "mint": "mince",
    "dill": "deal",
    "board": "bored",
    "jar": "char",
    "jars": "cars",
    "lid": "lead",
    "pan": "pen",
    "bowl": "ball",
    "batter": "better",
    "glue": "blue",
    "tube": "cube",
    "tap": "tab",
    "wheel": "wheal",
    "bread": "bred",
    "rice": "rise",
    "pasta": "pastor",
    "grate": "great",
    "oven": "often",
    "plates": "plaits",
    "needle": "noodle",
    "thread": "threat",
    "seam": "scene",
    "roots": "routes",
    "soil": "soul",
    "bed": "bad",
    "brush": "rush",
    "paint": "pant",
    "tape": "tap",
    "hole": "whole",
    "boots": "boats",
    "laces": "laser",
    "shirts": "shorts",
    "drum": "drama",
    "collar": "colour",
    "towel": "trowel",
    "coat": "quote",
    "wound": "wand",
    "pad": "bad",
    "bandage": "badge",
    "cloth": "clot",
    "salt": "sold",
    "stock": "sock",
    "cheese": "keys",
    "herb": "verb",
    "dressing": "dresser",
    "kettle": "cattle",
    "ladle": "label",
    "screws": "crews",
    "nuts": "notes",
    "trap": "wrap",
    "pipe": "pie",
    "bulb": "bold",
    "shade": "shape",
    "paper": "pepper",
    "ribbon": "robin",
    "basil": "basal",
    "beetroot": "beat root",
    "carrot": "carat",
    "celery": "salary",
    "fennel": "final",
    "fern": "firm",
    "puree": "purée a",
    "curry": "carry",
    "tart": "dart",
    "jam": "gem",
    "honey": "honi",
    "drawers": "doors",
    "rug": "rag",
    "iron": "iren",
    "suitcase": "soup case",
    "socks": "sacks",
    "vase": "face",
    "candles": "camels",
    "shears": "cheers",
}
"""What a machine hears in place of a word."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake and how it is put right, as orders."""

    wrong: str
    right: str


def slip(spec: SceneSpec, rng: random.Random) -> tuple[Slip, str]:
    """A slip of the lot's split, and its pattern."""
    names = spec.pool([wrong for wrong, _ in SLIPS], "slip")
    wrong = rng.choice(names)
    right = dict(SLIPS)[wrong]
    thing = {slot: rng.choice(options) for slot, options in _FILL.items()}
    return Slip(wrong.format(**thing), right.format(**thing)), wrong


def interruption(spec: SceneSpec, rng: random.Random) -> tuple[str, str]:
    """An interruption of the lot's split, and its pattern."""
    pattern = rng.choice(spec.pool(BREAKS, "interruption"))
    return pattern.format(who=rng.choice(CHILD)), pattern


def misheard(text: str, rng: random.Random) -> tuple[str, tuple[str, str] | None]:
    """The text with one word misheard, and `(said, meant)`; unchanged where no word is easily misheard."""
    words = re.findall(r"[A-Za-z']+", text)
    known = [word for word in words if word in HEARD]
    if not known or len({w for w in words if len(w) > 2 and w not in {"the", "with", "and", "into"}}) < 3:
        return text, None
    word = rng.choice(known)
    return re.sub(rf"\b{word}\b", HEARD[word], text, count=1), (HEARD[word], word)
