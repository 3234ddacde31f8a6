"""The same step in other words: what is done and why, as different teachers say it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dataclaw_worlds.education.problems import Problem

Words = Mapping[str, Sequence[str]]
"""Other words by a pattern of the whole phrase; its groups go on as they are."""

MOVES: Words = {
    r"subtract (.+) from both sides": (r"take \1 away on both sides", r"make both sides smaller by \1"),
    r"take (.+) away on both sides": (r"subtract \1 from both sides",),
    r"add (\S+) to both sides": (r"put \1 on both sides as well", r"make both sides larger by \1"),
    r"subtract (\S+)": (r"take \1 away", r"move \1 to the other side"),
    r"divide both sides by (.+)": (r"divide the whole equation by \1", r"divide left and right by \1"),
    r"multiply both sides by (.+)": (r"multiply the whole equation by \1", r"multiply left and right by \1"),
    r"add the terms with (\w)": (r"put the terms with \1 together", r"count the terms with \1 together"),
    r"put in (.+)": (r"insert \1", r"fill in \1"),
    r"put (.+) in the place of (\w)": (r"replace \2 by \1", r"insert \1 for \2"),
    r"put (\S+) into the (.+)": (r"insert \1 in the \2", r"use \1 in the \2"),
    r"work out the (product|difference|quotient|value|power)": (r"calculate the \1", r"find the \1"),
    r"work out both (products|powers)": (r"calculate both \1", r"find both \1"),
    r"write down the (.+)": (r"note the \1", r"put the \1 on the board"),
    r"take the root on both sides": ("undo the square on both sides", "draw the root left and right"),
    r"take the (positive )?root": (r"draw the \1root", r"undo the square by a \1root"),
    r"multiply by (\S+)": (r"take it \1 times", r"go on with a factor of \1"),
    r"divide by (\S+)": (r"carry out a division by \1",),
    r"use the (.+)": (r"apply the \1", r"make use of the \1"),
    r"multiply the bracket out with (\S+)": (r"multiply each term of the bracket by \1", r"open the bracket with \1"),
    r"multiply crosswise": ("multiply over the cross", "take the products along the diagonals"),
    r"set each factor to zero": ("look where each factor is zero", "make an equation of each factor"),
    r"start with (.+)": (r"begin with \1", r"write \1 first"),
    r"cancel (.+)": (r"shorten by cancelling \1", r"reduce it and cancel \1"),
    r"count all cases": ("find the number of all cases", "list every possible case"),
    r"square the numbers": ("work out the squares", "take each number times itself"),
}
REASONS: Words = {
    r"(\w) has to stand alone": (
        r"\1 should be by itself",
        r"nothing else may stay beside \1",
        r"we want to know \1 alone",
    ),
    r"only numbers are left": ("nothing unknown stands there any more", "just arithmetic remains"),
    r"one x is what we want": ("a single x is asked for", "the question is about one x"),
    r"x must not have a factor any more": ("a factor still stands before x", "we want to know a single x"),
    r"only the term with x may stay on the left": (
        "the number on the left is in the way",
        "the term with x should be alone there",
    ),
    r"x has to come out of the bracket": ("x cannot be reached inside the bracket", "the bracket still hides x"),
    r"both are given": ("the exercise tells us both", "both are known from the start"),
    r"both lengths are given": ("the exercise names both lengths", "we know both of the lengths"),
    r"the units fit( now)?": (r"all the units match\1", r"nothing has to be converted\1"),
    r"they are alike": ("they belong to the same letter", "equal letters may be added"),
    r"only equal parts can be added": ("parts of different size do not add up", "adding needs parts of one size"),
    r"(\w) must not stay in the denominator": (r"\1 is caught below the line", r"\1 has to come up from below"),
    r"that cancels the denominator": ("the denominator goes away by that", "then no fraction is left"),
    r"the fraction has to stand alone first": ("the sum hides the fraction", "the fraction should be free first"),
    r"a product is zero only if one factor is": (
        "no product vanishes without a zero factor",
        "one of the factors has to vanish",
    ),
    r"all terms with x have to meet on one side": ("x stands on two sides so far", "x should occur on one side only"),
    r"the number is still in the way of x": ("the term with x is not free yet", "a number still stands beside x"),
    r"a square can come from two numbers": ("plus and minus have the same square", "the sign is lost in a square"),
    r"both numbers have a common factor": ("top and bottom share a factor", "the fraction can be made simpler"),
    r"all cases are equally likely": ("no case is favoured", "every case has the same chance"),
    r"they are of the same sort": ("all of them are multiples of x", "terms of one sort may be added"),
    r"one unknown is left there": ("that line has one unknown left", "one unknown can be found at once"),
    r"each of them has one answer": ("every small equation has one solution", "both are solved at a glance"),
    r"the left side is only numbers now|only numbers stand there": (
        "that side has no unknown any more",
        "no letter stands on that side",
    ),
}


def reworded(problem: Problem, rng: random.Random) -> Problem:
    """A problem with some of its steps put in other words."""
    steps = [replace(step, move=_put(step.move, MOVES, rng), reason=_put(step.reason, REASONS, rng))
             for step in problem.steps]  # fmt: skip
    return replace(problem, steps=tuple(steps))


def _put(text: str, words: Words, rng: random.Random) -> str:
    for pattern, others in words.items():
        match = re.fullmatch(pattern, text)
        if match is not None:
            return rng.choice((text, *(match.expand(other) for other in others)))
    return text
