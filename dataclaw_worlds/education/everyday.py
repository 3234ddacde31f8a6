"""Families of problems: prices, recipes, temperatures, work, falling, levers and heat."""

from __future__ import annotations

import random

from dataclaw_worlds.education.problems import Family, Problem, Step


def percent_change(r: random.Random) -> Problem:
    """By how many percent a price went up."""
    old, p = 20 * r.randrange(2, 20), r.choice((5, 10, 15, 20, 25, 30, 40))
    new = old + old * p // 100
    return Problem("a growth in percent", f"from {old} to {new}, growth = ?", "looking for the growth in percent", (
        Step(f"{new} - {old} = {new - old}", "subtract the old value from the new one", "only the change matters",
             "move"),
        Step(f"{new - old} / {old} = {p / 100:g}", "divide the change by the old value",
             "growth is always measured from the start", "unit", f"{new - old} / {new} = {(new - old) / new:.2f}"),
        Step(f"growth = {p}%", "write the decimal as a percentage", "percent means hundredths", "rewrite"),
    ))  # fmt: skip


def before_tax(r: random.Random) -> Problem:
    """The price before the tax was added."""
    net, p = 50 * r.randrange(1, 17), r.choice((10, 20))
    gross = net + net * p // 100
    return Problem("a price before tax", f"{gross} euros with {p}% tax", "looking for the price before tax", (
        Step(f"{100 + p}% = {gross}", "write the full price as a percentage", "the tax was added to a hundred percent",
             "law", f"{100 - p}% = {gross}"),
        Step(f"1% = {gross / (100 + p):g}", f"divide by {100 + p}", "one percent is the easiest bridge", "unit"),
        Step(f"100% = {net}", "multiply by 100", "the price without tax is the whole", "scale"),
    ))  # fmt: skip


def recipe(r: random.Random) -> Problem:
    """Flour for another number of people."""
    people, each, wanted = r.choice((2, 4, 5)), 25 * r.randrange(2, 7), r.randrange(6, 13)
    return Problem("a recipe for more people", f"{people} people: {people * each} g, {wanted} people: ?",
                   "looking for the flour", (
        Step(f"1 person: {each} g", f"divide the flour by {people}", "everybody eats the same", "unit",
             f"1 person: {people * each * people} g"),
        Step(f"{wanted} * {each} g", f"take it {wanted} times", "each guest needs a portion", "scale"),
        Step(f"{wanted * each} g of flour", "multiply the portion by the guests", "no other unit comes in", "compute"),
    ))  # fmt: skip


def fahrenheit(r: random.Random) -> Problem:
    """Celsius to Fahrenheit."""
    c = 5 * r.randrange(1, 20)
    return Problem("a change of temperature scales", f"{c} °C in °F", f"changing {c} degrees Celsius", (
        Step("F = 1.8 * C + 32", "write down the rule of the two scales", "zero does not mean the same on both", "law",
             "F = 1.8 * C"),
        Step(f"F = 1.8 * {c} + 32", "put in the temperature", "it is given in degrees Celsius", "insert"),
        Step(f"F = {9 * c // 5} + 32", "multiply before adding", "a product binds more strongly than a sum", "compute"),
        Step(f"F = {9 * c // 5 + 32}", "add the shift of 32", "water freezes at that mark", "collect"),
    ))  # fmt: skip


def litres(r: random.Random) -> Problem:
    """The volume of a tank in litres."""
    a, b, c = 10 * r.randrange(2, 9), 10 * r.randrange(2, 7), 10 * r.randrange(2, 6)
    v = a * b * c
    return Problem("the contents of a fish tank", f"{a} cm x {b} cm x {c} cm = ? L", "looking for the litres", (
        Step(f"V = {a} * {b} * {c} cm³", "multiply length, width and height", "the tank is a box", "law"),
        Step(f"V = {v} cm³", "work out the product of the edges", "all edges are in centimetres", "compute"),
        Step(f"V = {v / 1000:g} L", "divide by 1000", "a litre has a thousand cubic centimetres", "unit",
             f"V = {v / 100:g} L"),
    ))  # fmt: skip


def fuel(r: random.Random) -> Problem:
    """Fuel for a way."""
    use, way = r.randrange(4, 10), 50 * r.randrange(3, 15)
    return Problem("the petrol for a journey", f"{use} L per 100 km, way {way} km", "looking for the petrol", (
        Step(f"{way} / 100 = {way / 100:g}", "count the hundreds of kilometres", "the use is given for a hundred",
             "unit"),
        Step(f"{way / 100:g} * {use} = {way * use / 100:g}", "multiply by the use", "every hundred costs as much",
             "scale", f"{way} * {use} = {way * use}"),
        Step(f"{way * use / 100:g} litres", "add the unit", "a bare number is no answer", "finish"),
    ))  # fmt: skip


def workers(r: random.Random) -> Problem:
    """More workers, fewer days."""
    men, days, more = r.choice(((4, 6, 8), (3, 8, 6), (6, 10, 12), (5, 12, 10), (4, 9, 6), (6, 8, 16), (3, 10, 5)))
    return Problem("an inverse proportion", f"{men} workers: {days} days, {more} workers: ?", "looking for the days", (
        Step(f"{men} * {days} = {men * days} days of work", "multiply workers and days",
             "the amount of work stays the same", "law", f"{days} / {men} = {days / men:.2f}"),
        Step(f"{men * days} / {more} = {men * days / more:g}", "share the work among the new team",
             "more hands need less time", "divide"),
        Step(f"{men * days / more:g} days", "write the result in days", "time is what was asked for", "finish"),
    ))  # fmt: skip


def free_fall(r: random.Random) -> Problem:
    """How deep a well is."""
    t = r.randrange(1, 7)
    return Problem("a stone in a well", f"t = {t} s, g = 10 m/s², s = ?", "looking for the depth", (
        Step("s = 0.5 * g * t²", "use the law of free fall", "the stone starts at rest", "law", "s = g * t"),
        Step(f"s = 0.5 * 10 * {t}²", "put in time and gravity", "air resistance is left out", "insert"),
        Step(f"s = 5 * {t * t}", "square the time", "only the time carries the exponent", "compute"),
        Step(f"s = {5 * t * t} m", "multiply the last two numbers", "metres are left as the unit", "finish"),
    ))  # fmt: skip


def lever(r: random.Random) -> Problem:
    """The balance of a lever."""
    f, a, k = 10 * r.randrange(2, 9), r.randrange(2, 7), r.randrange(2, 5)
    return Problem("a lever in balance", f"{f} N at {a * k} cm, x N at {a} cm", "looking for the force", (
        Step(f"{f} * {a * k} = x * {a}", "multiply each force by its arm", "the two turning effects are equal", "law",
             f"{f} * {a} = x * {a * k}"),
        Step(f"{f * a * k} = {a}x", "work out the known side", "both of its factors are given", "compute"),
        Step(f"x = {f * k} N", f"divide both sides by {a}", "the unknown force must stand alone", "divide"),
    ))  # fmt: skip


def spring(r: random.Random) -> Problem:
    """The force of a spring."""
    d, cm = 10 * r.randrange(2, 30), r.choice((5, 10, 20, 25, 40))
    return Problem("the force of a spring", f"D = {d} N/m, s = {cm} cm, F = ?", "looking for the force", (
        Step("F = D * s", "start with the law of Hooke", "a spring pulls the more the longer it gets", "law",
             "F = D / s"),
        Step(f"s = {cm / 100:g} m", "change centimetres into metres", "the constant is given for a metre", "unit"),
        Step(f"F = {d} * {cm / 100:g}", "put in constant and length", "the units match now", "insert"),
        Step(f"F = {d * cm / 100:g} N", "multiply both values", "the product is a force in newtons", "compute"),
    ))  # fmt: skip


def heating(r: random.Random) -> Problem:
    """Heat for water."""
    m, t = r.randrange(1, 9), 5 * r.randrange(2, 15)
    return Problem("the heat for a pot of water", f"{m} kg water, {t} degrees warmer", "looking for the heat", (
        Step("Q = c * m * T", "write down the equation of heating", "mass and warming raise the heat alike", "law",
             "Q = m * T / c"),
        Step(f"Q = 4.2 * {m} * {t}", "put in 4.2 for water", "each kilogram takes that much for a degree", "insert"),
        Step(f"Q = 4.2 * {m * t}", "multiply mass and warming first", "whole numbers are easier to handle", "collect"),
        Step(f"Q = {4.2 * m * t:.1f} kJ", "multiply by 4.2", "heat is counted in kilojoules here", "compute"),
    ))  # fmt: skip


def wave(r: random.Random) -> Problem:
    """Wavelength from frequency."""
    f = r.choice((20, 50, 85, 100, 170, 200, 340, 400, 425, 500, 680, 850, 1000))
    return Problem("the length of a sound wave", f"f = {f} Hz, v = 340 m/s", "looking for the wavelength", (
        Step("v = f * L", "join speed, frequency and length", "each swing moves the wave by one length", "law",
             "v = f + L"),
        Step("L = v / f", "divide both sides by f", "the length is what we look for", "divide"),
        Step(f"L = 340 / {f}", "put in speed and frequency", "sound travels at a known speed", "insert"),
        Step(f"L = {340 / f:g} m", "carry out the division", "there is nothing left to convert", "compute"),
    ))  # fmt: skip


def alloy(r: random.Random) -> Problem:
    """The strength of a mixture."""
    a, b, p, q = r.choice((1, 2, 3)), r.choice((1, 2, 4)), 10 * r.randrange(1, 4), 10 * r.randrange(5, 9)
    pure = (a * p + b * q) / 100
    return Problem("a mixture of two solutions", f"{a} L at {p}%, {b} L at {q}%", "looking for the strength", (
        Step(f"{a * p / 100:g} + {b * q / 100:g} = {pure:g} L", "add what is dissolved in each",
             "nothing gets lost when they are mixed", "unit", f"{p}% + {q}% = {p + q}%"),
        Step(f"{a} + {b} = {a + b} L", "add the two amounts", "the new solution has both in it", "collect"),
        Step(f"{pure:g} / {a + b} = {pure / (a + b):.3g}", "divide the pure part by the whole",
             "strength is a share of the whole", "divide"),
    ))  # fmt: skip


EVERYDAY: dict[str, Family] = {
    f.__name__: f
    for f in (
        percent_change, before_tax, recipe, fahrenheit, litres, fuel, workers, free_fall, lever, spring, heating,
        wave, alloy,
    )
}  # fmt: skip
