"""The words for where a number stands: states, the heaps they fall into, who moves, how bad it is.

States are declared most urgent first; that order is the status column's, and each heap is an
unbroken range of it, so that one index answers both.
"""

from __future__ import annotations

from enum import StrEnum


class Turn(StrEnum):
    """Who has to move; `nobody` when waiting or well."""

    CLIENT = "client"
    PARTNER = "partner"
    META = "meta"
    NOBODY = "nobody"


class Severity(StrEnum):
    """How much it matters; the names of the status colours."""

    SUCCESS = "success"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


class Group(StrEnum):
    """The few heaps a partner sorts numbers into."""

    ATTENTION = "attention"
    PROGRESS = "progress"
    LIVE = "live"
    ENDED = "ended"


class State(StrEnum):
    """One word per number; declared most urgent first, which is the order of the status column."""

    BANNED = "banned"
    BAN_SCHEDULED = "ban_scheduled"
    REMOVED = "removed"
    REJECTED = "rejected"
    ERROR = "error"
    RECONNECT = "reconnect"
    DISCONNECTED = "disconnected"
    RESTRICTED = "restricted"
    FLAGGED = "flagged"
    RATE_LIMITED = "rate_limited"
    NAME_DECLINED = "name_declined"
    PERMISSION_REVOKED = "permission_revoked"
    UNKNOWN = "unknown"
    PERMISSION_PENDING = "permission_pending"
    UNVERIFIED = "unverified"
    MIGRATING = "migrating"
    SETTING_UP = "setting_up"
    IN_REVIEW = "in_review"
    CANCELLING = "cancelling"
    LIVE = "live"
    CANCELLED = "cancelled"
    MIGRATED = "migrated"
    DELETED = "deleted"


_PROGRESS_FROM, _LIVE_FROM, _ENDED_FROM = (
    State.PERMISSION_PENDING,
    State.CANCELLING,
    State.CANCELLED,
)
_ORDER = {state: rank for rank, state in enumerate(State, start=1)}


def rank(state: State) -> int:
    """The state's place in the status column, from 1; groups are unbroken ranges of ranks."""
    return _ORDER[state]


def group_range(group: Group) -> tuple[int, int]:
    """First and last rank of a group, so that an index on the rank answers for the group."""
    starts = {
        Group.ATTENTION: 1,
        Group.PROGRESS: _ORDER[_PROGRESS_FROM],
        Group.LIVE: _ORDER[_LIVE_FROM],
        Group.ENDED: _ORDER[_ENDED_FROM],
    }
    later = [start for start in starts.values() if start > starts[group]]
    return starts[group], min(later) - 1 if later else len(_ORDER)


def group_of(state: State) -> Group:
    return next(g for g in Group if group_range(g)[0] <= rank(state) <= group_range(g)[1])
