"""What partners are told of events: the contract's objects, as they are when they are fanned out.

An event of a whole account is told once for each of its numbers. What changed nothing is not told.
Source: contracts/partner-api.md section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from core.accounts.entities import Channel, Template, WabaAccount
from core.accounts.returning import as_meta_calls_it
from core.errors import NotFound
from core.events import EventType
from core.integration.outbound import money_bodies
from core.integration.outbound.catalogue import REVOKED_BY
from core.integration.outbound.happened import Happened, Json, Told
from core.integration.shapes.channel import channel_objects
from core.integration.shapes.client import client_object
from core.integration.shapes.template import template_event_object
from core.integration.shapes.values import fb_account_status, limit, quality

_CHANGES: dict[str, tuple[tuple[str, ...], Callable[[str], str | None]]] = {
    EventType.CHANNEL_STATUS_CHANGED: (("meta_status",), str),
    EventType.PHONE_NUMBER_QUALITY_CHANGED: (("quality",), quality),
    EventType.MESSAGING_LIMIT_CHANGED: (("messaging_limit",), limit),
    EventType.DISPLAY_NAME_CHANGED: (("name_status", "name"), str),
    EventType.BUSINESS_VERIFICATION_CHANGED: (
        ("business_verification", "verification"),
        fb_account_status,
    ),
}
_ENFORCED = {
    EventType.ACCOUNT_VIOLATION: "violation_info",
    EventType.ACCOUNT_RESTRICTION: "restriction_info",
    EventType.ACCOUNT_DISABLED: "ban_info",
    EventType.ACCOUNT_REINSTATED: "ban_info",
}
_TEMPLATES = frozenset(
    {
        EventType.TEMPLATE_STATUS_CHANGED,
        EventType.TEMPLATE_CATEGORY_CHANGED,
        EventType.TEMPLATE_QUALITY_CHANGED,
    }
)
_MONEY: dict[str, Callable[[Session, Happened], Json | None]] = {
    EventType.BALANCE_LOW: money_bodies.balance,
    EventType.BALANCE_EXHAUSTED: money_bodies.balance,
    EventType.AUTO_RENEWAL_SUCCEEDED: money_bodies.payment,
    EventType.AUTO_RENEWAL_FAILED: money_bodies.renewal,
    EventType.INVOICE_ISSUED: money_bodies.invoice,
    EventType.INVOICE_PAID: money_bodies.invoice,
    EventType.INVOICE_PAYMENT_FAILED: money_bodies.invoice,
    EventType.PLAN_CHANGED: money_bodies.plan,
}


class Bodies:
    """Made for a batch of one partner's events, so that its channels are read together."""

    def __init__(self, session: Session, batch: Sequence[Happened]) -> None:
        self._session = session
        self._numbers = _numbers_of_wabas(session, batch)
        ids = [of.subject_id for of in batch if of.subject_type == "channel"]
        ids += [id_ for numbers in self._numbers.values() for id_ in numbers]
        self._channels = channel_objects(session, ids)

    def of(self, happened: Happened) -> list[Told]:
        """All webhooks of one event, in the order of its numbers."""
        if happened.data.get("late"):
            return []  # something newer is known, and was told
        return _BUILDERS.get(happened.type, Bodies._whole)(self, happened)

    def _whole(self, happened: Happened) -> list[Told]:
        return [_of_channel(happened.type, channel) for channel in self._channels_of(happened)]

    def _money(self, happened: Happened) -> list[Told]:
        data = _MONEY[happened.type](self._session, happened)
        lane = f"{happened.subject_type}:{happened.subject_id}"
        return [Told(event=happened.type, data=data, lane=lane)] if data else []

    def _channels_of(self, happened: Happened) -> list[Json]:
        ids = [happened.subject_id]
        if happened.subject_type == "waba":
            ids = self._numbers.get(happened.subject_id, [])
        return [self._channels[id_] for id_ in ids if id_ in self._channels]

    def _client(self, happened: Happened) -> list[Told]:
        try:
            client = client_object(self._session, happened.subject_id)
        except NotFound:
            return []  # erased meanwhile
        return [Told(event=happened.type, data={"client": client}, lane=client["id"])]

    def _template(self, happened: Happened) -> list[Told]:
        template = self._session.get(Template, happened.subject_id)
        if template is None:
            return []
        waba = self._session.get_one(WabaAccount, template.waba_account_id)
        data = {
            "id": as_meta_calls_it(waba.external_id),
            "template": template_event_object(self._session, template),
        }
        return [Told(event=happened.type, data=data, lane=f"template:{template.id}")]

    def _changed(self, happened: Happened) -> list[Told]:
        columns, in_words = _CHANGES[happened.type]
        changes = happened.data.get("change") or {}
        found = next((changes[name] for name in columns if name in changes), None)
        if found is None or not found["previous"]:
            return []  # told for the first time: nothing has changed
        change = {word: in_words(found[word]) or "" for word in ("previous", "current")}
        return [
            _of_channel(happened.type, channel | {"change": change})
            for channel in self._channels_of(happened)
        ]

    def _enforced(self, happened: Happened) -> list[Told]:
        told, name = happened.data.get("told") or {}, _ENFORCED[EventType(happened.type)]
        info: Any = told.get(name)
        if happened.type == EventType.ACCOUNT_VIOLATION and isinstance(info, dict):
            name, info = "violation_type", info.get("violation_type", "")
        more = {} if info is None else {name: info}
        return [
            Told(
                event=happened.type,
                data=_about(channel) | more,
                channel_id=channel["id"],
                lane=channel["client_id"],
            )
            for channel in self._channels_of(happened)
        ]

    def _revoked(self, happened: Happened) -> list[Told]:
        """A client that takes its account away takes it from the partner as well."""
        change = (happened.data.get("change") or {}).get("removed") or {}
        if change.get("current") is not True:
            return []
        name = EventType.CHANNEL_PERMISSION_REVOKED.value
        return [_of_channel(name, channel) for channel in self._channels_of(happened)]


_BUILDERS: dict[str, Callable[[Bodies, Happened], list[Told]]] = {
    EventType.CLIENT_CREATED: Bodies._client,
    REVOKED_BY: Bodies._revoked,
    **dict.fromkeys(_TEMPLATES, Bodies._template),
    **dict.fromkeys(_MONEY, Bodies._money),
    **dict.fromkeys(_CHANGES, Bodies._changed),
    **dict.fromkeys(_ENFORCED, Bodies._enforced),
}


def _of_channel(event: str, channel: Json) -> Told:
    return Told(event=event, data=channel, channel_id=channel["id"], lane=channel["client_id"])


def _about(channel: Json) -> Json:
    return {
        "phone_number": channel["setup_info"]["phone_number"],
        "channel_id": channel["id"],
        "client_id": channel["client_id"],
        "waba_account_id": channel["waba_account_id"],
        "waba_external_id": channel["waba_account"]["external_id"],
    }


def _numbers_of_wabas(session: Session, batch: Iterable[Happened]) -> dict[str, list[str]]:
    """Ids of the numbers that have not ended, by their account."""
    wabas = {of.subject_id for of in batch if of.subject_type == "waba"}
    numbers: dict[str, list[str]] = {}
    if wabas:
        found = select(col(Channel.waba_account_id), col(Channel.id)).where(
            col(Channel.waba_account_id).in_(wabas), col(Channel.terminated_at).is_(None)
        )
        for waba_id, channel_id in session.execute(found.order_by(col(Channel.id))):
            numbers.setdefault(waba_id, []).append(channel_id)
    return numbers
