"""Things that happen to accounts and numbers at Meta: each changes the world and tells the hub.

`SCENARIOS` maps a name to a function from target to the webhooks that follow. Templates and
portfolio events are in `more_scenarios`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.meta.events import Event, account_update, partner_event, quality_update
from sandbox.meta.ports import MetaSettings
from sandbox.meta.targets import Target
from sandbox.meta.tokens import revoke_tokens
from sandbox.meta.values import Node


@dataclass(frozen=True, slots=True)
class Stage:
    """What every scenario may look at."""

    settings: MetaSettings
    now: datetime


Scenario = Callable[[Target, Stage], list[Event]]


def _review(decision: str) -> Scenario:
    def run(target: Target, stage: Stage) -> list[Event]:
        target.waba["account_review_status"] = decision
        value = {"decision": decision}
        return [Event(field="account_review_update", value=value, entry_id=target.waba["id"])]

    return run


def quality_falls(target: Target, stage: Stage) -> list[Event]:
    """Green → red; `{"to": "YELLOW"}` stops half-way."""
    rating = target.options.get("to", "RED")
    target.phone["quality_rating"] = rating
    if rating == "RED" and target.phone["status"] == "CONNECTED":
        target.phone["status"] = "FLAGGED"
    return [quality_update(target.phone, "FLAGGED")]


def quality_recovers(target: Target, stage: Stage) -> list[Event]:
    """Green again; a flagged number may send again."""
    target.phone["quality_rating"] = "GREEN"
    if target.phone["status"] == "FLAGGED":
        target.phone["status"] = "CONNECTED"
    return [quality_update(target.phone, "UNFLAGGED")]


def number_flagged(target: Target, stage: Stage) -> list[Event]:
    """Bad quality for some time: the number itself is flagged."""
    target.phone.update(quality_rating="RED", status="FLAGGED")
    return [quality_update(target.phone, "FLAGGED")]


def number_connected(target: Target, stage: Stage) -> list[Event]:
    """The number can send, as after a registration."""
    connect(target.phone, stage.now)
    return [quality_update(target.phone, "ONBOARDING")]


def connect(phone: Node, now: datetime) -> None:
    """Sets what a registration changes on the number."""
    quality = phone["quality_rating"] if phone["quality_rating"] != "UNKNOWN" else "GREEN"
    phone.update(
        status="CONNECTED",
        platform_type="CLOUD_API",
        quality_rating=quality,
        code_verification_status="VERIFIED",
        throughput={"level": "STANDARD"},
        last_onboarded_time=int(now.timestamp()),
        onboarded_at=phone["onboarded_at"] or int(now.timestamp()),
    )


def partner_removed(target: Target, stage: Stage) -> list[Event]:
    """The client unshares the account: nothing of it can be read any more."""
    target.waba.update(shared=False, subscribed=False)
    extra: Node = {}
    if any(phone["is_on_biz_app"] for phone in target.phones):
        extra["disconnection_info"] = {"reason": "ACCOUNT_DISCONNECTED", "initiated_by": "USER"}
    partner = stage.settings.business_id
    return [partner_event(partner, "PARTNER_REMOVED", target.waba, **extra)]


def app_uninstalled(target: Target, stage: Stage) -> list[Event]:
    """The client removes the app: its tokens are withdrawn."""
    revoke_tokens(target.state, target.waba["business_id"])
    target.waba.update(subscribed=False)
    partner, app = stage.settings.business_id, stage.settings.app_id
    return [partner_event(partner, "PARTNER_APP_UNINSTALLED", target.waba, app_id=app)]


def token_revoked(target: Target, stage: Stage) -> list[Event]:
    """The client's tokens stop working and nobody tells the hub."""
    revoke_tokens(target.state, target.waba["business_id"])
    return []


def ban_scheduled(target: Target, stage: Stage) -> list[Event]:
    """The account will be disabled in a week; it works until then."""
    return [_ban(target, "SCHEDULE_FOR_DISABLE", stage.now + timedelta(days=7))]


def banned(target: Target, stage: Stage) -> list[Event]:
    """The account is disabled with all its numbers."""
    target.waba["status"] = "DISABLED"
    for phone in target.phones:
        phone["status"] = "BANNED"
    return [_ban(target, "DISABLE", stage.now)]


def reinstated(target: Target, stage: Stage) -> list[Event]:
    """The ban is lifted; registered numbers work again."""
    target.waba.update(status="ACTIVE", restrictions=[])
    for phone in target.phones:
        if phone["status"] in ("BANNED", "RESTRICTED"):
            phone["status"] = "CONNECTED" if phone["platform_type"] == "CLOUD_API" else "PENDING"
    return [_ban(target, "REINSTATE", stage.now)]


def account_restricted(target: Target, stage: Stage) -> list[Event]:
    """A policy violation: no business-initiated messages for three days."""
    until = stage.now + timedelta(days=3)
    restriction = {
        "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING",
        "expiration": int(until.timestamp()),
    }
    target.waba["restrictions"] = [restriction]
    violation = {"violation_type": target.options.get("violation_type", "SCAM")}
    waba_id = target.waba["id"]
    return [
        account_update(waba_id, "ACCOUNT_VIOLATION", violation_info=violation),
        account_update(waba_id, "ACCOUNT_RESTRICTION", restriction_info=[restriction]),
    ]


def _ban(target: Target, state: str, day: datetime) -> Event:
    info = {"waba_ban_state": state, "waba_ban_date": f"{day:%B} {day.day}, {day.year}"}
    return account_update(target.waba["id"], "DISABLED_UPDATE", ban_info=info)


ACCOUNT_SCENARIOS: dict[str, Scenario] = {
    "review_approved": _review("APPROVED"),
    "review_rejected": _review("REJECTED"),
    "review_pending": _review("PENDING"),
    "quality_falls": quality_falls,
    "quality_recovers": quality_recovers,
    "number_flagged": number_flagged,
    "number_connected": number_connected,
    "partner_removed": partner_removed,
    "app_uninstalled": app_uninstalled,
    "token_revoked": token_revoked,
    "ban_scheduled": ban_scheduled,
    "banned": banned,
    "reinstated": reinstated,
    "account_restricted": account_restricted,
}
