"""The same machine as another one would be: another clock, environment and folder, for what must not depend on them."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Mapping
from typing import Any

SHIFT = 34_567_891
"""How far the clock is moved on [s]: another year, month, weekday, hour, minute and second."""
SEED = "20220101"
"""Hash seed: sets of strings come out in another order."""


def other_environment(folder: str) -> Mapping[str, str]:
    """What is different about the environment.

    Args:
        folder: an empty folder, in the place of the user's own.
    """
    return {
        "PYTHONHASHSEED": SEED if os.environ.get("PYTHONHASHSEED") != SEED else "1",
        "TZ": "Pacific/Chatham",
        "LANG": "tr_TR.UTF-8",
        "HOME": folder,
        "USERPROFILE": folder,
        "USER": "somebody",
        "LOGNAME": "somebody",
        "HOSTNAME": "elsewhere",
        "DATACLAW_ELSEWHERE": "1",
    }


def shift_clock() -> None:
    """Move the clock on for everything that Python code reads from now on; call it before plugins are imported."""
    real_time, real_ns, real_local, real_utc = time.time, time.time_ns, time.localtime, time.gmtime
    real_ctime, real_format = time.ctime, time.strftime

    def time_or_now(seconds: Any) -> Any:
        return real_time() + SHIFT if seconds is None else seconds

    time.time = lambda: real_time() + SHIFT
    time.time_ns = lambda: real_ns() + SHIFT * 10**9
    time.localtime = lambda seconds=None: real_local(time_or_now(seconds))
    time.gmtime = lambda seconds=None: real_utc(time_or_now(seconds))
    time.ctime = lambda seconds=None: real_ctime(time_or_now(seconds))
    time.strftime = lambda format, when=None: real_format(format, when or real_local(time_or_now(None)))  # noqa: A006
    _shift_dates()


def _shift_dates() -> None:
    class _Passes(type):
        """Dates made by others count as dates."""

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, cls.__mro__[1])

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, cls.__mro__[1])

    class DateTime(datetime.datetime, metaclass=_Passes):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    class Date(datetime.date, metaclass=_Passes):
        @classmethod
        def today(cls) -> Any:
            return datetime.date.fromtimestamp(time.time())

    datetime.datetime, datetime.date = DateTime, Date
