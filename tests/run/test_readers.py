"""The verdict agrees with a reader of training data, where his marks lie beside the checkout."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MARKED = ROOT.parent / "shared" / "judged"


@pytest.mark.slow
@pytest.mark.skipif(not (MARKED / "marks.jsonl").is_file(), reason="no marked samples beside the checkout")
def test_totals_stand_in_the_order_of_a_readers_marks():
    spec = importlib.util.spec_from_file_location("readers", ROOT / "benchmarks" / "readers.py")
    assert spec is not None
    assert spec.loader is not None
    readers = sys.modules["readers"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readers)
    rows = readers.judged_again(MARKED)
    assert readers.in_order(rows, within=False)[0] >= 0.9
    assert readers.in_order(rows, within=True)[0] >= 0.9
