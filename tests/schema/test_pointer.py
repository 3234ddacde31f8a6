import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.schema import dotted_path, get, join, select

DOC = {"steps": [{"frame": 3, "a/b": {"~": 1}}, {"frame": 5}, {"verb": "click"}], "*": 7}


def test_select_names_every_place_that_exists_in_document_order():
    assert select(DOC, "/steps/*/frame") == [("/steps/0/frame", 3), ("/steps/1/frame", 5)]
    assert select(DOC, "/steps/1/frame") == [("/steps/1/frame", 5)]
    assert select(DOC, "") == [("", DOC)]
    assert select(DOC, "/steps/9/frame") == select(DOC, "/nothing/*") == select(3, "/a") == []
    assert select(DOC, "/steps/0/*") == [("/steps/0/frame", 3), ("/steps/0/a~1b", {"~": 1})]


def test_get_takes_every_token_literally():
    assert get(DOC, "/*") == 7
    assert get(DOC, "/steps/0/a~1b/~0") == 1
    for absent in ("/steps/*", "/steps/-1", "/steps/3", "/x", "/steps/" + "9" * 6000, "/*/0"):
        with pytest.raises(KeyError):
            get(DOC, absent)
    with pytest.raises(ValueError, match="begin with"):
        get(DOC, "steps")


def test_places_are_shown_with_a_dollar_sign():
    assert dotted_path("/steps/3/point") == "$.steps[3].point"
    assert dotted_path("") == "$"


@given(
    st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), max_size=3)
)
def test_join_escapes_so_that_get_and_select_find_the_same_place(doc: dict[str, dict[str, int]]):
    for key, inner in doc.items():
        for name, value in inner.items():
            assert get(doc, join(join("", key), name)) == value
    assert [(place, get(doc, place)) for place, _ in select(doc, "/*/*")] == select(doc, "/*/*")
