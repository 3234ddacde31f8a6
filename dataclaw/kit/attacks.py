"""Answers that a lazy policy would find: what a domain's rules must not pay for.

Each attack makes one draft from the gold answer, the schema narrowed to the fixture's stream and what was seen there.
A draft that an attack cannot make, or that comes out as the gold answer, is no attack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from dataclaw.schema import is_valid
from dataclaw.schema.pointer import get
from dataclaw.types import Anchor, Json

EMPTY = frozenset({"no object", "empty", "prompt echo", "filler"})
"""Attacks that say nothing of the stream."""
REASONING = "cot"
REMAINDER = "left_out"
DraftBody = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Target:
    """What an attack may use.

    Attributes:
        gold: the right answer.
        schema: the task's schema narrowed to the stream.
        anchors: what was seen, by id.
        others: right answers of the task's other fixtures.
    """

    gold: DraftBody
    schema: Mapping[str, Json]
    anchors: Mapping[str, Anchor]
    others: Sequence[DraftBody] = field(default=())


def attacks(target: Target) -> dict[str, Json]:
    """Every attack that applies, by name; the names are what reports and `[explained]` call them."""
    made: dict[str, Json] = {"no object": "x"}
    for name, make in ATTACKS.items():
        draft = make(target)
        if draft is not None and draft != target.gold:
            made[name] = draft
    return made


def _empty(target: Target) -> DraftBody | None:
    del target
    return {}


def _empty_lists(target: Target) -> DraftBody | None:
    return {key: [] if isinstance(value, list) else value for key, value in target.gold.items()}


def _echo(target: Target) -> DraftBody | None:
    return cast("DraftBody", Filler(target.schema, tuple(target.anchors), echo=True).value(target.schema))


def _filler(target: Target) -> DraftBody | None:
    return cast("DraftBody", Filler(target.schema, tuple(target.anchors)).value(target.schema))


def _invent(target: Target) -> DraftBody | None:
    """Gold with the first citation of each place replaced by an id that nobody has seen."""
    return cast("DraftBody", with_cites(target.gold, lambda cite: [INVENTED, *cite[1:]]))


def _wordless(target: Target) -> DraftBody | None:
    """Gold with nothing said: every text that the schema lets be empty is."""
    emptied = cast("DraftBody", _with_words(target.gold, lambda text: "" if " " in text else text))
    return emptied if is_valid(emptied, target.schema) else None


def _shuffle(target: Target) -> DraftBody | None:
    key = main_list(target.gold)
    if key is None or not _in_time(target.gold[key], target.anchors):
        return None
    return {**target.gold, key: target.gold[key][::-1]}


def _duplicate(target: Target) -> DraftBody | None:
    key = main_list(target.gold)
    if key is None:
        return None
    return {**target.gold, key: [item for item in target.gold[key] for _ in range(2)]}


def _truncate(target: Target) -> DraftBody | None:
    key = main_list(target.gold)
    if key is None:
        return None
    items = target.gold[key]
    return {**target.gold, key: items[: -(-len(items) // 3)]}


def _other(target: Target) -> DraftBody | None:
    return next((other for other in target.others if other != target.gold), None)


def _elsewhere(target: Target) -> DraftBody | None:
    """Every citation moved on to the next anchor of its kind: true sentences with the proof of others."""
    moved: dict[str, str] = {}
    for kind in dict.fromkeys(anchor.kind for anchor in target.anchors.values()):
        ids = [name for name, anchor in target.anchors.items() if anchor.kind == kind]
        moved |= dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    return cast("DraftBody", with_cites(target.gold, lambda cite: [moved.get(name, name) for name in cite]))


def _spam(target: Target) -> DraftBody | None:
    """Everything cited for everything, as far as the schema lets it."""
    most = _most_cites(target.schema)
    ids = list(target.anchors)
    return cast("DraftBody", with_cites(target.gold, lambda cite: list(dict.fromkeys([*cite, *ids]))[:most]))


INVENTED = "zz999"
EMPTY_WORDS = "Something in the picture changes, and the person goes on with it."
"""True of any stream, and says nothing of this one."""


def _true_and_empty(target: Target) -> DraftBody | None:
    """Gold with a sentence in place of each of its texts that is true of any stream; citations stay."""
    body = {key: value for key, value in target.gold.items() if key != REMAINDER}
    emptied = cast("DraftBody", _with_words(body, lambda text: EMPTY_WORDS if " " in text.strip() else text))
    draft = emptied | {key: target.gold[key] for key in (REMAINDER,) if key in target.gold}
    return draft if is_valid(draft, target.schema) else None


def _fluent_and_false(target: Target) -> DraftBody | None:
    """Gold in which each item of a list says what the next one should: good sentences over the proof of others."""
    draft = {key: value if key in (REASONING, REMAINDER) else _rotate(value) for key, value in target.gold.items()}
    return draft if is_valid(draft, target.schema) else None


def _rotate(value: Json) -> Json:
    """Lists of objects with their sentences moved on by one."""
    if isinstance(value, dict):
        return {key: _rotate(item) for key, item in cast("dict[str, Json]", value).items()}
    if not isinstance(value, list):
        return value
    items = cast("list[Json]", value)
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return items
    bodies = [cast("dict[str, Json]", item) for item in items]
    keys = [k for k in bodies[0] if all(isinstance(b.get(k), str) and " " in b[k].strip() for b in bodies)]
    after = [*bodies[1:], bodies[0]]
    return [body | {key: other[key] for key in keys} for body, other in zip(bodies, after, strict=True)]


def _with_words(value: Json, change: Callable[[str], str]) -> Json:
    """A copy with every text changed; citations stay."""
    if isinstance(value, list):
        return [_with_words(item, change) for item in cast("list[Json]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        return {key: item if key == "cite" else _with_words(item, change) for key, item in fields.items()}
    return change(value) if isinstance(value, str) else value


def _long(target: Target) -> DraftBody | None:
    """The reasoning said over and over, as long as the schema lets it be."""
    steps = target.gold.get(REASONING)
    if not isinstance(steps, list) or not steps:
        return None
    form = cast("Mapping[str, Json]", target.schema.get("properties", {}).get(REASONING, {}))
    longest = int(
        follow_refs(form.get("items", {}), target.schema).get("properties", {}).get("text", {}).get("maxLength", 2000)
    )
    said = [_repeat_text(step, longest) for step in cast("list[Json]", steps)]
    count = int(form.get("maxItems", 4 * len(said)))
    return {**target.gold, REASONING: [said[k % len(said)] for k in range(max(count, len(said)))]}


ATTACKS: Mapping[str, Callable[[Target], DraftBody | None]] = {
    "empty": _empty,
    "empty lists": _empty_lists,
    "prompt echo": _echo,
    "filler": _filler,
    "no words": _wordless,
    "shuffled": _shuffle,
    "duplicated": _duplicate,
    "truncated": _truncate,
    "another fixture's answer": _other,
    "evidence of others": _elsewhere,
    "invented evidence": _invent,
    "everything cited": _spam,
    "over-long reasoning": _long,
    "true and empty": _true_and_empty,
    "fluent and false": _fluent_and_false,
}


def main_list(draft: DraftBody) -> str | None:
    """The key of the draft's longest list of two items or more, the last of equals: answers stand after their evidence.

    Reasoning and remainder are not what was asked for.
    """
    lists = {key: cast("list[Json]", value) for key, value in draft.items() if isinstance(value, list)}
    asked = [key for key, items in lists.items() if key not in (REASONING, REMAINDER) and len(items) > 1]
    return max(reversed(asked), key=lambda key: len(lists[key])) if asked else None


def cites_of(value: Json) -> Iterator[list[str]]:
    """Every `cite` in a value."""
    if isinstance(value, list):
        for item in cast("list[Json]", value):
            yield from cites_of(item)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Json]", value).items():
            if key == "cite" and isinstance(item, list):
                yield cast("list[str]", item)
            else:
                yield from cites_of(item)


def follow_refs(node: Json, root: Mapping[str, Json]) -> Mapping[str, Json]:
    """A subschema with its references followed; {} for `true` and `false`."""
    while isinstance(node, dict) and "$ref" in node:
        node = get(root, str(cast("dict[str, Json]", node)["$ref"])[1:])
    return cast("dict[str, Json]", node) if isinstance(node, dict) else {}


def _in_time(items: Sequence[Json], anchors: Mapping[str, Anchor]) -> bool:
    """Whether the list tells a course of time: items that cite nothing do, cited ones where their times go up."""
    firsts: list[float] = []
    for item in items:
        times = [anchors[name].t0 for cite in cites_of(item) for name in cite if name in anchors]
        if not times and any(True for _ in cites_of(item)):
            return False
        firsts += [min(times)] if times else []
    return not firsts or (firsts == sorted(firsts) and firsts[0] < firsts[-1])


def with_cites(value: Json, change: Callable[[list[str]], list[str]]) -> Json:
    """A copy with every `cite` changed."""
    if isinstance(value, list):
        return [with_cites(item, change) for item in cast("list[Json]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Json]", value)
        return {
            key: change(cast("list[str]", item))
            if key == "cite" and isinstance(item, list)
            else with_cites(item, change)
            for key, item in fields.items()
        }
    return value


def _most_cites(schema: Mapping[str, Json]) -> int:
    """The smallest `maxItems` of the schema's cites, so that spam stays valid everywhere."""
    from dataclaw.schema.walk import subschemas

    forms = [node["properties"]["cite"] for _, node in subschemas(dict(schema)) if "cite" in node.get("properties", {})]
    return min((int(follow_refs(form, schema).get("maxItems", 64)) for form in forms), default=64)


def _repeat_text(step: Json, longest: int) -> Json:
    if not isinstance(step, dict):
        return step
    entries = cast("DraftBody", step)
    text = str(entries.get("text", ""))
    return {**entries, "text": (f"{text} " * (longest // max(len(text), 1) + 1))[:longest].strip()}


@dataclass(frozen=True, slots=True)
class Filler:
    """Makes the smallest value that a schema allows and that says something: one item a list, required keys only.

    Attributes:
        root: the schema that references are looked up in.
        ids: anchors that may be cited; the first one is.
        echo: say each place's description back instead of a letter.
    """

    root: Mapping[str, Json]
    ids: Sequence[str]
    echo: bool = False

    def value(self, schema: Json, around: str = "") -> Json:
        """A value for a subschema; `around` is the description of what holds it."""
        node = follow_refs(schema, self.root)
        said = str(node.get("description", around))
        if "const" in node:
            return node["const"]
        if node.get("enum"):
            return node["enum"][0]
        for key in ("anyOf", "oneOf", "allOf"):
            if node.get(key):
                return self.value(node[key][0], said)
        kinds = node.get("type", "object" if "properties" in node else "string")
        kind = next((k for k in cast("list[str]", kinds) if k != "null"), "null") if isinstance(kinds, list) else kinds
        return self._plain(str(kind), node, said)

    def _plain(self, kind: str, node: Mapping[str, Json], said: str) -> Json:
        match kind:
            case "object":
                properties = cast("dict[str, Json]", node.get("properties", {}))
                return {key: self.value(properties.get(key, {}), said) for key in node.get("required", [])}
            case "array":
                return self._array(node, said)
            case "string":
                return self._string(node, said)
            case "integer" | "number":
                return node.get("minimum", 0)
            case "boolean":
                return False
            case _:
                return None

    def _array(self, node: Mapping[str, Json], said: str) -> list[Json]:
        if node.get("prefixItems"):
            return [self.value(item, said) for item in node["prefixItems"]]
        count = min(max(1, int(node.get("minItems", 0))), int(node.get("maxItems", 1_000)))
        return [self.value(node.get("items", {}), said) for _ in range(count)]

    def _string(self, node: Mapping[str, Json], said: str) -> str:
        if node.get("x-ref") == "anchor" and self.ids:
            return self.ids[0]
        text = said if self.echo and said else "x"
        return text.ljust(int(node.get("minLength", 0)), "x")[: int(node.get("maxLength", 2000))]
