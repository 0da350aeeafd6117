"""How long ago somebody showed who it is: pure rules of a fresh sign-in.

A session lasts for days, and its browser may be anybody's meanwhile. What cannot be taken back by
a click (money, secrets, roles) wants a sign-in at the provider that is a few minutes old. The gate
asks (`core.access`), `core.partners.confirming` makes a session fresh again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

# When a provider does not say: then its answer tells who it is, not that anybody was asked.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# That clocks may differ; the same as for the rest of an id_token.
_LEEWAY = timedelta(minutes=2)


def is_fresh(signed_in_at: datetime, now: datetime, limit: timedelta) -> bool:
    """True when the person signed in less than `limit` ago; at the limit it is over. Zero is no
    limit."""
    return not limit or now - signed_in_at < limit


def auth_time_of(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When the provider last asked the person, never after `now`; LONG_AGO when it does not say,
    or says what cannot be."""
    told = claims.get("auth_time")
    if isinstance(told, bool) or not isinstance(told, int | float) or not isfinite(told):
        return LONG_AGO
    if not 0 <= told <= (now + _LEEWAY).timestamp():
        return LONG_AGO
    return min(datetime.fromtimestamp(told, UTC), now)
