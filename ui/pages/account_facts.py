"""The facts of one number as definition lists: words, with Meta's raw value behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.accounts.entities import ConsentState
from core.accounts.results import ChannelDetails
from ui import format as words
from ui.components import viewer_zone
from ui.lists import Fact
from ui.pages import account_words

_NAME = {
    "APPROVED": "Approved",
    "AVAILABLE_WITHOUT_REVIEW": "Approved without review",
    "PENDING_REVIEW": "In review",
    "DECLINED": "Declined",
    "EXPIRED": "Expired",
    "NONE": "None",
}
_CODE = {
    "VERIFIED": "Verified",
    "NOT_VERIFIED": "Not verified",
    "UNVERIFIED": "Not verified",
    "EXPIRED": "Expired",
}
_NUMBER = {
    "CONNECTED": "Connected",
    "DISCONNECTED": "Disconnected",
    "PENDING": "Pending",
    "FLAGGED": "Flagged",
    "RESTRICTED": "Restricted",
    "RATE_LIMITED": "Rate limited",
    "BANNED": "Banned",
    "DELETED": "Deleted",
    "MIGRATED": "Migrated",
    "UNVERIFIED": "Not verified",
}
_THROUGHPUT = {"STANDARD": "80 messages / s", "HIGH": "1,000 messages / s"}
_REVIEW = {"APPROVED": "Approved", "PENDING": "In review", "REJECTED": "Rejected"}
_CAN_SEND = {"AVAILABLE": "Yes", "LIMITED": "With limits", "BLOCKED": "No"}


def number_facts(it: ChannelDetails) -> list[Fact]:
    """The number itself."""
    row = it.row
    return [
        Fact(label="Number", value=words.phone(row.phone_number), copy=row.phone_number),
        Fact(label="Channel ID", value=row.id, mono=True, copy=row.id),
        Fact(
            label="Meta number ID", value=it.external_id or "", mono=True, copy=it.external_id or ""
        ),
        _meta("Status at Meta", it.meta_status, _NUMBER),
        Fact(label="Status", value=it.status.replace("_", " ").capitalize()),
        *_health(it.facts),
        _raw("Quality", row.quality, words.quality(row.quality)),
        _raw("Messaging limit", row.messaging_limit, words.limit(row.messaging_limit)),
        _meta("Display name review", it.name_status, _NAME),
        *([Fact(label="Requested name", value=it.requested_name)] if it.requested_name else []),
        _meta("Number verification", it.code_verification, _CODE),
        _meta("Throughput", it.throughput, _THROUGHPUT),
        Fact(label="Permission", value=_permission(it)),
        Fact(label="Storage region", value=row.region or "Meta's default"),
        Fact(label="WhatsApp Business app", value="In use beside" if row.is_on_biz_app else "No"),
        Fact(label="Official business", value=_yes_no(it.is_oba)),
        Fact(label="Mode", value=it.account_mode.capitalize()),
        _time("Created", it.created_at),
        *([_time("Live since", it.live_at)] if it.live_at else []),
    ]


def _permission(it: ChannelDetails) -> str:
    """A client that takes the whole account away says so to Meta, not to the hub."""
    if it.waba.removed:
        return account_words.CONSENTS[ConsentState.REVOKED]
    return account_words.CONSENTS.get(it.row.consent, it.row.consent)


def account_facts(it: ChannelDetails) -> list[Fact]:
    """The WhatsApp Business Account."""
    waba = it.waba
    ban = " ".join(filter(None, (waba.ban_state, waba.ban_date)))
    return [
        Fact(label="Name", value=waba.name),
        Fact(label="Account ID", value=waba.id, mono=True, copy=waba.id),
        Fact(label="Meta account ID", value=waba.external_id, mono=True, copy=waba.external_id),
        _meta("Review", waba.review_status, _REVIEW),
        _raw(
            "Business verification",
            waba.business_verification,
            account_words.verification(waba.business_verification),
        ),
        Fact(
            label="Business",
            value=waba.owner_business_name or waba.owner_business_id,
            hint=waba.owner_business_id if waba.owner_business_name else "",
            copy=waba.owner_business_id,
        ),
        *([Fact(label="Enforcement", value=ban)] if ban else []),
        *([Fact(label="Violation", value=waba.violation_type)] if waba.violation_type else []),
        Fact(label="Currency", value=waba.currency),
        Fact(label="Country", value=waba.country),
        Fact(label="Template namespace", value=waba.namespace, mono=True, copy=waba.namespace),
    ]


def client_facts(it: ChannelDetails) -> list[Fact]:
    """The client."""
    client = it.client
    return [
        Fact(label="Company", value=client.name, href=f"/accounts?client={client.id}"),
        *([Fact(label="Organisation", value=client.organisation)] if client.organisation else []),
        Fact(label="Contact", value=client.full_name),
        Fact(label="E-mail", value=client.email, copy=client.email),
        *([Fact(label="Phone", value=client.phone, copy=client.phone)] if client.phone else []),
        Fact(label="Client ID", value=client.id, mono=True, copy=client.id),
    ]


def _meta(label: str, raw: str, known: Mapping[str, str]) -> Fact:
    return _raw(label, raw, known.get(raw, raw))


def _raw(label: str, raw: str, word: str) -> Fact:
    same = raw.replace("_", " ").lower() == word.lower()
    return Fact(label=label, value=word if raw else "", hint="" if same else raw)


def _health(facts: Mapping[str, Any]) -> list[Fact]:
    """Meta's own answer to why a number cannot send."""
    health = facts.get("health_status")
    if not isinstance(health, dict):
        return []
    can = str(health.get("can_send_message", ""))
    why = [
        str(error.get("error_description", ""))
        for entity in health.get("entities") or []
        for error in (entity.get("errors") or [] if isinstance(entity, dict) else [])
        if isinstance(error, dict)
    ]
    return [Fact(label="Can send", value=_CAN_SEND.get(can, can), hint=" ".join(why[:2]) or can)]


def _time(label: str, when: Any) -> Fact:
    return Fact(label=label, value=words.day(when, viewer_zone()), when=when)


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "Yes" if value else "No"
