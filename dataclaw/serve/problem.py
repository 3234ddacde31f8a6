"""What a face answers when it refuses: one JSON object by RFC 9457, with place and remedy."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from starlette.responses import JSONResponse

from dataclaw.errors import DataClawError, MissingExtraError, StreamError, UsageError

KINDS: tuple[tuple[type[DataClawError], HTTPStatus], ...] = (
    (StreamError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (MissingExtraError, HTTPStatus.NOT_IMPLEMENTED),
)
"""Which status an error of ours has; any other is the server's own fault."""


class RefusedError(UsageError):
    """A request that a face refuses.

    Attributes:
        status: the HTTP status of the answer.
    """

    def __init__(self, status: HTTPStatus, message: str, *, remedy: str = "", place: object = "") -> None:
        super().__init__(message, remedy=remedy, place=place)
        self.status = status

    def __reduce__(self) -> tuple[object, ...]:
        return (partial(RefusedError, remedy=self.remedy, place=self.place), (self.status, self.message))


def problem_of(error: DataClawError) -> JSONResponse:
    """The answer to a request that ended in this error: `application/problem+json`."""
    status = error.status if isinstance(error, RefusedError) else _status_of(error)
    told = {
        "title": status.phrase,
        "status": status.value,
        "detail": error.message,
        "place": error.place,
        "remedy": error.remedy,
    }
    headers = {"www-authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(told, status, headers, "application/problem+json")


def _status_of(error: DataClawError) -> HTTPStatus:
    return next((status for kind, status in KINDS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
