"""The words of support, and what may follow what; pure."""

from __future__ import annotations

from enum import StrEnum


class ConversationState(StrEnum):
    """Whose turn it is."""

    WAITING_SUPPORT = "waiting_support"
    WAITING_PARTNER = "waiting_partner"
    CLOSED = "closed"


class Side(StrEnum):
    """Who wrote a message; `hub`: nobody did, something happened."""

    PARTNER = "partner"
    STAFF = "staff"
    HUB = "hub"


class RequestKind(StrEnum):
    """What a partner asks staff to do."""

    REMOVE_USER = "remove_user"
    DOWNGRADE = "downgrade"
    COMPANY_DATA = "company_data"
    DELETE_NUMBER = "delete_number"
    OTHER = "other"


class RequestStatus(StrEnum):
    """How a request stands; it is decided once."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Told(StrEnum):
    """What a message tells beside its text, or instead of it; words are made by pages and mails."""

    NOTHING = ""
    REQUEST_MADE = "request_made"  # beside the partner's text, which may be empty
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_REFUSED = "request_refused"
    REQUEST_WITHDRAWN = "request_withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


class Show(StrEnum):
    """Which conversations a list shows. `open` is all that are not closed."""

    OPEN = "open"
    WAITING_SUPPORT = "waiting_support"
    WAITING_PARTNER = "waiting_partner"
    CLOSED = "closed"
    ALL = "all"


class Assigned(StrEnum):
    """Whose conversations the inbox shows."""

    ANYBODY = "anybody"
    ME = "me"
    NOBODY = "nobody"


_WAITING = frozenset({ConversationState.WAITING_SUPPORT, ConversationState.WAITING_PARTNER})

# Whoever writes passes the turn to the other side, also in a conversation that was closed.
MOVES: dict[ConversationState, frozenset[ConversationState]] = {
    ConversationState.WAITING_SUPPORT: frozenset(ConversationState),
    ConversationState.WAITING_PARTNER: frozenset(ConversationState),
    ConversationState.CLOSED: _WAITING,
}

REQUEST_MOVES: dict[RequestStatus, frozenset[RequestStatus]] = {
    RequestStatus.OPEN: frozenset(RequestStatus) - {RequestStatus.OPEN},
    RequestStatus.ACCEPTED: frozenset(),
    RequestStatus.REFUSED: frozenset(),
    RequestStatus.WITHDRAWN: frozenset(),
}


def may_become(now: str, then: ConversationState) -> bool:
    """Whether a conversation that is `now` may be `then` next."""
    return then in MOVES[ConversationState(now)]


def may_be_decided(now: str, then: RequestStatus) -> bool:
    """Whether a request that is `now` may be `then` next."""
    return then in REQUEST_MOVES[RequestStatus(now)]
