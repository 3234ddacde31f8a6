"""Titles of passages: clauses and noun phrases that are said there, and no two alike."""

from collections import Counter

import pytest

from dataclaw.domains.education.sentences import CitedCue, sentences_of
from dataclaw.domains.education.titles import cites_for, title_of, weigh_words
from dataclaw.domains.education.words import has_run, stems, tokens


def cues(*texts: str) -> list[CitedCue]:
    return [CitedCue(f"e{k}", text, 4.0 * k, 4.0 * k + 3.5) for k, text in enumerate(texts)]


def named(*texts: str, language: str = "en", taken: tuple[str, ...] = ()) -> str:
    said = cues(*texts)
    sentences = sentences_of(said)
    everywhere = Counter(one for s in sentences for one in stems(s.text, language))
    title = title_of(sentences, said, weigh_words(texts, everywhere, language), language, taken)
    assert title is not None
    words = [token for cue in said if cue.id in title.cites for token in tokens(cue.text)]
    assert has_run(words, tokens(title.text))
    return title.text


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (("Let us turn to how yeast makes dough rise.", "It eats sugar."), "How yeast makes dough rise"),
        (("So why does one volcano explode?", "The answer is gas in the magma."), "Why does one volcano explode?"),
        (("An index over several columns is called a composite index.", "It is sorted."), "Composite index"),
        (("I'll show how to compute the determinant later on.", "It is long."), "How to compute the determinant"),
    ],
)
def test_what_is_announced_asked_or_defined_is_the_title(texts: tuple[str, ...], title: str) -> None:
    assert named(*texts) == title


def test_titles_of_german_lessons_are_german() -> None:
    assert named("Kommen wir zur Frage, wie man Inflation misst.", language="de") == "Wie man Inflation misst"


def test_neighbours_have_other_titles() -> None:
    texts = ("Let us turn to how yeast makes dough rise.", "A starter is a mixture of flour and water.")
    assert named(*texts, taken=("How yeast makes dough rise",)) != named(*texts)


def test_what_leans_or_lists_keywords_is_no_title() -> None:
    said = cues("And this is what it does.", "They do that here.")
    assert title_of(sentences_of(said), said, {}, "en", ()) is None


def test_a_title_over_two_cues_cites_both() -> None:
    said = cues("It is about how yeast", "makes dough rise.")
    assert cites_for("how yeast makes dough", said, ("e0", "e1")) == ("e0", "e1")
    assert cites_for("dough rise", said, ("e0", "e1")) == ("e1",)
