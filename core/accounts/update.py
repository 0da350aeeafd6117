"""An update: what was told about something of Meta's, and when; pure.

An update names its target as Meta does. Updates are applied newest first wins
(`core.accounts.apply_updates`), so they may come twice and in any order.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.events import EventType

Json = dict[str, Any]


class TargetKind(StrEnum):
    """How Meta names what changed."""

    WABA = "waba"  # WABA id
    BUSINESS = "business"  # every WABA that this business portfolio owns
    PORTFOLIO_OF = "portfolio_of"  # every WABA of the portfolio that owns this WABA id
    NUMBER = "number"  # digits of a display number within a WABA
    NUMBER_ID = "number_id"  # Meta's phone number id
    TEMPLATE = "template"  # template id within a WABA


@dataclass(frozen=True, slots=True)
class Target:
    """`waba` is the WABA id that the webhook came for, where it names one."""

    kind: TargetKind
    id: str
    waba: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Values told at one time; `group` is what they replace when they are newer.

    `at` is unix *milliseconds* by Meta's clock. Keys of `values` are columns of the target's
    table, keys of `facts` go into its `facts` column.
    """

    target: Target
    group: str
    at: int
    event: EventType | None
    values: Json = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    detail: Json = field(default_factory=dict)  # what the timeline shows beside the values
    # True where the webhook says less than the Graph API does, so that it is worth reading.
    reread: bool = False

    @property
    def digest(self) -> str:
        """Tells equal updates apart from others of the same time; part of the stamp."""
        return _digest([self.values, self.facts, self.detail])

    @property
    def stamp(self) -> list[int | str]:
        """Later stamps win; the digest settles ties the same way in every order."""
        return [self.at, self.digest]

    @property
    def key(self) -> str:
        """The identity of this fact, for the event that tells of it."""
        parts = [self.target.kind, self.target.id, self.target.waba, self.group, *self.stamp]
        return "meta:" + _digest(parts)


_TIERS = {
    -1: "TIER_UNLIMITED",
    50: "TIER_50",
    250: "TIER_250",
    1_000: "TIER_1K",
    2_000: "TIER_2K",
    10_000: "TIER_10K",
    100_000: "TIER_100K",
}


def limit_name(value: Any) -> str:
    """Meta tells a tier's name or a number; -1 is unlimited, 0 is a legal value, '' none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _TIERS.get(value, str(value))
    return as_text(value)


def digits(number: str) -> str:
    """Only the digits of a display number, in ASCII."""
    return "".join(str(int(c)) for c in number if c.isdecimal())


def as_text(value: Any) -> str:
    """A text or a whole number as text; anything else is as good as not told."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:40]
