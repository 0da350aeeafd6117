"""What a partner may enter on its Integration page; pure, one rule for page and service.

Codes are stable; the words for them stand in the pages. Redirects are judged by the onboarding's
own rule, so that what is registered here is what is compared there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.accounts.regions.rules import REGIONS
from core.onboarding.redirects import origin_of, registration_fault
from core.settings import Settings

# Enough for every environment of a partner; more is a list that nobody reads any more.
MAX_ORIGINS = 20
_SOLUTION = re.compile(r"[0-9]{14,18}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectRules:
    """What the judgement of a redirect URL depends on beside the URL."""

    own_origins: tuple[str, ...]
    allow_loopback_http: bool

    @classmethod
    def of(cls, settings: Settings) -> RedirectRules:
        """The hub's; in sandbox mode partners live on this machine."""
        return cls(own_origins=(settings.origin,), allow_loopback_http=settings.is_sandbox)

    def fault(self, url: str) -> str:
        """'' for a URL that may be registered; the codes are those of `registration_fault`."""
        return (
            registration_fault(
                url,
                own_origins=self.own_origins,
                allow_loopback_http=self.allow_loopback_http,
            )
            or ""
        )

    def redirect_fault(self, url: str) -> str:
        """The same for the field: empty means none is wanted."""
        return self.fault(url) if url else ""

    def origin_fault(self, text: str) -> str:
        """`not_an_origin` for what has a path or a query; else what is wrong with the host."""
        if fault := self.fault(text):
            return fault
        parts = urlsplit(text)
        return "not_an_origin" if parts.path not in ("", "/") or parts.query else ""

    def origins_fault(self, origins: Sequence[str]) -> tuple[str, str]:
        """The first wrong one and its code; two empty texts when all are right."""
        for text in origins:
            if fault := self.origin_fault(text):
                return text, fault
        return ("", "too_many") if len(origins) > MAX_ORIGINS else ("", "")


def solution_fault(text: str) -> str:
    """`solution_form` unless it is empty or 14 to 18 digits."""
    return "" if not text or _SOLUTION.match(text) else "solution_form"


def region_fault(code: str) -> str:
    """`unknown_region` unless it is empty (Meta's default) or one of Meta's regions."""
    return "" if not code or code in REGIONS else "unknown_region"


def read_origins(text: str) -> list[str]:
    """One origin a line or separated by commas and blanks, without doubles."""
    return list(dict.fromkeys(re.split(r"[\s,]+", text.strip()))) if text.strip() else []


def tidied(origins: Iterable[str]) -> list[str]:
    """As they are compared: scheme, host and port; without doubles."""
    return list(dict.fromkeys(origin_of(text) or text for text in origins))
