"""The words of subscriptions, and what may follow what; pure."""

from __future__ import annotations

from enum import StrEnum


class PlanName(StrEnum):
    """What a partner may be on, the smaller one first."""

    GROWTH = "growth"
    PREMIUM = "premium"


class Tier(StrEnum):
    """What a number is licensed for, the smaller one first."""

    REGULAR = "regular"
    PREMIUM = "premium"
    HIGH_THROUGHPUT = "high_throughput"


class SubscriptionState(StrEnum):
    """`cancelling` works as ever until its day; `ended` is for good."""

    ACTIVE = "active"
    CANCELLING = "cancelling"
    ENDED = "ended"


class ChangeKind(StrEnum):
    """What happened to a subscription or to a licence of it."""

    STARTED = "started"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CANCEL = "cancel"
    TIER = "tier"


class ChangeStatus(StrEnum):
    """How a change stands. Of an upgrade: charging, then done, declined or withdrawn; of what waits
    for its day: planned, then done or withdrawn."""

    CHARGING = "charging"
    PLANNED = "planned"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class UpgradeStatus(StrEnum):
    """What an owner sees of an upgrade; `action_required`: the cardholder has to confirm it."""

    CHARGING = "charging"
    ACTION_REQUIRED = "action_required"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CancelReason(StrEnum):
    """Why a partner leaves."""

    TOO_EXPENSIVE = "too_expensive"
    SWITCHING = "switching"
    NO_LONGER_NEEDED = "no_longer_needed"
    MISSING_FEATURE = "missing_feature"
    OTHER = "other"


# Whoever ends a change first wins; what is told late is not allowed and ignored.
MOVES: dict[ChangeStatus, frozenset[ChangeStatus]] = {
    ChangeStatus.CHARGING: frozenset(
        {ChangeStatus.DONE, ChangeStatus.DECLINED, ChangeStatus.WITHDRAWN}
    ),
    ChangeStatus.PLANNED: frozenset({ChangeStatus.DONE, ChangeStatus.WITHDRAWN}),
    ChangeStatus.DONE: frozenset(),
    ChangeStatus.DECLINED: frozenset(),
    ChangeStatus.WITHDRAWN: frozenset(),
}

# True of this hub: what a plan has beside everything else, which all plans have.
TIERS_OF: dict[PlanName, tuple[Tier, ...]] = {
    PlanName.GROWTH: (Tier.REGULAR, Tier.PREMIUM),
    PlanName.PREMIUM: (Tier.REGULAR, Tier.PREMIUM, Tier.HIGH_THROUGHPUT),
}
ANSWERED_FIRST = frozenset({PlanName.PREMIUM})


def may_become(now: str, then: ChangeStatus) -> bool:
    """Whether a change that is `now` may be `then` next."""
    return then in MOVES[ChangeStatus(now)]


def is_larger(one: PlanName, other: PlanName) -> bool:
    """Whether going from `other` to `one` is an upgrade."""
    order = list(PlanName)
    return order.index(one) > order.index(other)


def is_more(one: Tier, other: Tier) -> bool:
    """Whether `one` is the larger licence."""
    order = list(Tier)
    return order.index(one) > order.index(other)
