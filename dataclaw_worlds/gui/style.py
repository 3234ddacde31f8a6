"""How applications look: palette, typeface, density, place of the navigation, shape of lists and buttons.

Everything has square corners. The last bits of a rounded corner depend on how the browser happens to paint it, and
equal specs must give equal pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from string import Template

from dataclaw_worlds.gui.vocabulary import VOCABULARY

_PALETTES = VOCABULARY.table("palettes")
NAVS = ("left", "top", "right")
LISTS = ("cards", "rows", "table")
_SHEET = Template(files("dataclaw_worlds.gui").joinpath("window.css").read_text(encoding="utf-8").replace("\n", ""))
SHAPES = ("wide", "plain", "outline")


@dataclass(frozen=True, slots=True)
class AppStyle:
    """The look of an application.

    Attributes:
        palette: name of its colours.
        font: typeface.
        nav: side on which the sections stand.
        items: how lists are shown.
        shape: of buttons.
        size: of the text [px].
    """

    palette: str
    font: str
    nav: str
    items: str
    shape: str
    size: int = 14

    @property
    def layout(self) -> str:
        """Name of the layout, a source of streams."""
        return f"{self.nav} {self.items} {self.shape} {self.size}"

    @property
    def theme(self) -> str:
        """Name of the theme, a source of streams."""
        return f"{self.palette} {self.font}"

    def css(self) -> str:
        """The style sheet of a window."""
        accent, back, card, text = _PALETTES[self.palette]
        pad_x, line = {"wide": (20, 3), "plain": (12, 1), "outline": (14, 2)}[self.shape]
        fill = f"transparent;color:{accent}" if self.shape == "outline" else f"{accent};color:{card}"
        values = {
            "accent": accent, "back": back, "card": card, "text": text, "font": self.font, "size": self.size,
            "h1": self.size + 8, "h2": self.size + 2, "small": self.size - 2, "fill": fill, "line": line,
            "flow": {"left": "row", "right": "row-reverse", "top": "column"}[self.nav],
            "nav": "row" if self.nav == "top" else "column", "width": "auto" if self.nav == "top" else "150px",
            "grid": "display:grid;grid-template-columns:repeat(3,1fr);gap:12px" if self.items == "cards" else "",
            "pad": {"cards": 12, "rows": 10, "table": 5}[self.items], "pad_x": pad_x,
        }  # fmt: skip
        return _SHEET.substitute(values)


def styles() -> list[AppStyle]:
    """Every look there is."""
    combos = product(_PALETTES, VOCABULARY.phrases("fonts"), NAVS, LISTS, SHAPES)
    return [AppStyle(*combo, 13 + (i % 3)) for i, combo in enumerate(combos)]
