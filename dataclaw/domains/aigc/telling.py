"""Operations in words, English or Chinese: their names, what is asked of them, a line about each.

What no stream says of an operation (what a shot shows, what people call a group of steps) comes from `ToldOfEdit`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from dataclaw.domains.aigc import operations as facts
from dataclaw.domains.aigc.requests import sentence
from dataclaw.domains.aigc.wording import lines_of, quote
from dataclaw.planning import capitalise, join_words, statement
from dataclaw.tools.operations import exact
from dataclaw.tools.view import figure
from dataclaw.types import Anchor, Json

NAME = 60
"""Longest name in the reasoning [characters]."""
NAMED = 5
"""Most operations that the reasoning names."""
INSTANT = 1e-3
"""Shorter lengths count as nothing [s]."""
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_KINDS_ZH = {"clip": "镜头", "gap": "空白", "transition": "转场", "marker": "标记"}


class ToldOfEdit:
    """What is known of operations beside what their stream says; as it stands, nothing.

    Attributes:
        asked: what is asked for, in the words of people: "the drone shots"; of two pictures, a clause that says which
            part: ", the sign and nothing else"; "" for all that there is.
        by: what tells it from the rest: "length"; "" where nobody says.
    """

    asked = ""
    by = ""

    def why(self, there: Mapping[str, Anchor]) -> tuple[str, Sequence[str]]:
        """A sentence that shows why these operations are meant, and the ids that prove it; "" for none.

        Args:
            there: all operations of the stream by id.
        """
        del there
        return "", ()

    def does(self, operation: Anchor) -> str:
        """What an operation shows or does, a clause; "" where only its own words tell."""
        del operation
        return ""

    def fits(self, words: str, changes: Sequence[Anchor]) -> str:
        """How the words that asked for an edit fit what was measured, a sentence; "" where nobody says."""
        del words, changes
        return ""

    def order(self, changes: Sequence[Anchor]) -> str | None:
        """The order that leads to these changes; None where it is the stream's own, "" where nobody has one."""
        del changes
        return None

    def became(self, change: Anchor, read: tuple[Anchor, Anchor] | None) -> str:
        """What became of the picture in a change, a sentence; "" where nobody knows more than was measured."""
        del change, read
        return ""


def count_of(number: int) -> str:
    """A number in words, up to ten; "many" for more."""
    return _COUNTS[number - 1] if number <= len(_COUNTS) else "many"


def kinds_of(operations: Sequence[Anchor], language: str) -> str:
    """The kinds of operations, as people list them: "clips and gaps", "镜头和空白"."""
    kinds = list(dict.fromkeys(str(operation.attrs["verb"]) for operation in operations))
    if language == "zh":
        return join_words([_KINDS_ZH.get(kind, "步骤") for kind in kinds], "和").replace(", ", "、")
    return join_words([f"{kind}s" for kind in kinds])


def thought_of(
    operations: Sequence[Anchor], told: ToldOfEdit, there: Mapping[str, Anchor], language: str
) -> list[Json]:
    """Why these operations are meant, and which they are."""
    shown = operations[:NAMED]
    asked = told.asked or ("" if language == "zh" else "the ") + kinds_of(operations, language)
    by = f", by {told.by}" if told.by and language != "zh" else ""
    names = names_of(operations, language)
    proof = [operation.id for operation in shown]
    text = sentence("kept", language, asked=capitalise(asked), by=by, names=names)
    if operations[0].attrs["verb"] in facts.TIMED:
        last = max(operations, key=lambda operation: operation.t1)
        t0, t1 = operations[0].t0, last.t1
        text = sentence(
            "kept_in", language, asked=capitalise(asked), by=by, names=names, t0=f"{t0:.2f}", t1=f"{t1:.2f}"
        )
        proof.append(last.id)
    why, cited = told.why(there)
    return [*([statement(why, cited, 320)] if why and cited else []), statement(text, proof, 320)]


def names_of(operations: Sequence[Anchor], language: str) -> str:
    """`"INT Mara 01", "DRN quay" and four more`: names, each once; of steps with their number."""
    names = list(dict.fromkeys(_name(operation, language) for operation in operations[:NAMED]))
    more = len(operations) - NAMED
    if language == "zh":
        return "、".join(names) + ("等" if more > 0 else "")
    return join_words([*names, f"{count_of(more)} more"]) if more > 0 else join_words(names)


def _name(operation: Anchor, language: str) -> str:
    kind, text = str(operation.attrs["verb"]), str(operation.attrs.get("text") or "")
    if kind in ("gap", "transition") or (kind in facts.TIMED and not text):
        return _KINDS_ZH[kind] if language == "zh" else f"a {operation.attrs.get('transition') or kind}"
    if kind in facts.TIMED:
        return quote(text, NAME)
    return content_of(operation, language).partition(":")[0]


def lines_about(operation: Anchor, operations: Sequence[Anchor], told: ToldOfEdit, language: str) -> list[Json]:
    """An operation in words, with its times in a cut, else with the nodes that its sentence names.

    It takes several lines where it has a long text, which is told whole.
    """
    said = (",", ":", " 秒") if language == "zh" else (", ", ": ", " s")
    content, does = content_of(operation, language), told.does(operation)
    if operation.attrs["verb"] not in facts.TIMED:
        text = said[1].join(filter(None, [does, content]))
        cites = [operation.id, *facts.feeds(operation, operations)]
        return [statement(line, cites) for line in lines_of(capitalise(text))]
    lasts = operation.t1 - operation.t0 >= INSTANT
    when = f"{operation.t0:.3f}-{operation.t1:.3f}" if lasts else f"{operation.t0:.3f}"
    return [statement(f"{when}{said[2]}{said[1]}{said[0].join(filter(None, [does, content]))}", [operation.id], 600)]


def content_of(operation: Anchor, language: str) -> str:
    """What an operation is, in the tool's words, or the same in Chinese."""
    if language != "zh":
        return operation.content
    attrs, details = operation.attrs, facts.details_of(operation)
    name, track = quote(str(attrs.get("text") or "")), str(details.get("track", ""))
    length = f"{exact(operation.t1 - operation.t0)} 秒"
    if attrs["verb"] == "gap":
        return f"{track}空白{length}"
    if attrs["verb"] == "marker":
        return f"{track}标记{name if name != quote('') else ''}"
    if attrs["verb"] == "transition":
        sides = f"从{quote(str(details.get('from', '')))}到{quote(str(details.get('to', '')))}"
        return f"{track}{sides}的{_KINDS_ZH['transition']}({attrs.get('transition')}),{length}"
    if attrs["verb"] != "clip":
        return re.sub(r"^step (\d+) ", r"第\1步 ", operation.content)
    source = [float(t) for k in ("source_in", "source_out") if isinstance(t := details.get(k), int | float)]
    speed = float(attrs.get("speed", 1.0))
    effects = cast("Sequence[Mapping[str, Json]]", details.get("effects") or [])
    parts = [f"{track}第{attrs['shot']}个镜头{name}", length]
    parts += [f"素材{exact(source[0])}-{exact(source[1])} 秒"] if len(source) == 2 else []
    parts += [f"速度{figure(100 * speed, 4)}%"] if speed != 1 else []
    parts += [f"效果{effect.get('name', '')}" for effect in effects[:4]]
    return ",".join([*parts, *(["已关闭"] if details.get("enabled") is False else [])])


def question_of_steps(
    operations: Sequence[Anchor], told: ToldOfEdit, language: str, *, made: bool = False, some: bool = False
) -> str:
    """What is asked about nodes of a graph or steps of a history.

    Args:
        operations: the steps.
        told: what is asked for.
        language: "en" or "zh".
        made: whether a picture is there that they made, or a photograph that they are applied to.
        some: whether they were chosen from more that are in force; the question names them.
    """
    source = "history" if operations[0].attrs["verb"] == "operation" else "graph"
    if told.asked:
        return sentence(f"{source}_asked", language, asked=told.asked)
    if some:
        return sentence(f"{source}_some", language, names=names_of(operations, language))
    return sentence(f"{source}_made" if made else source, language)
