"""How a payment stands, what may follow, and when it is over; pure.

A payment is one charge at the provider, which can succeed only once, with one or more attempts.
"""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What is paid for."""

    TOP_UP = "top_up"
    AUTO_RENEWAL = "auto_renewal"
    INVOICE = "invoice"
    PLAN = "plan"  # a larger one; its invoice is issued when it has been charged


class PaymentStatus(StrEnum):
    """`unknown`: the provider may or may not have charged; it is asked until it tells."""

    CREATED = "created"  # an attempt is intended; the provider may not have heard of it yet
    PROCESSING = "processing"
    ACTION_REQUIRED = "action_required"  # the cardholder has to confirm it
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    """How money on its way back stands; a lost dispute is born `succeeded`."""

    CREATED = "created"  # left the credit; the provider may not have heard of it yet
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


FINAL = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.DECLINED, PaymentStatus.CANCELLED})
OPEN = frozenset(PaymentStatus) - FINAL

# Whoever tells first wins; what is told late about an earlier state is not allowed and ignored.
MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    PaymentStatus.CREATED: frozenset(PaymentStatus) - {PaymentStatus.CREATED},
    PaymentStatus.PROCESSING: frozenset(PaymentStatus) - {PaymentStatus.PROCESSING},
    PaymentStatus.ACTION_REQUIRED: frozenset(PaymentStatus) - {PaymentStatus.ACTION_REQUIRED},
    PaymentStatus.UNKNOWN: frozenset(PaymentStatus) - {PaymentStatus.UNKNOWN},
    PaymentStatus.SUCCEEDED: frozenset(),
    PaymentStatus.DECLINED: frozenset(),
    PaymentStatus.CANCELLED: frozenset(),
}


def may_become(now: str, then: PaymentStatus) -> bool:
    """Whether a payment that is `now` may be `then` next."""
    return then in MOVES[PaymentStatus(now)]


def is_final(status: str) -> bool:
    """Whether nothing can be charged for it any more, or it has been."""
    return PaymentStatus(status) in FINAL


def one_of(kind: type[StrEnum], column: str) -> str:
    """A CHECK's text: the column holds one of the words."""
    words = ", ".join(f"'{word}'" for word in kind)
    return f"{column} IN ({words})"
