"""How a delivery and an endpoint stand, and what may follow; pure."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """`skipped`: the endpoint was off; it can be sent once the endpoint is on again."""

    WAITING = "waiting"
    RETRYING = "retrying"  # has failed, and is tried again
    DELIVERED = "delivered"
    GAVE_UP = "gave_up"  # the last try of the schedule has failed
    SKIPPED = "skipped"


OPEN = frozenset({DeliveryState.WAITING, DeliveryState.RETRYING})
CLOSED = frozenset(DeliveryState) - OPEN

# A closed delivery waits again only when somebody has it replayed.
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset(DeliveryState),
    DeliveryState.RETRYING: frozenset(DeliveryState),
    DeliveryState.DELIVERED: frozenset({DeliveryState.WAITING}),
    DeliveryState.GAVE_UP: frozenset({DeliveryState.WAITING}),
    DeliveryState.SKIPPED: frozenset({DeliveryState.WAITING}),
}


def may_become(now: str, then: DeliveryState) -> bool:
    """Whether a delivery that is `now` may be `then` next."""
    return then in MOVES[DeliveryState(now)]


class OffReason(StrEnum):
    """Why nothing is sent to an endpoint any more."""

    GONE = "gone"  # it answered 410
    FAILING = "failing"  # nothing but failures for 120 hours
    BY_HAND = "by_hand"


class EndpointState(StrEnum):
    """What an owner sees: paused collects, off does not."""

    LIVE = "live"
    PAUSED = "paused"
    OFF = "off"


def one_of(kind: type[StrEnum], column: str, *more: str) -> str:
    """A CHECK's text: the column holds one of the words."""
    words = ", ".join(f"'{word}'" for word in (*more, *kind))
    return f"{column} IN ({words})"
