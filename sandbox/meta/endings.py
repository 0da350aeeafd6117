"""What exists after a popup: portfolio, account and number, by the way the client finished."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.meta.numbers import display
from sandbox.meta.scenarios import connect
from sandbox.meta.seeding import add_business, add_phone, add_waba
from sandbox.meta.state import MetaState, new_id
from sandbox.meta.values import Node

EVENTS = {
    "finish": "FINISH",
    "no_number": "FINISH_ONLY_WABA",
    "coexistence": "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
    "obo": "FINISH_OBO_MIGRATION",
    "grant_only": "FINISH_GRANT_ONLY_API_ACCESS",
}
_WITH_NUMBER = ("finish", "coexistence")


class SignupRefused(Exception):
    """The popup shows an error with Meta's code and the client cannot go on that way."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the client typed or the hub prefilled."""

    business_id: str | None
    business_name: str
    business_email: str
    account_name: str
    account_id: str | None
    country: str
    currency: str
    display_name: str
    phone: str
    preverified_id: str | None
    solution_id: str | None
    profile: Node

    @classmethod
    def read(cls, given: dict[str, Any], setup: Node, phone: str) -> "Details":
        """Typed values first, then the prefill, then a demo business."""
        business = setup.get("business") or {}
        profile = setup.get("phone") or {}
        name = given.get("business_name") or business.get("name") or "Demo Bakery"
        address = business.get("address") or {}
        return cls(
            business_id=business.get("id"),
            business_name=name,
            business_email=given.get("email") or business.get("email") or "",
            account_name=given.get("account_name") or name,
            account_id=_first(setup.get("whatsAppBusinessAccount")),
            country=given.get("country") or address.get("country") or "DE",
            currency=given.get("currency") or "EUR",
            display_name=given.get("display_name") or profile.get("displayName") or name,
            phone=given.get("phone") or phone,
            preverified_id=_first(setup.get("preVerifiedPhone")),
            solution_id=str(setup["solutionID"]) if setup.get("solutionID") else None,
            profile={
                "vertical": given.get("category") or profile.get("category") or "OTHER",
                "description": given.get("description") or profile.get("description") or "",
                "websites": [business["website"]] if business.get("website") else [],
            },
        )


def create_account(
    state: MetaState, details: Details, ending: str, *, review: str, now: datetime
) -> Node:
    """Portfolio, account and number; the ids as the FINISH event names them."""
    if ending in _WITH_NUMBER:
        _require_free_number(state, details)
    business = _business(state, details, now)
    waba = _account(state, details, business, review, now)
    data = {"waba_id": waba["id"], "business_id": business["id"]}
    if ending in _WITH_NUMBER:
        phone = _number(state, details, waba)
        if ending == "coexistence":
            # The client's app stays in use: the number is live at once and is never registered.
            connect(phone, now)
            phone.update(is_on_biz_app=True, throughput={"level": "STANDARD"})
        data["phone_number_id"] = phone["id"]
    record(waba, "API_ACCESS_GRANTED", now, actor="Client")
    return data


def _require_free_number(state: MetaState, details: Details) -> None:
    taken = state.phone_by_number(details.phone)
    if taken is None or taken["id"] == details.preverified_id:
        return
    if taken["platform_type"] == "CLOUD_API":
        raise SignupRefused("This number is already registered.", "3441030")
    owner, known = state.wabas[taken["waba_id"]]["business_id"], _known_business(state, details)
    if known is None or owner != known["id"]:
        raise SignupRefused("This number belongs to another business.", "3441041")


def _known_business(state: MetaState, details: Details) -> Node | None:
    """The portfolio asked for, or the client's own of that name: a second try reuses it.

    Whose it is shows in the e-mail; the sandbox has no Facebook users to ask.
    """
    if details.business_id in state.businesses:
        return state.businesses[str(details.business_id)]
    mine = (details.business_name, details.business_email)
    return next(
        (
            business
            for business in state.businesses.values()
            if details.business_email and (business["name"], business.get("email")) == mine
        ),
        None,
    )


def _business(state: MetaState, details: Details, now: datetime) -> Node:
    known = _known_business(state, details)
    if known is not None:
        return known
    business = add_business(state, new_id(), details.business_name, now)
    business["email"] = details.business_email
    return business


def _account(
    state: MetaState, details: Details, business: Node, review: str, now: datetime
) -> Node:
    if details.account_id in state.wabas:
        waba = state.wabas[str(details.account_id)]
        waba.update(shared=True)
        return waba
    given = {
        "name": details.account_name,
        "business_id": business["id"],
        "country": details.country,
        "currency": details.currency,
        "account_review_status": review,
        "business_verification_status": business["verification_status"],
        "solution_id": details.solution_id,
    }
    return add_waba(state, given, now)


def _number(state: MetaState, details: Details, waba: Node) -> Node:
    known = state.phones.get(details.preverified_id or "") or state.phone_by_number(details.phone)
    given = {
        "display_phone_number": display(details.phone),
        "verified_name": details.display_name,
        "name_status": "PENDING_REVIEW",
        "code_verification_status": "VERIFIED",
        "profile": details.profile,
        "is_preverified_number": details.preverified_id is not None,
    }
    if known is not None:
        # A preverified number keeps itself: the typed one is ignored, as Meta skips that screen.
        kept = {"waba_id": waba["id"], "display_phone_number": known["display_phone_number"]}
        known.update(given | kept)
        return known
    limit = next(
        (
            phone["whatsapp_business_manager_messaging_limit"]
            for phone in state.portfolio_phones(waba["business_id"])
        ),
        "TIER_250",
    )
    return add_phone(
        state, waba["id"], given | {"whatsapp_business_manager_messaging_limit": limit}
    )


def record(
    waba: Node, activity: str, now: datetime, *, actor: str = "Partner app", details: str = ""
) -> None:
    """One line in the account's own activity log, newest first."""
    line = {
        "id": new_id(),
        "activity_type": activity,
        "timestamp": int(now.timestamp()),
        "actor_type": "USER" if actor == "Client" else "APP",
        "actor_id": waba["business_id"],
        "actor_name": actor,
        "description": activity.replace("_", " ").capitalize(),
        "details": details,
    }
    waba["activities"].insert(0, line)


def _first(group: Node | None) -> str | None:
    ids = (group or {}).get("ids") or []
    return str(ids[0]) if ids else None
