"""The domain holds what every domain must: fixtures, attacks, declaration."""

from __future__ import annotations

from dataclaw.testing import DomainContract


class TestAigc(DomainContract):
    domain = "aigc"
