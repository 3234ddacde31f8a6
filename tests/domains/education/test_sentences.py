"""Sentences across cue borders: whole, exactly quoted, and only where there are any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.education.sentences import CitedCue, clean, has_sentence_marks, pieces, sentences_of, without_lead
from dataclaw.domains.education.words import language_of, mend_text, stem, stems, tokens


def cues(*texts: str, step: float = 2.0) -> list[CitedCue]:
    return [CitedCue(f"e{k}", text, k * step, (k + 1) * step) for k, text in enumerate(texts)]


def test_a_sentence_cites_every_cue_that_it_runs_through() -> None:
    first, second = sentences_of(cues("A river begins at", "its source. It is", "cold there."))
    assert (first.text, first.cites, first.fresh) == ("A river begins at its source.", ("e0", "e1"), True)
    assert (second.text, second.cites, second.fresh) == ("It is cold there.", ("e1", "e2"), False)
    assert (first.t0, first.t1) == (0.0, 4.0)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The pressure vs. time graph is a wave. It is pure.", 2),
        ("It costs 3.5 seconds, i.e. a little. Then it stops.", 2),
        ("edX was new. edX.org was founded in 2012.", 2),
        ("Is it? Yes! No… Perhaps.", 4),
        ("两个矩阵相乘。先应用右侧的变换！", 2),
        ("¿Qué es? Es un vector.", 2),
        ("no mark at the end", 0),
    ],
)
def test_where_sentences_end(text: str, count: int) -> None:
    assert len(sentences_of(cues(text))) == count


def test_speakers_and_stage_directions_are_no_words_of_a_sentence() -> None:
    said = sentences_of(cues("Voiceover: Meet the system.", "[music playing]", "- Lisa: It works. [Applause] Well."))
    assert [s.text for s in said] == ["Meet the system.", "It works.", "Well."]


def test_a_cut_sentence_is_left_out_and_a_repeated_cue_is_said_once() -> None:
    assert [s.text for s in sentences_of(cues("It is so.", "It is so.", "And this is cut"))] == ["It is so."]


def test_hesitations_and_stutters_are_not_clean() -> None:
    texts = ["We, um, go on.", "It is is so.", "He said (it was so.", "It is a . blended room.", "That is right."]
    assert [clean(s) for s in sentences_of(cues(*texts))] == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("So now, the area grows.", "en", "The area grows."),
        ("Pero bueno, el área crece.", "es", "El área crece."),
        ("edX is open.", "en", "edX is open."),
        ("Sound travels.", "en", "Sound travels."),
    ],
)
def test_words_that_only_lead_in_are_taken_off(text: str, language: str, expected: str) -> None:
    assert without_lead(sentences_of(cues(text))[0], language).text == expected


def test_automatic_captions_have_no_sentences() -> None:
    said = cues(*["um next up we are going to be hearing about the state of the project"] * 8)
    assert not has_sentence_marks(said)
    assert has_sentence_marks(cues("This is one. This is two."))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The area of the square is what we look at and it grows.", "en"),
        ("El área del cuadrado es lo que miramos y crece con el tiempo.", "es"),
        ("L'aire est dans le carré que nous avons pour cette fois.", "fr"),
        ("两个矩阵相乘的意思", "zh"),
        ("12 34 56", ""),
        ("", ""),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of([text]) == language


def test_forms_of_a_word_share_a_stem() -> None:
    assert stem("transform") == stem("transformations")
    assert stem("vector") == stem("vectores")
    assert stems("The vectors and a vector", "en") == ["vector", "vector"]


TEXT = st.text(st.sampled_from("abcDE .,?!…()[]'\"-–:¿¡。？1 2\n♪ñ矩阵"), max_size=60)


@given(st.lists(TEXT, max_size=8))
def test_every_sentence_stands_word_for_word_in_its_cues(texts: list[str]) -> None:
    said = {cue.id: cue for cue in cues(*texts)}
    for sentence in sentences_of(list(said.values())):
        source = [token for cite in sentence.cites for token in tokens(said[cite].text)]
        words = tokens(sentence.text)
        assert any(source[at : at + len(words)] == words for at in range(len(source) - len(words) + 1))
        assert sentence.t0 == said[sentence.cites[0]].t0


@given(st.text(max_size=200))
def test_pieces_keep_every_word(text: str) -> None:
    assert [t for piece in pieces(text) for t in tokens(piece)] == tokens(text) or "[" in text or "♪" in text


def test_a_cue_that_only_leads_in_is_not_cited() -> None:
    (said,) = sentences_of(cues("So now,", "the area of the square grows."))
    assert said.cites == ("e0", "e1")
    assert (without_lead(said, "en").text, without_lead(said, "en").cites) == ("The area of the square grows.", ("e1",))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("bottling of produets to make", "bottling of products to make"),
        ("the govemment of Rome", "the government of Rome"),
        ("a parallelipiped and i-hat", "a parallelipiped and i-hat"),
        ("edX and Produets", "edX and Produets"),
    ],
)
def test_a_misread_word_is_mended_where_only_one_word_can_be_meant(read: str, text: str) -> None:
    assert mend_text(read) == text
