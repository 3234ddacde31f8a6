"""Families of problems: percentages, fractions, units, geometry, probability, physics, calculus."""

from __future__ import annotations

import random
from fractions import Fraction

from dataclaw_worlds.education.problems import Family, Problem, Step, plus


def angle_sum(r: random.Random) -> Problem:
    """The third angle of a triangle."""
    a, b = 5 * r.randrange(6, 17), 5 * r.randrange(5, 14)
    return Problem("the third angle of a triangle", f"A = {a}°, B = {b}°, C = ?", "looking for the angle C", (
        Step("A + B + C = 180°", "write down the sum of the angles", "it is the same in every triangle", "law",
             "A + B + C = 360°"),
        Step(f"{a}° + {b}° + C = 180°", "put in the two angles that we know", "then C is the only unknown", "insert"),
        Step(f"C = 180° - {a + b}°", "subtract the known angles", "C has to stand alone", "move"),
        Step(f"C = {180 - a - b}°", "work out the difference", "only numbers are left", "compute"),
    ), f"triangle {a} {b}")  # fmt: skip


def pythagoras(r: random.Random) -> Problem:
    """The longest side of a right triangle."""
    a, b, c = r.choice(((3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17), (9, 12, 15), (7, 24, 25), (12, 16, 20)))
    return Problem("a right triangle", f"a = {a}, b = {b}, c = ?", "looking for the long side c", (
        Step("c² = a² + b²", "use the theorem of Pythagoras", "the angle between a and b is a right one", "law",
             "c = a + b"),
        Step(f"c² = {a}² + {b}²", "put in the two short sides", "both lengths are given", "insert"),
        Step(f"c² = {a * a} + {b * b}", "square the numbers", "the squares can be added then", "compute"),
        Step(f"c² = {c * c}", "add the squares", "c should be the only unknown", "collect"),
        Step(f"c = {c}", "take the root", "a length is never negative", "root"),
    ), "triangle 90 37")  # fmt: skip


def circle_area(r: random.Random) -> Problem:
    """The area of a circle by its diameter."""
    radius = r.randrange(2, 12)
    return Problem("the area of a circle", f"d = {2 * radius} cm, A = ?", "looking for the area of the circle", (
        Step(f"r = {radius} cm", "halve the diameter", "the formula needs the radius", "rewrite",
             f"r = {2 * radius} cm"),
        Step("A = 3.14 * r²", "write down the formula for the area", "it tells how A and r belong together", "law"),
        Step(f"A = 3.14 * {radius * radius}", f"square {radius}", "the power comes before the product", "insert"),
        Step(f"A = {3.14 * radius * radius:.1f} cm²", "work out the product", "only numbers are left", "compute"),
    ))  # fmt: skip


def rectangle(r: random.Random) -> Problem:
    """Sides of a rectangle by its perimeter."""
    w, k = r.randrange(2, 9), r.randrange(2, 5)
    return Problem("the sides of a rectangle", f"P = {2 * w * (k + 1)}, L = {k}w", "looking for width and length", (
        Step("P = 2L + 2w", "write down the perimeter", "every side occurs twice", "law", "P = L + w"),
        Step(f"{2 * w * (k + 1)} = {2 * k}w + 2w", f"put {k}w in the place of L", "the length depends on the width",
             "insert"),
        Step(f"{2 * w * (k + 1)} = {2 * k + 2}w", "add the terms with w", "they are alike", "collect"),
        Step(f"w = {w}", f"divide by {2 * k + 2}", "one width is what we want", "divide"),
        Step(f"L = {k * w}", f"multiply the width by {k}", "the length was given that way", "compute"),
    ))  # fmt: skip


def percent_off(r: random.Random) -> Problem:
    """A price after a reduction."""
    p, cost = r.choice((10, 15, 20, 25, 30, 40)), 20 * r.randrange(2, 16)
    return Problem("a reduced price", f"{cost} euros, {p}% off", "looking for the new price", (
        Step(f"100% - {p}% = {100 - p}%", f"take {p} percent away from the whole", "that is what we still pay", "move",
             f"{p}% of {cost}"),
        Step(f"{100 - p}% = {(100 - p) / 100:g}", "write the percentage as a decimal", "we want to multiply with it",
             "rewrite"),
        Step(f"{(100 - p) / 100:g} * {cost} = {cost * (100 - p) / 100:g}", "multiply it by the old price",
             "a share of something is a product", "compute"),
    ))  # fmt: skip


def percent_of(r: random.Random) -> Problem:
    """The whole from a part."""
    p, k = r.choice((5, 10, 15, 20, 25, 30)), r.randrange(2, 20)
    part = p * k
    return Problem("a whole from its percentage", f"{part} is {p}% of x", "looking for the whole", (
        Step(f"{part} / {p} = {k}", f"divide by {p}", "that gives one percent", "unit", f"{part} * {p} = {part * p}"),
        Step(f"x = {k} * 100", "multiply by 100", "the whole is a hundred percent", "scale"),
        Step(f"x = {k * 100}", "write down the product", "two zeros are all it takes", "compute"),
    ))  # fmt: skip


def add_fractions(r: random.Random) -> Problem:
    """a/b + c/d."""
    (b, d) = r.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (3, 7), (5, 6), (2, 7)))
    a, c = r.randrange(1, b), r.randrange(1, d)
    whole = Fraction(a, b) + Fraction(c, d)
    return Problem("a sum of two fractions", f"{a}/{b} + {c}/{d}", f"adding {a}/{b} and {c}/{d}", (
        Step(f"{a * d}/{b * d} + {c * b}/{b * d}", f"bring both to the denominator {b * d}",
             "only equal parts can be added", "clear", f"{a + c}/{b + d}"),
        Step(f"{a * d + c * b}/{b * d}", "add the numerators", "the size of the parts stays the same", "collect"),
        *([Step(f"{whole.numerator}/{whole.denominator}", "cancel what both have in common",
                "a fraction should be as small as it can", "reduce")]
          if whole.denominator != b * d else []),
    ))  # fmt: skip


def divide_fractions(r: random.Random) -> Problem:
    """a/b : c/d."""
    a, b = r.choice(((1, 2), (2, 3), (3, 4), (3, 5), (4, 7), (5, 6), (2, 7), (5, 8)))
    c, d = r.choice(((2, 3), (2, 5), (3, 4), (4, 5), (3, 7), (5, 9), (3, 8)))
    return Problem("a division of fractions", f"{a}/{b} : {c}/{d}", "dividing two fractions", (
        Step(f"{a}/{b} * {d}/{c}", "turn the second fraction upside down", "dividing is multiplying by the reciprocal",
             "flip", f"{b}/{a} * {c}/{d}"),
        Step(f"({a} * {d})/({b} * {c})", "multiply tops and bottoms", "fractions are multiplied straight", "rewrite"),
        Step(f"{a * d}/{b * c}", "work out both products", "no unknown is left", "compute"),
    ))  # fmt: skip


def unit_speed(r: random.Random) -> Problem:
    """km/h to m/s."""
    v = 18 * r.randrange(1, 12)
    return Problem("a conversion of units", f"{v} km/h in m/s", f"changing {v} km/h into metres a second", (
        Step(f"{v} km = {v * 1000} m", "write the kilometres as metres", "a kilometre has a thousand metres", "unit"),
        Step("1 h = 3600 s", "write the hour as seconds", "the answer is asked for in seconds", "unit", "1 h = 60 s"),
        Step(f"{v * 1000} / 3600 = {v * 10 // 36} m/s", "divide metres by seconds", "speed is way over time",
             "compute"),
    ))  # fmt: skip


def speed(r: random.Random) -> Problem:
    """Way from speed and time."""
    v, minutes = 10 * r.randrange(3, 13), r.choice((6, 12, 15, 18, 24, 30, 36, 45))
    hours = minutes / 60
    return Problem("a distance from speed and time", f"v = {v} km/h, t = {minutes} min", "looking for the way", (
        Step(f"t = {hours:g} h", "change the minutes into hours", "the speed is given for an hour", "unit",
             f"t = {minutes} h"),
        Step("s = v * t", "write down the law of steady motion", "way is speed times time", "law"),
        Step(f"s = {v} * {hours:g}", "put in both values", "the units fit now", "insert"),
        Step(f"s = {v * hours:g} km", "work out the product", "only numbers are left", "compute"),
    ))  # fmt: skip


def ohm(r: random.Random) -> Problem:
    """Current from voltage and resistance."""
    i, res = r.randrange(2, 9), r.randrange(5, 40)
    return Problem("a current in a circuit", f"U = {i * res} V, R = {res} Ohm", "looking for the current", (
        Step("U = R * I", "start with the law of Ohm", "it joins all three quantities", "law", "U = R / I"),
        Step("I = U / R", "divide both sides by R", "the current has to stand alone", "divide"),
        Step(f"I = {i * res} / {res}", "put in voltage and resistance", "both are given", "insert"),
        Step(f"I = {i} A", "work out the quotient", "only numbers are left", "compute"),
    ))  # fmt: skip


def kinetic(r: random.Random) -> Problem:
    """Kinetic energy."""
    m, v = 2 * r.randrange(1, 10), r.randrange(3, 13)
    return Problem("the kinetic energy of a body", f"m = {m} kg, v = {v} m/s", "looking for the energy", (
        Step("E = 0.5 * m * v²", "write down the formula for the energy", "mass and speed are all it needs", "law",
             "E = m * v"),
        Step(f"E = 0.5 * {m} * {v}²", "put in mass and speed", "both are given in the right units", "insert"),
        Step(f"E = {m // 2} * {v * v}", "square the speed and halve the mass", "powers come before products",
             "compute"),
        Step(f"E = {m // 2 * v * v} J", "multiply the two numbers", "that is the energy in joules", "finish"),
    ))  # fmt: skip


def density(r: random.Random) -> Problem:
    """Mass from density."""
    rho, volume = r.choice((2.7, 7.9, 8.9, 19.3, 0.9, 11.3)), 10 * r.randrange(1, 9)
    return Problem("a mass from its density", f"d = {rho} g/cm³, V = {volume} cm³", "looking for the mass", (
        Step("d = m / V", "recall what density means", "it says how much mass is in a volume", "law"),
        Step("m = d * V", "multiply both sides by V", "the mass has to stand alone", "clear", "m = d / V"),
        Step(f"m = {rho} * {volume}", "put in both values", "the units fit", "insert"),
        Step(f"m = {rho * volume:g} g", "work out the product", "nothing is unknown any more", "compute"),
    ))  # fmt: skip


def two_dice(r: random.Random) -> Problem:
    """A sum of two dice."""
    s = r.randrange(3, 12)
    ways = 6 - abs(s - 7)
    small = Fraction(ways, 36)
    return Problem("a probability with two dice", f"P(sum = {s}) = ?", f"looking for the chance of a {s}", (
        Step("6 * 6 = 36 cases", "count all cases", "each die can show six faces", "count", "6 + 6 = 12 cases"),
        Step(f"{ways} good cases", f"list the pairs with sum {s}", "the order of the dice counts", "count"),
        Step(f"P = {ways}/36", "divide good cases by all cases", "all cases are equally likely", "law"),
        *([Step(f"P = {small.numerator}/{small.denominator}", "cancel the fraction",
             "both numbers have a common factor",
                "reduce")] if small.denominator != 36 else []),
    ))  # fmt: skip


def urn(r: random.Random) -> Problem:
    """Two draws without putting back."""
    red, blue = r.randrange(3, 7), r.randrange(2, 7)
    n = red + blue
    both = Fraction(red * (red - 1), n * (n - 1))
    return Problem("two draws from a bag", f"{red} red, {blue} blue, P(2 red)", "looking for the chance of two reds", (
        Step(f"P1 = {red}/{n}", "take the first draw alone", f"{red} of {n} balls are red", "count"),
        Step(f"P2 = {red - 1}/{n - 1}", "lower both numbers for the second draw",
             "one red ball is already out", "shrink",
             f"P2 = {red}/{n}"),
        Step(f"P = {red}/{n} * {red - 1}/{n - 1}", "multiply the two chances", "both have to happen", "law"),
        Step(f"P = {both.numerator}/{both.denominator}", "work it out and cancel", "the fraction can be made smaller",
             "reduce"),
    ))  # fmt: skip


def mean(r: random.Random) -> Problem:
    """A missing value by the mean."""
    m, a, b = r.randrange(6, 15), r.randrange(3, 9), r.randrange(8, 16)
    return Problem("a missing value of a mean", f"mean of {a}, {b}, x is {m}", "looking for the missing value", (
        Step(f"({a} + {b} + x)/3 = {m}", "write the mean as a sum over three", "there are three values", "law",
             f"({a} + {b} + x)/2 = {m}"),
        Step(f"{a + b} + x = {3 * m}", "multiply both sides by 3", "the denominator has to go", "clear"),
        Step(f"x = {3 * m - a - b}", f"subtract {a + b}", "x has to stand alone", "move"),
    ))  # fmt: skip


def interest(r: random.Random) -> Problem:
    """Simple interest."""
    k, p, years = 100 * r.randrange(2, 20), r.randrange(2, 7), r.randrange(2, 6)
    return Problem("the interest over some years", f"{k} euros, {p}%, {years} years", "looking for the interest", (
        Step(f"{p}% of {k} = {k * p // 100}", "work out the interest of one year", "the rate is meant for one year",
             "unit", f"{p}% of {k} = {k * p // 10}"),
        Step(f"{years} * {k * p // 100} = {years * k * p // 100}", "multiply by the number of years",
             "every year brings the same", "scale"),
        Step(f"{k} + {years * k * p // 100} = {k + years * k * p // 100}", "add it to the capital",
             "that is what is paid back", "collect"),
    ))  # fmt: skip


def derivative(r: random.Random) -> Problem:
    """The slope of a cubic at a point."""
    a, b, x = r.randrange(2, 6), r.randrange(2, 9), r.randrange(1, 4)
    return Problem("a derivative at a point", f"f(x) = {a}x³ - {b}x, f'({x}) = ?", f"looking for the slope at {x}", (
        Step(f"f'(x) = {3 * a}x² - {b}", "lower each power by one and multiply with the old one",
             "that is the power rule", "derive", f"f'(x) = {a}x² - {b}"),
        Step(f"f'({x}) = {3 * a} * {x}² - {b}", f"put {x} in the place of x", "the slope is asked for at that point",
             "insert"),
        Step(f"f'({x}) = {3 * a * x * x - b}", "work out the value", "no x is left", "compute"),
    ))  # fmt: skip


def extremum(r: random.Random) -> Problem:
    """The lowest point of a parabola."""
    x, c = r.randrange(1, 8), r.choice((-6, -5, -4, -2, -1, 1, 2, 3, 5, 6, 7, 8))
    return Problem("the lowest point of a parabola", f"f(x) = x² - {2 * x}x{plus(c)}",
                   "looking for the lowest point", (
        Step(f"f'(x) = 2x - {2 * x}", "take the derivative", "it is zero where the curve turns", "derive",
             f"f'(x) = x - {2 * x}"),
        Step(f"2x - {2 * x} = 0", "set the slope to zero", "the tangent is flat at the lowest point", "split"),
        Step(f"x = {x}", "solve for x", "only one place is left", "divide"),
        Step(f"f({x}) = {c - x * x}", "put it into the function", "the height is wanted as well", "insert"),
    ))  # fmt: skip


def integral(r: random.Random) -> Problem:
    """An area under a parabola."""
    a, b = r.choice((3, 6, 9, 12)), r.randrange(1, 5)
    k = a // 3
    return Problem("an area under a curve", f"area of {a}x² from 0 to {b}", "looking for the area", (
        Step(f"F(x) = {'' if k == 1 else k}x³", "raise the power by one and divide by the new one",
             "an integral undoes a derivative", "integrate", f"F(x) = {2 * a}x"),
        Step(f"F({b}) - F(0)", "take the value at the right end minus the left one", "that is what an integral means",
             "law"),
        Step(f"{k} * {b}³ - 0 = {k * b**3}", f"put in {b} and zero", "the left end adds nothing", "insert"),
    ))  # fmt: skip


def chain(r: random.Random) -> Problem:
    """The derivative of (ax + b)^n."""
    a, b, n = r.randrange(2, 7), r.randrange(1, 9), r.randrange(3, 6)
    return Problem("a derivative by the chain rule", f"f(x) = ({a}x + {b})^{n}", "looking for the derivative", (
        Step(f"u = {a}x + {b}", "give the inner part a name", "the power stands outside of it", "rewrite"),
        Step(f"f'(x) = {n}u^{n - 1} * u'", "take the outer derivative times the inner one", "that is the chain rule",
             "derive", f"f'(x) = {n}u^{n - 1}"),
        Step(f"u' = {a}", "differentiate the inner part", "it is linear", "compute"),
        Step(f"f'(x) = {n * a}({a}x + {b})^{n - 1}", "put everything back", "the answer should have x in it", "insert"),
    ))  # fmt: skip


def mixture(r: random.Random) -> Problem:
    """Work done together."""
    a, b = r.choice(((12, 4), (3, 6), (4, 12), (6, 12), (10, 15), (20, 30), (6, 3)))
    t = Fraction(a * b, a + b)
    return Problem("a task with two pumps", f"pump A {a} h, pump B {b} h", "looking for the time of both together", (
        Step(f"1/{a} + 1/{b}", "add what each pump does in one hour", "rates add up and times do not", "unit",
             f"{a} + {b}"),
        Step(f"1/{t.numerator}" if t.denominator == 1 else f"{t.denominator}/{t.numerator}",
             "bring them to one denominator", "only equal parts can be added", "clear"),
        Step(f"t = {t.numerator} h" if t.denominator == 1 else f"t = {t.numerator}/{t.denominator} h",
             "turn the fraction over", "time is one over the rate", "flip"),
    ))  # fmt: skip


NUMBERS: dict[str, Family] = {
    f.__name__: f
    for f in (
        angle_sum, pythagoras, circle_area, rectangle, percent_off, percent_of, add_fractions, divide_fractions,
        unit_speed, speed, ohm, kinetic, density, two_dice, urn, mean, interest, derivative, extremum, integral, chain,
        mixture,
    )
}  # fmt: skip
