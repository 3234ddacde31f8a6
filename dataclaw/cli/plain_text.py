"""Text of others on a console: a file's name may hold line breaks, colours or marks that turn the writing around."""

from __future__ import annotations

from rich.markup import escape


def plain(text: str) -> str:
    r"""The text with everything that cannot be seen written out, `a\nb` for a name with a line break in it."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def safe_markup(text: str) -> str:
    """The text as it may stand among rich markup."""
    return escape(plain(text))


def first_sentence(text: str) -> str:
    """The first sentence of a docstring, on one line."""
    said = " ".join(text.split())
    return said.partition(". ")[0].rstrip(".") + "." if said else ""


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
