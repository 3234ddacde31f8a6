"""Write `agreement.md`: what every real source gives, and how it compares with the annotations that came with it.

    python docs/make_agreement.py DATA [domain ...]

DATA is the folder of the sample data (not part of this repository). Without domains all are measured; with some, the
tables of the others stay as they are. Takes some minutes a domain.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "agreement.md"
DOMAINS = ("embodied", "aigc", "daily", "education", "gui")
HEAD = """# Real sources, domain by domain

<!-- Made by docs/make_agreement.py from benchmarks/agreement_<domain>.py. -->

Every sample stream of each source was given to the planner. *Samples* passed every rule of their task; *rejected* ones
have the reason beside them. *Agreement* compares with annotations that came with the files; where an annotation is part
of what the policy is shown (a robot's instruction, a narration table, an exercise), the row says that it is given.
Which GUI actions agree with the recorded ones is in [results.md](results.md).
"""


def main(data: Path, domains: list[str]) -> None:
    """Measure the named domains and write the page."""
    sys.path.insert(0, str(ROOT))
    tables = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=\n## |\Z)", PAGE.read_text(encoding="utf-8"), re.S | re.M)) \
        if PAGE.exists() else {}  # fmt: skip
    for name in domains or DOMAINS:
        print(f"{name} ...", file=sys.stderr)
        tables[name] = load("rows").table(load(f"agreement_{name}").rows(data))
    body = "\n\n".join(f"## {name}\n\n{tables[name].strip()}" for name in DOMAINS if name in tables)
    PAGE.write_text(f"{HEAD}\n{body}\n", encoding="utf-8")
    print(PAGE)


def load(name: str) -> ModuleType:
    """A module of `benchmarks/`."""
    return importlib.import_module(f"benchmarks.{name}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
