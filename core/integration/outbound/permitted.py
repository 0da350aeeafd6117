"""Whether what customers write to a number is its partner's to read, as it is now; as SQL.

What a client withdrew, by the hub's permission or by taking the whole account away at Meta, is not
for the partner any more, nor what comes after a number's end.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists

from core.accounts.entities import Channel, ConsentState, WabaAccount

_C: Any = Channel.__table__  # type: ignore[attr-defined]
_W: Any = WabaAccount.__table__  # type: ignore[attr-defined]
NUMBERS = _C.join(_W, _W.c.id == _C.c.waba_account_id)
PERMITTED: tuple[Any, ...] = (
    _C.c.consent == ConsentState.GRANTED.value,
    _C.c.terminated_at.is_(None),
    _W.c.removed.is_(False),
)


def may_hear(channel_id: Any) -> Any:
    """For an endpoint of this number; '' is no number's, and hears of what concerns it always."""
    permitted = exists().select_from(NUMBERS).where(_C.c.id == channel_id, *PERMITTED)
    return (channel_id == "") | permitted
