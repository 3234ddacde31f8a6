"""Families of problems whose steps are worked out by an algorithm: division with rest, primes, binary, counting."""

from __future__ import annotations

import math
import random

from dataclaw_worlds.education.problems import Family, Problem, Step, listing

PLACES = ("first", "second", "third", "fourth")


def euclid(r: random.Random) -> Problem:
    """The greatest common divisor by division with rest."""
    while True:
        g = r.randrange(2, 13)
        a, b = sorted((g * r.randrange(5, 30), g * r.randrange(3, 20)), reverse=True)
        rows = _rests(a, b)
        if 2 <= len(rows) <= 4 and a != b:
            break
    moves = ("divide the larger number by the smaller one", "divide the old divisor by the rest",
             "go on with the last two numbers", "divide once more in the same way")  # fmt: skip
    reasons = ("a common divisor also divides the rest", "the rest has taken over the part of the smaller number",
               "the divisor that we look for is the same for both", "a rest is still there")  # fmt: skip
    steps = [Step(f"{x} = {q} * {y} + {z}", moves[k], reasons[k], "rewrite", f"{x} = {q + 1} * {y} + {z}")
             for k, (x, q, y, z) in enumerate(rows)]  # fmt: skip
    last = Step(f"gcd = {rows[-1][2]}", "take the last divisor", "the rest has become zero", "finish")
    return Problem("a greatest common divisor", f"gcd of {a} and {b} = ?", f"looking for the gcd of {a} and {b}",
                   (*steps, last))  # fmt: skip


def binary(r: random.Random) -> Problem:
    """A number in the binary system by its powers of two."""
    number = r.choice([n for n in range(11, 120) if 3 <= n.bit_count() <= 4])
    powers = [1 << k for k in range(7) if number >> k & 1][::-1]
    return Problem("a number in the binary system", f"write {number} in binary", f"writing {number} in binary", (
        Step(f"{number} = {powers[0]} + {number - powers[0]}", "split off the largest power of two",
             "the first digit of a binary number is always a one", "rewrite"),
        Step(f"{number} = {' + '.join(map(str, powers))}", "split the rest into powers of two as well",
             "each binary place stands for one power", "split"),
        Step(f"{number} = {number:b} (base 2)", "write a one for each power that occurs",
             "the places of missing powers get a zero", "finish"),
    ))  # fmt: skip


def prime_factors(r: random.Random) -> Problem:
    """A number as a product of primes."""
    primes = sorted(r.choice(((2, 2, 3), (2, 3, 3), (2, 2, 5), (2, 3, 5), (3, 3, 5), (2, 3, 7), (2, 2, 7))))
    primes = sorted([*primes, r.choice((3, 5, 7, 11))])
    number = math.prod(primes)
    a, b, c = (math.prod(primes[k:]) for k in (1, 2, 3))
    return Problem("a factorisation into primes", f"{number} = ?", f"splitting {number} into primes", (
        Step(f"{number} = {primes[0]} * {a}", f"take out the smallest prime, {primes[0]}",
             "small primes are the easiest to see", "factor"),
        Step(f"{number} = {primes[0]} * {primes[1]} * {b}", f"take {primes[1]} out of {a}",
             f"{a} is not a prime yet", "split"),
        Step(f"{number} = {' * '.join(map(str, primes[:3]))} * {c}", f"split {b} into its two primes",
             "every factor has to be a prime in the end", "finish"),
    ))  # fmt: skip


def least_multiple(r: random.Random) -> Problem:
    """The least common multiple of two numbers by their greatest common divisor."""
    g = r.choice((2, 3, 4, 5, 6))
    m, n = r.choice(((2, 3), (3, 4), (2, 5), (3, 5), (4, 5), (2, 7), (5, 6), (3, 7)))
    a, b = g * m, g * n
    return Problem("a least common multiple", f"lcm of {a} and {b} = ?", f"looking for the lcm of {a} and {b}", (
        Step(f"gcd = {g}", "find the greatest common divisor", "what both share must be counted only once", "count",
             f"gcd = {g * m}"),
        Step(f"{a} * {b} = {a * b}", "multiply the two numbers", "the product is a common multiple already", "compute"),
        Step(f"{a * b} / {g} = {a * b // g}", "divide the product by the common divisor",
             "the shared factor occurs in it twice", "divide"),
    ))  # fmt: skip


def remainder_of_power(r: random.Random) -> Problem:
    """The last digit of a power by its cycle of length two or four."""
    base, cycle = r.choice(((2, (2, 4, 8, 6)), (3, (3, 9, 7, 1)), (7, (7, 9, 3, 1)), (8, (8, 4, 2, 6))))
    n = r.randrange(21, 90)
    rest = n % 4
    digit = cycle[rest - 1]
    return Problem("the last digit of a power", f"last digit of {base}^{n}", f"looking for the end of {base}^{n}", (
        Step(f"last digits: {', '.join(map(str, cycle))}", "list the last digits of the first powers",
             "only the last digit of each product matters", "count"),
        Step(f"{n} = 4 * {n // 4} + {rest}", "divide the exponent by 4", "the digits repeat after four powers",
             "rewrite", f"{n} = 3 * {n // 3} + {n % 3}"),
        Step(f"the last digit is {digit}", f"take the {PLACES[rest - 1]} digit of the row",
             "full rounds through the row change nothing", "finish"),
    ))  # fmt: skip


def handshakes(r: random.Random) -> Problem:
    """Pairs out of n people."""
    n = r.randrange(5, 25)
    return Problem("a number of handshakes", f"{n} people, all shake hands", "counting the handshakes", (
        Step(f"{n} * {n - 1} = {n * (n - 1)}", "let each person greet all the others", "nobody greets himself", "count",
             f"{n} * {n} = {n * n}"),
        Step(f"{n * (n - 1)} / 2 = {n * (n - 1) // 2}", "halve the number",
             "each handshake was counted from both sides", "divide"),
    ))  # fmt: skip


def committee(r: random.Random) -> Problem:
    """Three out of n."""
    n = r.randrange(5, 13)
    ordered = n * (n - 1) * (n - 2)
    return Problem("a choice of three people", f"choose 3 out of {n}", f"choosing three out of {n} people", (
        Step(f"{n} * {n - 1} * {n - 2} = {ordered}", "choose one person after the other",
             "each choice leaves one person less", "count", f"{n} * {n} * {n} = {n**3}"),
        Step("3 * 2 * 1 = 6", "count the orders of three people", "the same three can be chosen in many orders",
             "pair"),
        Step(f"{ordered} / 6 = {ordered // 6}", "divide by the number of orders", "the order plays no part in a team",
             "divide"),
    ))  # fmt: skip


def median(r: random.Random) -> Problem:
    """The median of five values."""
    values = r.sample(range(2, 40), 5)
    while sorted(values) == values:
        r.shuffle(values)
    ranked = sorted(values)
    return Problem("a median of five values", f"{listing(values)}: median?", "looking for the median", (
        Step(listing(ranked), "sort the values", "the median is a matter of rank and not of size", "rewrite"),
        Step(f"2 below, {ranked[2]}, 2 above", "look for the value in the middle",
             "as many values must lie below it as above it", "count"),
        Step(f"median = {ranked[2]}", "write down the middle value", "five is odd and leaves exactly one middle",
             "finish", f"median = {ranked[1]}"),
    ))  # fmt: skip


def expected_value(r: random.Random) -> Problem:
    """The mean win of a lottery ticket."""
    tickets, wins, prize, price = (
        r.choice((50, 100, 200)),
        r.randrange(2, 9),
        10 * r.randrange(1, 9),
        r.randrange(6, 10),
    )
    mean = wins * prize / tickets
    return Problem("a mean win of a lottery", f"{wins} of {tickets} win {prize}, price {price}",
                   "looking for the mean win", (
        Step(f"P = {wins}/{tickets}", "write down the chance of a win", "all tickets are equally likely", "law"),
        Step(f"{wins}/{tickets} * {prize} = {mean:g}", "multiply the chance by the prize",
             "a mean weighs each prize with its chance", "scale"),
        Step(f"{mean:g} - {price} = {mean - price:g}", "subtract the price of a ticket",
             "everybody pays for the ticket first", "move", f"{mean:g} + {price} = {mean + price:g}"),
    ))  # fmt: skip


def at_least_one(r: random.Random) -> Problem:
    """At least one six in two or three throws."""
    n = r.choice((2, 3, 4))
    none, every = 5**n, 6**n
    return Problem("a chance of at least one six", f"{n} throws, P(a six) = ?", "looking for the chance of a six", (
        Step("P(no six) = 5/6", "look at the opposite for a single throw", "five of the six faces are no six", "flip"),
        Step(f"P(none) = (5/6)^{n}", f"multiply {n} times", "the throws know nothing of each other", "law",
             f"P(none) = {n} * 5/6"),
        Step(f"P(none) = {none}/{every}", "work out both powers", "tops and bottoms are multiplied apart", "compute"),
        Step(f"P = {every - none}/{every}", "take the result away from one", "one of the two cases must happen",
             "move"),
    ))  # fmt: skip


def arithmetic_term(r: random.Random) -> Problem:
    """The n-th number of a sequence with equal steps."""
    a, d, n = r.randrange(2, 10), r.randrange(2, 9), r.randrange(15, 60)
    return Problem("a term of an arithmetic sequence", f"{a}, {a + d}, {a + 2 * d}, ... term {n}?",
                   f"looking for term {n}", (
        Step(f"d = {d}", "subtract neighbours from each other", "the step is the same everywhere", "count"),
        Step(f"{n} - 1 = {n - 1} steps", "count the steps to the wanted term", "the first term needs no step", "shrink",
             f"{n} steps"),
        Step(f"{a} + {n - 1} * {d} = {a + (n - 1) * d}", "add all the steps to the first term",
             "every step makes the number larger by the same amount", "scale"),
    ))  # fmt: skip


def geometric_term(r: random.Random) -> Problem:
    """A term of a sequence that grows by a factor."""
    a, q, n = r.randrange(2, 6), r.choice((2, 3)), r.randrange(5, 8)
    return Problem("a term of a geometric sequence", f"{a}, {a * q}, {a * q * q}, ... term {n}?",
                   f"looking for term {n}", (
        Step(f"q = {q}", "divide neighbours by each other", "the quotient never changes", "count"),
        Step(f"a{n} = {a} * {q}^{n - 1}",
             f"raise the factor to the power of {n - 1}", "the first term has not been multiplied yet", "law"),
        Step(f"a{n} = {a * q ** (n - 1)}", "work out power and product", "the power binds more strongly", "compute"),
    ))  # fmt: skip


def _rests(a: int, b: int) -> list[tuple[int, int, int, int]]:
    """`(dividend, quotient, divisor, rest)` of each division of Euclid's algorithm."""
    rows: list[tuple[int, int, int, int]] = []
    while b:
        rows.append((a, a // b, b, a % b))
        a, b = b, a % b
    return rows


INTEGERS: dict[str, Family] = {
    f.__name__: f
    for f in (
        euclid, binary, prime_factors, least_multiple, remainder_of_power, handshakes, committee, median,
        expected_value, at_least_one, arithmetic_term, geometric_term,
    )
}  # fmt: skip
