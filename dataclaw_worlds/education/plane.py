"""Families of problems: points and lines, areas and bodies, parabolas, logarithms, equations of higher degree."""

from __future__ import annotations

import random

from dataclaw_worlds.education.problems import Family, Problem, Step, plus, shift, times


def line_through(r: random.Random) -> Problem:
    """The line through two points."""
    m, b, x, d = (
        r.choice((-3, -2, 2, 3, 4)),
        r.choice((-6, -5, -3, -1, 2, 4, 5, 7, 8)),
        r.randrange(1, 5),
        r.randrange(2, 5),
    )
    y, z = m * x + b, m * (x + d) + b
    return Problem("a line through two points", f"A({x}, {y}), B({x + d}, {z})", "looking for the line AB", (
        Step(f"m = ({z} - ({y}))/({x + d} - {x})", "divide the rise by the run", "that is what slope means", "law",
             f"m = ({x + d} - {x})/({z} - ({y}))"),
        Step(f"m = {m}", "work out the slope", "all four coordinates are known", "compute"),
        Step(f"{y} = {m} * {x} + b", "put point A into y = mx + b", "A has to lie on the line", "insert"),
        Step(f"b = {b}", "solve for b", "it is the only letter left", "move"),
        Step(f"y = {times(m, 'x')}{plus(b)}", "write down the line", "slope and height fix it", "finish"),
    ))  # fmt: skip


def distance(r: random.Random) -> Problem:
    """The distance of two points."""
    (dx, dy, c) = r.choice(((3, 4, 5), (6, 8, 10), (5, 12, 13), (8, 15, 17), (4, 3, 5), (12, 5, 13)))
    x, y = r.randrange(1, 8), r.randrange(1, 8)
    return Problem("a distance of two points", f"P({x}, {y}), Q({x + dx}, {y + dy})", "looking for the distance", (
        Step(f"dx = {dx}, dy = {dy}", "subtract the coordinates", "they are the legs of a right triangle", "move"),
        Step(f"d² = {dx}² + {dy}²", "use the theorem of Pythagoras", "the distance is the long side", "law",
             f"d = {dx} + {dy}"),
        Step(f"d² = {c * c}", "add the two squares", "the legs are plain numbers", "collect"),
        Step(f"d = {c}", "take the positive root", "no distance is below zero", "root"),
    ))  # fmt: skip


def vertex(r: random.Random) -> Problem:
    """Completing the square."""
    p, q = r.choice((-5, -4, -3, -2, 2, 3, 4, 5)), r.choice((-8, -7, -6, -5, -3, -2, -1, 1, 2, 3, 5, 6, 7, 8))
    start = f"y = x²{plus(2 * p)}x{plus(p * p + q)}"
    return Problem("a vertex of a parabola", start, "looking for the vertex", (
        Step(f"y = x²{plus(2 * p)}x + {p * p} - {p * p}{plus(p * p + q)}",
             f"add and subtract {p * p}", "half of the middle factor has this square", "rewrite"),
        Step(f"y = (x{plus(p)})²{plus(q)}", "put the square into a bracket", "the first three terms are a binomial",
             "factor", f"y = (x{plus(-p)})²{plus(q)}"),
        Step(f"V({-p}, {q})", "read off the vertex", "a square is smallest where its bracket is zero", "finish"),
    ))  # fmt: skip


def quadratic_formula(r: random.Random) -> Problem:
    """x^2 + px + q = 0 by the formula."""
    h, d = r.randrange(2, 8), r.randrange(1, 6)
    q = h * h - d * d
    start = f"x² - {2 * h}x{plus(q)} = 0" if q else f"x² - {2 * h}x = 0"
    return Problem("an equation for the p-q formula", f"Solve {start}", f"solving {start}", (
        Step(f"x = {h} ± √({h * h}{plus(-q)})" if q else f"x = {h} ± √({h * h})", "use the p-q formula",
             "the equation has the right form for it", "law"),
        Step(f"x = {h} ± {d}", "take the root", f"{d * d} is a square number", "root"),
        Step(f"x = {h - d} or x = {h + d}", "split it into two answers", "the root may count with either sign", "split",
             f"x = {h + d}"),
    ))  # fmt: skip


def cubic(r: random.Random) -> Problem:
    """x^3 = a^2 x."""
    a = r.randrange(2, 12)
    start = f"x³ - {a * a}x = 0"
    return Problem("an equation of the third degree", f"Solve {start}", f"solving {start}", (
        Step(f"x(x² - {a * a}) = 0", "put x in front of a bracket", "every term has a factor x", "factor",
             f"x² - {a * a} = 0"),
        Step(f"x(x + {a})(x - {a}) = 0", "factor the bracket as well", "it is a difference of two squares", "split"),
        Step(f"x = 0, x = {a} or x = -{a}", "set every factor to zero", "one of them has to vanish", "finish"),
    ))  # fmt: skip


def absolute(r: random.Random) -> Problem:
    """|x + a| = b."""
    a, b = r.choice((-7, -5, -4, -2, 1, 3, 4, 6)), r.randrange(2, 12)
    start = f"abs(x{plus(a)}) = {b}"
    return Problem("an equation with an absolute value", f"Solve {start}", f"solving {start}", (
        Step(f"x{plus(a)} = {b} or x{plus(a)} = -{b}", "write down two equations",
             "two numbers have the same distance from zero", "split", f"x{plus(a)} = {b}"),
        Step(f"x = {b - a} or x = {-b - a}", f"{shift(a)} both sides", "x should be free in either case", "move"),
    ))  # fmt: skip


def logarithm(r: random.Random) -> Problem:
    """log_b(x + k) = n."""
    b, n = r.choice(((2, 5), (2, 6), (3, 4), (5, 2), (10, 2), (10, 3), (2, 7), (3, 2)))
    k = r.randrange(1, 9)
    start = f"log{b}(x + {k}) = {n}"
    return Problem("an equation with a logarithm", f"Solve {start}", f"solving {start}", (
        Step(f"x + {k} = {b}^{n}", f"raise {b} to the power of both sides", "a power undoes a logarithm", "flip",
             f"x + {k} = {n}^{b}"),
        Step(f"x + {k} = {b**n}", "work out the power", "no unknown stands in it", "compute"),
        Step(f"x = {b**n - k}", f"subtract {k} from both sides", "x should be the only thing on the left", "move"),
    ))  # fmt: skip


def rational(r: random.Random) -> Problem:
    """a/(x + b) = c."""
    c, x, b = r.randrange(2, 9), r.randrange(3, 11), r.choice((-2, -1, 1, 2, 3, 4, 5))
    a = c * (x + b)
    start = f"{a}/(x{plus(b)}) = {c}"
    return Problem("an equation with x below the line", f"Solve {start}", f"solving {start}", (
        Step(f"{a} = {c}(x{plus(b)})", f"multiply both sides by x{plus(b)}", "x must come up from below the line",
             "clear", f"{a} = {c}x{plus(b)}"),
        Step(f"{a // c} = x{plus(b)}", f"divide both sides by {c}", "the bracket gets free that way", "divide"),
        Step(f"x = {x}", f"{shift(b)} both sides", "nothing but x should be left there", "move"),
    ))  # fmt: skip


def three_unknowns(r: random.Random) -> Problem:
    """A staggered system."""
    x, y, z = r.randrange(2, 9), r.randrange(1, 7), r.randrange(1, 6)
    return Problem("a staggered system", f"z = {z}, y + z = {y + z}, x + y = {x + y}", "solving the system", (
        Step(f"y + {z} = {y + z}", f"put {z} into the second equation", "z is known from the start", "insert"),
        Step(f"y = {y}", f"take {z} away", "y is the only unknown of that line", "move", f"y = {y + 2 * z}"),
        Step(f"x + {y} = {x + y}", f"put {y} into the third equation", "we have just found y", "insert"),
        Step(f"x = {x}", f"take {y} away as well", "x is all that is missing", "move"),
    ))  # fmt: skip


def trapezoid(r: random.Random) -> Problem:
    """The area of a trapezoid."""
    a, c, h = r.choice((8, 10, 12, 14)), r.choice((4, 6)), r.randrange(3, 9)
    return Problem("the area of a trapezoid", f"a = {a}, c = {c}, h = {h}, A = ?", "looking for the area", (
        Step("A = (a + c)/2 * h", "write the area with the mean of both sides",
             "a trapezoid is as large as a rectangle of mean width", "law", "A = a * c * h"),
        Step(f"A = ({a} + {c})/2 * {h}", "put in the three lengths", "all of them are given", "insert"),
        Step(f"A = {(a + c) // 2} * {h}", "take the mean of the parallel sides", "brackets come first", "collect"),
        Step(f"A = {(a + c) // 2 * h}", "multiply by the height", "an area is width times height", "compute"),
    ))  # fmt: skip


def cylinder(r: random.Random) -> Problem:
    """The volume of a cylinder."""
    radius, h = r.randrange(2, 10), r.randrange(3, 13)
    return Problem("the volume of a cylinder", f"r = {radius} cm, h = {h} cm, V = ?", "looking for the volume", (
        Step("V = 3.14 * r² * h", "multiply the base by the height", "every slice of a cylinder has the same size",
             "law", "V = 2 * 3.14 * r * h"),
        Step(f"V = 3.14 * {radius}² * {h}", "put in radius and height", "nothing has to be converted", "insert"),
        Step(f"V = 3.14 * {radius * radius * h}", "put the whole numbers together", "the order of factors is free",
             "collect"),
        Step(f"V = {3.14 * radius * radius * h:.1f} cm³", "multiply by 3.14", "that is pi with two decimals",
             "compute"),
    ))  # fmt: skip


def similar(r: random.Random) -> Problem:
    """The height of a tree by its shadow."""
    stick, shadow, k = r.choice((1, 2)), r.choice((2, 3, 4)), r.randrange(4, 12)
    return Problem("the height of a tree by its shadow", f"stick {stick} m: {shadow} m, tree: {shadow * k} m",
                   "looking for the height of the tree", (
        Step(f"h/{shadow * k} = {stick}/{shadow}", "compare height and shadow of both",
             "the sun makes triangles of the same shape", "law", f"h/{shadow} = {stick}/{shadow * k}"),
        Step(f"h = {stick} * {shadow * k}/{shadow}", f"multiply both sides by {shadow * k}",
             "h must not be divided by anything", "clear"),
        Step(f"h = {stick * k} m", "cancel and multiply", "the shadows are given in the same unit", "reduce"),
    ))  # fmt: skip


def cuboid(r: random.Random) -> Problem:
    """The surface of a box."""
    a, b, c = sorted(r.sample(range(2, 11), 3))
    faces = (a * b, b * c, a * c)
    return Problem("the surface of a box", f"a = {a}, b = {b}, c = {c}, S = ?", "looking for the surface", (
        Step("S = 2ab + 2bc + 2ac", "count every face twice", "opposite faces of a box are equal", "law",
             "S = ab + bc + ac"),
        Step(f"S = 2*{faces[0]} + 2*{faces[1]} + 2*{faces[2]}", "work out the three different faces",
             "each is a rectangle of two edges", "insert"),
        Step(f"S = {2 * sum(faces)}", "add all the faces", "together they cover the box", "collect"),
    ))  # fmt: skip


PLANE: dict[str, Family] = {
    f.__name__: f
    for f in (
        line_through, distance, vertex, quadratic_formula, cubic, absolute, logarithm, rational, three_unknowns,
        trapezoid, cylinder, similar, cuboid,
    )
}  # fmt: skip
