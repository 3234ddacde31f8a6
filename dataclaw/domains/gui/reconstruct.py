"""Plan of `long_horizon_reconstruction`; see below."""

from __future__ import annotations

from dataclaw.domains.gui.recording import Asking
from dataclaw.types import Brief, Json


def reconstruct(brief: Brief) -> Asking[dict[str, Json]]:
    """The draft of `long_horizon_reconstruction`."""
    raise NotImplementedError
    yield
