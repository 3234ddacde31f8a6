"""Turns of a lesson, its key sentences and the words that name it."""

from hypothesis import given
from hypothesis import strategies as st

from dataclaw.domains.education.chapters import SpeechUnit, turns
from dataclaw.domains.education.ranking import key_sentences, phrases, stands_alone, weights_of
from dataclaw.domains.education.sentences import Sentence

RIVER = ["The river cuts a valley into the rock.", "Water of the river is cold near its source.",
         "A valley of a river has steep sides of rock."]  # fmt: skip
MUSIC = ["The violin has four strings of steel.", "Strings of a violin are tuned in fifths.",
         "A bow draws the sound out of the strings."]  # fmt: skip


def units(*texts: str, step: float = 20.0, slow: int = -1) -> list[SpeechUnit]:
    return [
        SpeechUnit(text, k * step + (5.0 if 0 <= slow <= k else 0.0), (k + 1) * step - 1.0)
        for k, text in enumerate(texts)
    ]


def sentences(*texts: str) -> list[Sentence]:
    return [Sentence(text, (f"e{k}",), 5.0 * k, 5.0 * k + 4) for k, text in enumerate(texts)]


def test_a_chapter_begins_where_the_words_shift() -> None:
    assert turns(units(*RIVER, *RIVER, *MUSIC, *MUSIC), "en", [], count=2) == [0, 6]


def test_a_new_slide_decides_between_places() -> None:
    said = units(*RIVER, *RIVER)
    assert turns(said, "en", [said[4].t0], count=2) == [0, 4]


def test_a_sentence_in_the_cue_of_the_one_before_begins_no_chapter() -> None:
    said = units(*RIVER, *RIVER, *MUSIC, *MUSIC)
    said[6] = SpeechUnit(said[6].text, said[5].t0, said[6].t1, fresh=False)
    assert 6 not in turns(said, "en", [], count=3)


def test_in_an_interview_film_each_speaker_has_a_chapter() -> None:
    said = [
        SpeechUnit(u.text, u.t0, u.t1, speaker="" if k % 3 else f"Speaker {k}")
        for k, u in enumerate(units(*RIVER, *RIVER, *MUSIC))
    ]
    assert turns(said, "en", []) == [0, 3, 6]


def test_a_conversation_is_no_chain_of_chapters() -> None:
    said = [SpeechUnit(u.text, u.t0, u.t1, speaker="AB"[k % 2]) for k, u in enumerate(units(*RIVER * 9, step=5.0))]
    assert len(turns(said, "en", [])) < 9


def test_words_that_announce_begin_a_chapter() -> None:
    said = units(*RIVER, "Moving on, there is another thing about rivers.", *RIVER)
    assert 3 in turns(said, "en", [])
    assert 3 in turns(units(*RIVER, "Als Nächstes schauen wir auf das Tal.", *RIVER), "de", [])


def test_a_long_silence_begins_a_chapter() -> None:
    said = units(*RIVER * 3, step=12.0)
    later = [SpeechUnit(u.text, u.t0 + 6.0 * (k >= 5), u.t1 + 6.0 * (k >= 5)) for k, u in enumerate(said)]
    assert turns(later, "en", [], count=2) == [0, 5]


@given(st.lists(st.sampled_from([*RIVER, *MUSIC, "", "now"]), max_size=30), st.integers(0, 12))
def test_turns_go_up_from_the_first_and_are_no_more_than_asked(texts: list[str], count: int) -> None:
    found = turns(units(*texts), "en", [], count)
    assert found == sorted(set(found))
    assert (found[:1] == [0]) == bool(texts)
    assert not count or len(found) <= count


def test_key_sentences_stand_alone_and_keep_their_order() -> None:
    said = sentences(
        "Hello everyone and welcome to the course on rivers.",
        "A river cuts a deep valley into the rock of the mountain.",
        "It does so because the water of the river is fast there.",
        "Why is the water of a river so fast in the mountain?",
        "The water of a river in the mountain is fast, um, and cold.",
        "The rock of the valley is carried away by the water of the river.",
    )
    keys = key_sentences(said, "en", 3, weights_of(said, "en"))
    assert [key.cites[0] for key in keys] == ["e1", "e5"]


def test_a_sentence_that_leans_on_the_one_before_does_not_stand_alone() -> None:
    leaning = ["This is called the valley of the river.", "They carry the sand of the river away.",
               "For example, this river carries a lot of sand.", "Esto se llama el valle del río."]  # fmt: skip
    languages = ["en", "en", "en", "es"]
    pairs = zip(sentences(*leaning), languages, strict=True)
    assert not any(stands_alone(sentence, language) for sentence, language in pairs)


def test_what_names_a_stretch_counts_forms_together() -> None:
    texts = ["Language models predict words.", "A language model is large.", "The i-hat vector moves.", "Take i-hat."]
    assert phrases(texts, "en", 2) == ["language models", "i-hat"]
    assert phrases([], "en", 2) == []


def test_what_names_a_stretch_in_other_languages() -> None:
    assert phrases(["矩阵乘法是变换", "矩阵乘法的意思"], "zh", 1) == ["矩阵乘法"]
    assert phrases(["Les informations attendues.", "Des informations attendues pour nous."], "fr", 1) == [
        "informations attendues"
    ]
    assert phrases(["เวกเตอร์ เวกเตอร์", "เวกเตอร์"], "", 2) == []
