"""Schema check of a draft before it is handed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from pydantic import Field
from referencing import Registry

from dataclaw.errors import ToolError
from dataclaw.tools.base import ToolContext, ToolResult, tool
from dataclaw.tools.view import plain
from dataclaw.types import Json

SHOWN = 12
"""Problems written into the note; `data` has up to `KEPT`."""

KEPT = 100


@tool("validate", cached=False)
def validate(
    context: ToolContext, *, draft: Annotated[dict[str, Any], Field(description="the draft, a JSON object")]
) -> ToolResult:
    """Check a draft against the task's schema without handing it in."""
    if context.schema is None:
        raise ToolError("there is no schema to check against.", remedy="Hand the draft in with submit.")
    problems = schema_problems(draft, context.schema)
    if not problems:
        return ToolResult("The draft fits the schema.", data={"problems": []})
    shown = "\n".join(f"{p['path'] or '(whole draft)'}: {p['message']}" for p in problems[:SHOWN])
    more = f"\n... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return ToolResult(f"{len(problems)} problem(s):\n{shown}{more}", data={"problems": problems})


def schema_problems(draft: Json, schema: Json) -> list[dict[str, str]]:
    """Problems of a draft, as `{"path": JSON pointer, "message": what is wrong}`, in order of place; at most 100.

    References of the schema are resolved inside it alone: nothing is fetched.

    Raises:
        ToolError: the draft is nested too deeply to be checked.
    """
    checker = Draft202012Validator(schema, registry=Registry[Any]())
    try:
        found = list(_first(checker.iter_errors(draft), KEPT))
    except RecursionError:
        raise ToolError("the draft is nested too deeply.", remedy="Follow the schema's structure.") from None
    problems = [{"path": pointer(e.absolute_path), "message": plain(_message(e), 200)} for e in found]
    return sorted(problems, key=lambda p: (p["path"], p["message"]))


def pointer(path: Iterable[str | int]) -> str:
    """JSON pointer (RFC 6901) of a path; each key made a harmless line."""
    return "".join("/" + plain(str(key), 60).replace("~", "~0").replace("/", "~1") for key in path)


def _message(error: ValidationError) -> str:
    # The library quotes the whole instance first; an enum may hold hundreds of ids.
    allowed = error.validator_value if error.validator == "enum" else None
    if isinstance(allowed, list) and len(cast("list[Json]", allowed)) > 12:
        return f"{plain(repr(error.instance), 60)} is not one of the {len(cast('list[Json]', allowed))} allowed values"
    instance = repr(error.instance)
    if len(instance) > 60:
        return error.message.replace(instance, plain(instance, 60))
    return error.message


def _first(errors: Iterable[ValidationError], limit: int) -> Iterable[ValidationError]:
    for count, error in enumerate(errors):
        if count >= limit:
            return
        yield error
