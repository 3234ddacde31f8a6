from dataclaw.tools import builtin
from dataclaw.types import Anchor
from tests.tools.screens import click, context, stream, write

search = builtin()["search_anchors"]


def source():
    return stream(
        events=[
            click(0, 0, 1, 1, target="Add to cart"),
            write(1, 1, "голубая кружка"),
            write(2, 2, "ナイト ライト"),
            click(3, 3, 1, 1, window="Straße - Karte"),
            click(4, 4, 1, 1, target="OK"),
        ]
    )


def found(query: str, **more: object) -> list[str]:
    return [a.id for a in search(context(source()), {"query": query, **more}).anchors]


def test_any_script_any_case():
    assert found("ADD TO CART")[0] == "e0"
    assert found("Голубая")[0] == "e1"
    assert found("ライト")[0] == "e2"
    assert found("STRASSE")[0] == "e3"


def test_typing_errors_are_forgiven():
    assert found("ad to crat")[0] == "e0"


def test_a_short_text_does_not_match_a_long_query():
    assert "e4" not in found("OK computer, buy the whole album")


def test_seen_anchors_come_first_hand():
    seen = {"t1": Anchor("t1", "text", "Order total: 34.90", 2.0, 2.0, frame=1)}
    result = search(context(source(), anchors=seen), {"query": "order total", "kinds": ["text"]})
    assert result.anchors == (seen["t1"],)
    assert result.data["scores"] == {"t1": 100.0}


def test_limit_and_order():
    ctx = context(stream(events=[click(i, i, 1, 1, target="Save") for i in range(30)]))
    result = search(ctx, {"query": "save", "limit": 3})
    assert [a.id for a in result.anchors] == ["e0", "e1", "e2"]
    assert "3 of 30" in result.note
