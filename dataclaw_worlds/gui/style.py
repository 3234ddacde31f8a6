"""How applications look: palette, typeface, density, place of the navigation, shape of lists and buttons.

Everything has square corners: the last bits of a rounded one depend on how the browser happened to paint it, and equal
lots give equal pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

PALETTES: dict[str, tuple[str, str, str, str]] = {
    "teal": ("#0f766e", "#f0fdfa", "#ffffff", "#134e4a"),
    "indigo": ("#4338ca", "#eef2ff", "#ffffff", "#1e1b4b"),
    "rust": ("#b45309", "#fffbeb", "#ffffff", "#451a03"),
    "slate": ("#334155", "#f1f5f9", "#ffffff", "#0f172a"),
    "rose": ("#be123c", "#fff1f2", "#ffffff", "#4c0519"),
    "forest": ("#166534", "#f0fdf4", "#ffffff", "#14532d"),
    "night": ("#38bdf8", "#0f172a", "#1e293b", "#e2e8f0"),
    "plum": ("#7e22ce", "#faf5ff", "#ffffff", "#3b0764"),
    "sand": ("#92400e", "#fef9c3", "#fffef5", "#292524"),
    "ink": ("#a3e635", "#18181b", "#27272a", "#f4f4f5"),
}
"""Accent, background, card and text of each palette."""
FONTS = (
    "DejaVu Sans",
    "DejaVu Serif",
    "Liberation Sans",
    "Liberation Serif",
    "Liberation Sans Narrow",
    "DejaVu Sans Mono",
)
NAVS = ("left", "top", "right")
LISTS = ("cards", "rows", "table")
SHAPES = ("wide", "plain", "outline")


@dataclass(frozen=True, slots=True)
class Style:
    """One look.

    Attributes:
        palette: name in `PALETTES`.
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
        accent, back, card, text = PALETTES[self.palette]
        pad_x, line = {"wide": (20, 3), "plain": (12, 1), "outline": (14, 2)}[self.shape]
        fill = (
            f"background:transparent;color:{accent}" if self.shape == "outline" else f"background:{accent};color:{card}"
        )
        flow = {"left": "row", "right": "row-reverse", "top": "column"}[self.nav]
        nav = "row" if self.nav == "top" else "column"
        width = "auto" if self.nav == "top" else "150px"
        grid = {"cards": "display:grid;grid-template-columns:repeat(3,1fr);gap:12px", "rows": "", "table": ""}[
            self.items
        ]
        pad = {"cards": 12, "rows": 10, "table": 5}[self.items]
        return (
            f"#view{{background:{back};color:{text};font:{self.size}px '{self.font}',sans-serif}}"
            f".app{{display:flex;flex-direction:{flow};min-height:100%;align-items:stretch}}"
            f"nav{{display:flex;flex-direction:{nav};gap:6px;padding:10px;width:{width};background:{card};flex-shrink:0}}"
            f"main{{flex:1;padding:14px 20px;max-width:860px}}"
            f"h1{{font-size:{self.size + 8}px;margin:4px 0 12px}} h2{{font-size:{self.size + 2}px;margin:12px 0 6px}}"
            f"#view button{{font:inherit;{fill};border:{line}px solid {accent};border-radius:0;"
            f"padding:6px {pad_x}px;cursor:pointer}}"
            f"nav button,.list button{{background:none!important;color:{text}!important;"
            "border-color:transparent!important;text-align:left}"
            f".list{{{grid}}} .entry{{background:{card};border:1px solid {accent}44;"
            f"margin-bottom:6px;"
            f"padding:{pad}px;display:flex;gap:10px;justify-content:space-between;align-items:center}}"
            f"#view .on{{outline:3px solid {accent};font-weight:bold;outline-offset:1px}}"
            f"input{{font:inherit;padding:6px 8px;border:{line}px solid {accent};border-radius:0;"
            f"width:280px;background:{card};color:{text};caret-color:transparent}}"
            ".field{display:flex;gap:8px;align-items:center;margin:10px 0} .field label{width:110px}"
            f"table{{border-collapse:collapse;background:{card}}} "
            f"td,th{{border:1px solid {accent}66;min-width:110px;height:26px;padding:0 6px}}"
            f":focus{{outline:3px solid {accent}88}} td.on{{outline:2px solid {accent};outline-offset:-2px}}"
            f".small{{opacity:.75;font-size:{self.size - 2}px}}"
        )


def styles() -> list[Style]:
    """Every look there is."""
    combos = product(PALETTES, FONTS, NAVS, LISTS, SHAPES)
    return [Style(*combo, 13 + (i % 3)) for i, combo in enumerate(combos)]
