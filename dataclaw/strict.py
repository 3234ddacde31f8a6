"""Strict models: unknown keys are errors, and every error names file and key. TOML files may be anybody's."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from dataclaw.errors import ConfigError

MAX_TOML = 256 * 1024
"""Largest TOML file that is read [bytes]."""
MAX_TOML_DEPTH = 32
MOST_PROBLEMS = 20
"""Most wrong keys of one file that an error names."""

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Base of all configuration: frozen, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, model: type[M]) -> M:
    """Read a TOML file into a model.

    Raises:
        ConfigError: file missing or not TOML, or keys that are wrong, all of them named.
    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigError("not a file.", place=str(path), remedy="Check the path.")
        with path.open("rb") as file:
            data = parse_toml(file.read(MAX_TOML + 1))
    except FileNotFoundError:
        raise ConfigError("file not found.", place=str(path), remedy="Check the path.") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error}.", place=str(path), remedy="Check its permissions.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not valid TOML: {error}.", place=str(path), remedy="Mend the line named.") from None
    return check(data, model, str(path))


def parse_toml(raw: bytes) -> dict[str, Any]:
    """The tables of a TOML file, which may be anybody's.

    Raises:
        UnicodeDecodeError: not UTF-8.
        TOMLDecodeError: not TOML, larger than 256 KiB, or nested more than 32 levels deep.
    """
    if len(raw) > MAX_TOML:
        raise tomllib.TOMLDecodeError(f"larger than {MAX_TOML} bytes")
    try:
        data = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError(f"nested more than {MAX_TOML_DEPTH} levels deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise tomllib.TOMLDecodeError(str(error).partition(";")[0]) from None
    level: list[Any] = [data]
    for _ in range(MAX_TOML_DEPTH):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise tomllib.TOMLDecodeError(f"nested more than {MAX_TOML_DEPTH} levels deep")
    return data


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
"""What an escaped surrogate begins with: half of a pair, or the first of two halves; or one as it is."""


def load_json(text: str | bytes) -> Any:
    """What a JSON text says, which may be anybody's; how large it may be is for the caller to say.

    Raises:
        ValueError: not JSON, not UTF-8, nested too deeply, or with half of a surrogate pair, which nobody could write.
    """
    try:
        said = json.loads(text)
        if _HALF.search(text if isinstance(text, str) else text.decode("utf-8", "replace")):
            json.dumps(said, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return said


def check(data: object, model: type[M], place: str) -> M:
    """Validate plain data against a model, naming every wrong key at once.

    Raises:
        ConfigError: with one clause per problem.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or '(top)'}: {describe_error(e, model)}" for e in error.errors()]
        many = "s" if len(lines) > 1 else ""
        more = f"; and {len(lines) - MOST_PROBLEMS} more" if len(lines) > MOST_PROBLEMS else ""
        said = "; ".join(lines[:MOST_PROBLEMS])
        raise ConfigError(f"{len(lines)} problem{many}: {said}{more}.", place=place) from None


def describe_error(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong about a key, for people; of a key that there is not, those that there are."""
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if error["type"] != "extra_forbidden":
        return error["msg"]
    for key in error["loc"][:-1]:  # names of tables and numbers of entries are no fields, and lead to the same model
        inner = _models(model.model_fields[key].annotation) if key in model.model_fields else []
        model = inner[0] if inner else model
    return f"no such key (there is: {', '.join(sorted(f.alias or name for name, f in model.model_fields.items()))})"


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation holds, however deep: `dict[str, Annotated[Model, ...]]` has one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]
