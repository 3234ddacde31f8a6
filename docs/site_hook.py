"""What the documentation site needs beside `mkdocs.yml`: pages from outside `docs`, and links that lead out of it.

MkDocs knows only the files of `docs`. The README, the guide for contributors and the changelog become pages of the
site, and so does each file of the checkout that a page links to. Links are rewritten; those to folders become text.
The page of the API has an entry for every public name of `dataclaw`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import dataclaw

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files of the checkout's root by their page."""
LANGUAGES = {".py": "python", ".toml": "toml", ".json": "json", ".md": "markdown"}
"""How a file is shown that a page links to, by its suffix; others are not shown."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^ *```")
MARKS = re.compile(r"^( *```[a-z]+) .*$", re.MULTILINE)
"""Words after the language of a fence; they are for the tests."""


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that do not lie in `docs`."""
    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, "api.md", content=api_page()))
    pages = files.documentation_pages()
    for name in sorted({name for page in pages for name in _linked(page)}):
        files.append(File.generated(config, f"source/{name}.md", content=source_page(name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead the links of a page to the pages of the site."""
    if page.file.src_uri.startswith("source/"):
        return markdown
    home = _home(page.file)

    def lead(match: re.Match[str]) -> str:
        picture, text, target, part = match.groups()
        if "://" in target or (address := _address(target, home)) is None:
            return match[0]
        if address:
            return f"{picture}[{text}]({address}{part or ''})"
        return text

    return _outside_fences(MARKS.sub(r"\1", markdown), lambda line: LINK.sub(lead, line))


def api_page() -> str:
    """The public names of `dataclaw`, each with its docstring."""
    lines = ["# Python API", "", dataclaw.__doc__ or "", "", "Every name is imported from `dataclaw`.", ""]
    for name in sorted(dataclaw.__all__, key=str.lower):
        lines += [f"::: {dataclaw._HOME[name]}.{name}", ""]
    return "\n".join(lines)


def source_page(name: str) -> str:
    """A file of the checkout as a page."""
    text = (ROOT / name).read_text(encoding="utf-8").rstrip()
    return f"# {name}\n\n````{LANGUAGES[Path(name).suffix]}\n{text}\n````\n"


def _address(target: str, home: str) -> str | None:
    """Where a link of a page of the folder `home` leads in the site; "" for no page of it, None for where it was."""
    name = posixpath.normpath(posixpath.join(home, target))
    if name in OUTSIDE:
        return OUTSIDE[name]
    if name.startswith("docs/"):
        return name.removeprefix("docs/") if home != "docs" else None
    return f"source/{name}.md" if Path(name).suffix in LANGUAGES else ""


def _linked(page: File) -> set[str]:
    """Files of the checkout that a page links to, and that become pages."""
    home, found = _home(page), set[str]()

    def look(line: str) -> str:
        found.update(_address(match[3], home) or "" for match in LINK.finditer(line) if "://" not in match[3])
        return line

    _outside_fences(page.content_string, look)
    return {name.removeprefix("source/").removesuffix(".md") for name in found if name.startswith("source/")}


def _home(page: File) -> str:
    """The folder of the checkout that a page lies in."""
    return "." if page.src_uri in OUTSIDE.values() else "docs"


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    """The text with every line changed that stands in no fenced block."""
    inside, lines = False, list[str]()
    for line in markdown.splitlines():
        fence = bool(FENCE.match(line))
        lines.append(line if inside or fence else change(line))
        inside ^= fence
    return "\n".join(lines) + "\n"
