"""Code is read, never run: names are followed through aliases and scopes, and nothing innocent is told."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from dataclaw.kit.forbidden import FORBIDDEN
from dataclaw.kit.report import Notes
from dataclaw.kit.static_reading import check_reading, read_module
from dataclaw.plugins.find import Plugin, find_plugins


def told(code: str, part: str = "rules") -> list[tuple[int, str]]:
    return [(line, deed.says) for line, _, deed in read_module(ast.parse(code), FORBIDDEN[part])]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import time\ndef f():\n    return time.time()", "reads the clock"),
        ("import time as t\nnow = t.monotonic\ndef f():\n    return now()", "reads the clock"),
        ("from time import time as now\ndef f(x=now): ...", "reads the clock"),
        ("import datetime as dt\ndef f():\n    return dt.datetime.now()", "reads the clock"),
        ("from datetime import date\ndef f():\n    return date.today()", "reads the clock"),
        ("from datetime import datetime\nK = {'now': datetime.utcnow}", "reads the clock"),
        ("from time import *\ndef f():\n    return time()", "reads the clock"),
        ("import os\ndef f():\n    return os.environ['X']", "reads the environment"),
        ("from os import environ as e\ndef f():\n    return e.get('X')", "reads the environment"),
        ("import os\ndef f():\n    return getattr(os, 'getenv')('X')", "reads the environment"),
        ("def f(p):\n    return open(p).read()", "reads files"),
        ("from pathlib import Path\ndef f(p):\n    return (Path(p).parent / 'x').read_text()", "reads files"),
        ("from pathlib import Path\ndef f(p: Path):\n    return p.exists()", "reads files"),
        ("def f(p):\n    return p.read_bytes()", "reads files"),
        ("def f(p):\n    return open(p, 'w')", "writes files"),
        ("from pathlib import Path\ndef f(p, m):\n    return Path(p).open(m)", "writes files"),
        ("from pathlib import Path\nPath(__file__).with_name('x').write_text('')", "writes files"),
        ("import random\ndef f():\n    return random.random()", "draws random numbers"),
        ("from random import choice\ndef f(x):\n    return choice(x)", "draws random numbers"),
        ("import random\nR = random.Random()", "draws random numbers"),
        ("import numpy as np\ndef f():\n    return np.random.default_rng().random()", "draws random numbers"),
        ("from uuid import uuid4\ndef f():\n    return uuid4()", "draws random numbers"),
        ("import socket", "opens the network"),
        ("from urllib import request\ndef f():\n    return request.urlopen('x')", "opens the network"),
        ("import subprocess", "starts processes"),
        ("import os\ndef f():\n    os.system('x')", "starts processes"),
        ("import os\ndef f():\n    os._exit(0)", "ends the process"),
        ("import sys\ndef f():\n    sys.exit()", "ends the process"),
        ("def f():\n    exit()", "ends the process"),
        ("def f(x):\n    return eval(x)", "runs code that nobody can read"),
        ("def f():\n    return __import__('os')", "runs code that nobody can read"),
        ("class A:\n    def open(self): ...\n    def f(self, p):\n        return open(p)", "reads files"),
    ],
)
def test_what_code_does_is_told_through_aliases(code: str, says: str) -> None:
    assert says in {deed for _, deed in told(code)}, told(code)


@pytest.mark.parametrize(
    "code",
    [
        "def open(x):\n    return x\ndef f(p):\n    return open(p)",
        "def f(open, time):\n    return open(time.time())",
        "import datetime\ndef f(x: datetime.datetime) -> bool:\n    return x.year > datetime.datetime(2020, 1, 1).year",
        "import time\ndef f(x):\n    return time.strptime(x, '%H')",
        "import os\ndef f(x):\n    return os.path.join('a', x)",
        "from pathlib import Path, PurePath\ndef f(x):\n    return Path(x).suffix + PurePath(x).name",
        "from pathlib import Path\nimport tomllib\nT = tomllib.loads(Path(__file__).with_name('x.toml').read_text())",
        "from pathlib import Path\nHERE = Path(__file__).parent\nT = (HERE / 'x.txt').read_text()",
        "from pathlib import Path\nT = [line for line in open(Path(__file__).with_suffix('.txt'))]",
        "import random\nR = random.Random(7)\ndef f(x):\n    return R.choice(x)",
        "import random\ndef f(rng: random.Random):\n    return rng.random()",
        "import numpy as np\ndef f(x):\n    return np.random.default_rng(0).permutation(x)",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import subprocess\ndef f(x: 'subprocess.Popen'): ...",
        "import re\nP = re.compile('x')\ndef f(compile):\n    return compile('x')",
        "from dataclaw.tools import read_text\ndef f(x):\n    return read_text(x)",
        "def f(case):\n    return case.time.time(), case.environ, case.open('x')",
        "match = {'x': 1}\ndef f(x):\n    match x:\n        case {'y': open}:\n            return open(1)",
    ],
)
def test_what_is_innocent_is_not_told(code: str) -> None:
    assert told(code) == []


def test_each_part_has_its_own_list() -> None:
    code = "import os\nfrom pathlib import Path\ndef f(p: Path):\n    return p.read_text(), os.getenv('X')"
    assert told(code, "tools") == [(4, "reads the environment")]
    assert told(code, "loaders") == []
    assert told("import socket\nimport time\nT = time.time()", "loaders") == [(1, "opens the network")]
    assert told("import os\nos.remove('x')", "loaders") == [(2, "writes files")]


def test_modules_that_a_part_imports_are_read_and_each_place_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("from .deep import f\n")
    (tmp_path / "inner" / "deep.py").write_text("import time\n\n\ndef f():\n    return time.time()\n")
    (tmp_path / "unused.py").write_text("import socket\n")
    for part in ("rules", "tools"):
        (tmp_path / f"{part}.py").write_text("from .inner import f\n")
    (tmp_path / "plans.py").write_text("def broken(:\n")
    notes = Notes()
    check_reading(Plugin("shop", tmp_path, None, "path given"), notes)
    (problem,) = notes.problems
    assert problem.place == "inner/deep.py:5"
    assert problem.message == "inner/deep.py, which rules.py imports, reads the clock (time.time), and rules may not."


def test_an_installed_plugin_is_read_by_the_name_of_its_package(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("from my_shop.domain.words import f\nfrom my_shop import other\n")
    (tmp_path / "words.py").write_text("import secrets\n\nf = secrets.token_hex\n")
    notes = Notes()
    check_reading(Plugin("shop", tmp_path, "my_shop.domain", "entry point"), notes)
    assert [problem.place for problem in notes.problems] == ["words.py:3"]


def test_code_that_is_nested_too_deep_is_told_and_harms_nothing() -> None:
    tree = ast.parse("x = 1")
    node: ast.expr = ast.Name(id="x", ctx=ast.Load(), lineno=1, col_offset=0)
    for _ in range(5000):
        node = ast.UnaryOp(op=ast.Not(), operand=node, lineno=1, col_offset=0)
    tree.body.append(ast.Expr(value=node, lineno=1, col_offset=0))
    assert [deed.says for _, _, deed in read_module(tree, FORBIDDEN["rules"])] == ["runs code that nobody can read"]


def test_what_ships_does_nothing_that_it_may_not() -> None:
    for plugin in find_plugins().values():
        notes = Notes()
        check_reading(plugin, notes)
        assert not notes.problems, notes.problems
