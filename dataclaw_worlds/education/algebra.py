"""Families of problems: equations, systems, factors, roots, sequences."""

from __future__ import annotations

import random

from dataclaw_worlds.education.problems import Family, Problem, Step, plus, shift, times


def brackets(r: random.Random) -> Problem:
    """a(x + b) = c."""
    a, b, x = r.randrange(2, 9), r.choice((-5, -4, -3, -2, 2, 3, 4, 5)), r.randrange(2, 12)
    c = a * (x + b)
    start = f"{a}(x{plus(b)}) = {c}"
    return Problem("a linear equation with brackets", f"Solve {start}", f"solving {start} for x", (
        Step(f"{a}x{plus(a * b)} = {c}", f"multiply the bracket out with {a}", "x has to come out of the bracket",
             "expand", f"{a}x{plus(b)} = {c}"),
        Step(f"{a}x = {c - a * b}", f"{shift(a * b)} both sides", "only the term with x may stay on the left", "move",
             f"{a}x = {c + a * b}"),
        Step(f"x = {x}", f"divide both sides by {a}", "x must not have a factor any more", "divide"),
    ))  # fmt: skip


def both_sides(r: random.Random) -> Problem:
    """Ax + b = cx + d."""
    c, k, x, b = r.randrange(1, 5), r.randrange(2, 6), r.randrange(2, 10), r.choice((-7, -5, -3, 2, 4, 6, 9))
    a, d = c + k, b + k * x
    start = f"{a}x{plus(b)} = {times(c, 'x')}{plus(d)}"
    return Problem("an equation with x on both sides", f"Solve {start}", f"solving {start}", (
        Step(f"{k}x{plus(b)} = {d}", f"subtract {times(c, 'x')} from both sides",
             "all terms with x have to meet on one side", "gather", f"{a + c}x{plus(b)} = {d}"),
        Step(f"{k}x = {d - b}", f"{shift(b)} both sides", "the number is still in the way of x", "move"),
        Step(f"x = {x}", f"divide by {k}", "we are looking for a single x", "divide"),
    ))  # fmt: skip


def fraction_equation(r: random.Random) -> Problem:
    """x/a + b = c."""
    a, b, q = r.randrange(2, 9), r.randrange(1, 9), r.randrange(2, 9)
    start = f"x/{a} + {b} = {q + b}"
    return Problem("an equation with a fraction", f"Solve {start}", f"solving {start}", (
        Step(f"x/{a} = {q}", f"take {b} away on both sides", "the fraction has to stand alone first", "move"),
        Step(f"x = {q} * {a}", f"multiply both sides by {a}", "that cancels the denominator", "clear",
             f"x = {q} / {a}"),
        Step(f"x = {q * a}", "work out the product", "the right side is only numbers now", "compute"),
    ))  # fmt: skip


def two_fractions(r: random.Random) -> Problem:
    """x/a + x/b = c."""
    a, b = r.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (2, 7)))
    m = r.randrange(1, 6)
    c = (a + b) * m
    start = f"x/{a} + x/{b} = {c}"
    return Problem("an equation with two denominators", f"Solve {start}", f"solving {start}", (
        Step(f"{b}x + {a}x = {c * a * b}", f"multiply every term by {a * b}",
             f"{a * b} is the common denominator", "clear", f"x + x = {c * a * b}"),
        Step(f"{a + b}x = {c * a * b}", "add the terms with x", "they are of the same sort", "collect"),
        Step(f"x = {m * a * b}", f"divide by {a + b}", "one x is what we want", "divide"),
    ))  # fmt: skip


def quadratic(r: random.Random) -> Problem:
    """x^2 + px + q = 0 by factors."""
    a, b = r.sample((-7, -5, -4, -3, -2, 1, 2, 3, 4, 6), 2)
    a, b = sorted((a, b))
    start = f"x²{_linear(-(a + b))}{plus(a * b)} = 0"
    return Problem("a quadratic equation", f"Solve {start}", f"solving {start}", (
        Step(f"(x{plus(-a)})(x{plus(-b)}) = 0", f"look for two numbers with product {a * b} and sum {-(a + b)}",
             "then the left side is a product", "factor", f"(x{plus(a)})(x{plus(b)}) = 0"),
        Step(f"x{plus(-a)} = 0 or x{plus(-b)} = 0", "set each factor to zero",
             "a product is zero only if one factor is", "split"),
        Step(f"x = {a} or x = {b}", "solve both small equations", "each of them has one answer", "finish"),
    ), f"plot {a} {b}")  # fmt: skip


def square_root(r: random.Random) -> Problem:
    """(x + a)^2 = b^2."""
    a, b = r.choice((-6, -4, -3, -1, 2, 3, 5)), r.randrange(3, 12)
    start = f"(x{plus(a)})² = {b * b}"
    return Problem("an equation with a square", f"Solve {start}", f"solving {start}", (
        Step(f"x{plus(a)} = {b} or x{plus(a)} = -{b}", "take the root on both sides",
             "a square can come from two numbers", "root", f"x{plus(a)} = {b}"),
        Step(f"x = {b - a} or x = {-b - a}", f"{shift(a)} both sides", "x has to stand alone in both cases", "move"),
    ))  # fmt: skip


def inequality(r: random.Random) -> Problem:
    """-ax + b < c."""
    a, b, x = r.randrange(2, 8), r.randrange(1, 12), r.randrange(1, 9)
    c = b - a * x
    start = f"{b} - {a}x < {c}"
    return Problem("an inequality with one unknown", f"Solve {start}", f"solving {start}", (
        Step(f"-{a}x < {c - b}", f"subtract {b} from both sides", "the number on the left is in the way", "move"),
        Step(f"x > {x}", f"divide by -{a} and turn the sign round", "a negative factor swaps larger and smaller",
             "flip", f"x < {x}"),
    ))  # fmt: skip


def elimination(r: random.Random) -> Problem:
    """X + y = s, x - y = d."""
    x, y = r.randrange(4, 15), r.randrange(1, 9)
    return Problem("a system of two equations", f"x + y = {x + y} and x - y = {x - y}",
         "solving the system for x and y",
                   (
        Step(f"2x = {2 * x}", "add the two equations", "y and -y cancel each other", "eliminate", f"2y = {2 * x}"),
        Step(f"x = {x}", "divide by 2", "one x is enough", "divide"),
        Step(f"{x} + y = {x + y}", f"put {x} back into the first equation", "one unknown is left there", "insert"),
        Step(f"y = {y}", f"subtract {x}", "y has to stand alone", "move"),
    ))  # fmt: skip


def substitution(r: random.Random) -> Problem:
    """Y = ax, x + y = s."""
    a, x = r.randrange(2, 7), r.randrange(2, 10)
    return Problem("a system solved by substitution", f"y = {a}x and x + y = {x * (a + 1)}", "solving the system", (
        Step(f"x + {a}x = {x * (a + 1)}", f"write {a}x in the place of y",
             "the first equation says that they are equal",
             "insert", f"x + {a} = {x * (a + 1)}"),
        Step(f"{a + 1}x = {x * (a + 1)}", "add the terms with x", "they belong together", "collect"),
        Step(f"x = {x}", f"divide by {a + 1}", "we look for one x", "divide"),
        Step(f"y = {a * x}", f"multiply {x} by {a}", "y was given by x", "compute"),
    ))  # fmt: skip


def difference_of_squares(r: random.Random) -> Problem:
    """a^2 x^2 - b^2."""
    a, b = r.randrange(2, 7), r.randrange(2, 10)
    start = f"{a * a}x² - {b * b}"
    return Problem("a difference of squares", f"Factor {start}", f"factoring {start}", (
        Step(f"({a}x)² - {b}²", "write both terms as squares", "the third formula needs two squares", "rewrite"),
        Step(f"({a}x + {b})({a}x - {b})", "use the third binomial formula", "a difference of squares is a product",
             "factor", f"({a}x - {b})({a}x - {b})"),
    ))  # fmt: skip


def binomial(r: random.Random) -> Problem:
    """(ax + b)^2."""
    a, b = r.randrange(2, 6), r.randrange(2, 9)
    start = f"({a}x + {b})²"
    return Problem("a binomial square", f"Expand {start}", f"expanding {start}", (
        Step(f"({a}x)² + 2 * {a}x * {b} + {b}²", "use the first binomial formula", "the mixed term counts twice",
             "expand", f"({a}x)² + {b}²"),
        Step(f"{a * a}x² + {2 * a * b}x + {b * b}", "work out each term", "nothing can be joined after that",
             "compute"),
    ))  # fmt: skip


def common_factor(r: random.Random) -> Problem:
    """Kax + kb."""
    k, (a, b) = r.randrange(2, 9), r.choice(((2, 3), (3, 4), (2, 5), (5, 3), (4, 7), (5, 2), (7, 3), (5, 8)))
    start = f"{k * a}x + {k * b}y"
    return Problem("a common factor", f"Factor {start}", f"factoring {start}", (
        Step(f"{k} * {a}x + {k} * {b}y", f"split {k} off both terms", f"{k} divides both numbers", "rewrite"),
        Step(f"{k}({a}x + {b}y)", f"put {k} in front of a bracket", "what both have is written only once", "factor",
             f"{k}({a}x + {k * b}y)"),
    ))  # fmt: skip


def exponential(r: random.Random) -> Problem:
    """b^(x + k) = b^n."""
    b, n, k = r.choice(((2, 5, 1), (2, 6, 2), (3, 4, 1), (5, 3, 1), (2, 7, 3), (3, 5, 2), (10, 4, 1)))
    start = f"{b}^(x + {k}) = {b**n}"
    return Problem("an exponential equation", f"Solve {start}", f"solving {start}", (
        Step(f"{b}^(x + {k}) = {b}^{n}", f"write {b**n} as a power of {b}", "both sides need the same base", "rewrite"),
        Step(f"x + {k} = {n}", "compare the exponents", "powers of one base are equal only then", "compare",
             f"x * {k} = {n}"),
        Step(f"x = {n - k}", f"subtract {k}", "x has to stand alone", "move"),
    ))  # fmt: skip


def arithmetic_series(r: random.Random) -> Problem:
    """1 + 2 + ... + n."""
    n = r.choice((20, 30, 40, 50, 60, 80, 100, 200))
    return Problem("a sum of whole numbers", f"1 + 2 + 3 + ... + {n}", f"adding the numbers up to {n}", (
        Step(f"1 + {n} = {n + 1}", "pair the first number with the last", "every pair has the same sum", "pair"),
        Step(f"{n} / 2 = {n // 2} pairs", "count the pairs", "each takes two numbers", "compute", f"{n} pairs"),
        Step(f"{n // 2} * {n + 1} = {n * (n + 1) // 2}", "multiply pairs and sum", "all pairs are alike", "finish"),
    ))  # fmt: skip


def proportion(r: random.Random) -> Problem:
    """A : b = x : c."""
    a, b, k = r.randrange(2, 9), r.randrange(3, 11), r.randrange(2, 8)
    start = f"{a}/{b} = x/{b * k}"
    return Problem("a proportion with one unknown", f"Solve {start}", f"solving {start}", (
        Step(f"{a} * {b * k} = {b}x", "multiply crosswise", "that removes both denominators", "clear",
             f"{a}{'x'} = {b} * {b * k}"),
        Step(f"{a * b * k} = {b}x", "work out the left side", "only numbers stand there", "compute"),
        Step(f"x = {a * k}", f"divide by {b}", "one x is what we want", "divide"),
    ))  # fmt: skip


def formula(r: random.Random) -> Problem:
    """V = s / t for t."""
    a, b, c = r.choice(
        (("v", "s", "t"), ("d", "m", "V"), ("p", "F", "A"), ("P", "W", "t"), ("c", "n", "V"), ("q", "Q", "m"))
    )
    start = f"{a} = {b} / {c}"
    return Problem("a formula to rearrange", f"{start}, find {c}", f"rearranging {start} for {c}", (
        Step(f"{a} * {c} = {b}", f"multiply both sides by {c}", f"{c} must not stay in the denominator", "clear",
             f"{a} = {b} * {c}"),
        Step(f"{c} = {b} / {a}", f"divide both sides by {a}", f"{c} has to stand alone", "divide"),
    ))  # fmt: skip


def _linear(number: int) -> str:
    return "" if number == 0 else f" + {times(number, 'x')}" if number > 0 else f" - {times(-number, 'x')}"


ALGEBRA: dict[str, Family] = {
    f.__name__: f
    for f in (
        brackets, both_sides, fraction_equation, two_fractions, quadratic, square_root, inequality, elimination,
        substitution, difference_of_squares, binomial, common_factor, exponential, arithmetic_series, proportion,
        formula,
    )
}  # fmt: skip
