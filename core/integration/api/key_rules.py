"""Whether a number may have a key now; one rule for the page's button and for programs.

Source: contracts/partner-api.md, "Keys": from `channel_permission_granted` on, with which the
status is `ready`. What Meta says of a number afterwards (restricted, flagged, banned) takes no
key away: the partner still reads what came in.
"""

from __future__ import annotations

from enum import StrEnum

from core.accounts.entities import ChannelStatus, ConsentState
from core.accounts.states import State
from core.errors import Conflict, Forbidden, HubError


class NoKey(StrEnum):
    """Why there can be none."""

    ENDED = "number_ended"
    GONE = "number_gone"  # deleted at Meta, or moved to another provider
    WITHDRAWN = "permission_withdrawn"
    PENDING = "permission_not_granted"
    NOT_READY = "number_not_ready"


_GONE = (State.DELETED, State.MIGRATED)
_FINAL = (NoKey.ENDED, NoKey.GONE)


def why_no_key(*, status: str, consent: str, state: str, ended: bool) -> NoKey | None:
    """None where a key may be made; `state` is the number's word in the list."""
    if ended:
        return NoKey.ENDED
    if state in _GONE:
        return NoKey.GONE
    # A client that takes the whole account away says so to Meta, not to the hub.
    if consent == ConsentState.REVOKED or state == State.REMOVED:
        return NoKey.WITHDRAWN
    if consent != ConsentState.GRANTED:
        return NoKey.PENDING
    return None if status == ChannelStatus.READY else NoKey.NOT_READY


def refusal(why: NoKey, channel_id: str) -> HubError:
    """A 409 for what is over for good, a 403 for what may still come."""
    if why in _FINAL:
        return Conflict(code=why.value, channel_id=channel_id)
    # Programs know one code for a permission that is not there, whatever took it.
    code = NoKey.PENDING if why is NoKey.WITHDRAWN else why
    return Forbidden(code=code.value, channel_id=channel_id)
