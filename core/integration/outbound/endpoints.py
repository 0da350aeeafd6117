"""Endpoints by the hands of their owners: made, changed, paused, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.access import Principal
from core.errors import Conflict, InvalidInput
from core.events import EventType
from core.integration.outbound.catalogue import NAMES
from core.integration.outbound.endpoint_views import seen, skip_waiting, view_of, waiting_for
from core.integration.outbound.entities import WebhookEndpoint
from core.integration.outbound.headers import checked_headers
from core.integration.outbound.room import Room, found, hold_number, require_on
from core.integration.outbound.states import OffReason
from core.integration.outbound.views import EndpointView, SavedEndpoint
from core.ports import TargetCheck

MOST_ENDPOINTS = 100
_LONGEST_NAME = 80


class Endpoints:
    """A part of `WebhooksOut`; everything here is for owners."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def endpoints(self, who: Principal, also: Collection[str] = ()) -> list[EndpointView]:
        """The main one first, then in the order in which they were made.

        Without the webhooks of numbers, but for those with the ids in `also`.
        """
        order = (col(WebhookEndpoint.is_main).desc(), col(WebhookEndpoint.created_at))
        shown = _all(also).order_by(*order, col(WebhookEndpoint.id))
        with self._room.reading(who) as session:
            rows = session.exec(shown).all()
            waiting = waiting_for(session)
            return [view_of(self._room, row, waiting.get(row.id, 0)) for row in rows]

    def endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """Raises NotFound."""
        with self._room.reading(who) as session:
            return seen(session, self._room, found(session, endpoint_id))

    def main(self, who: Principal) -> EndpointView | None:
        """The webhook URL; None while there is none."""
        with self._room.reading(who) as session:
            row = _main(session)
            return None if row is None else seen(session, self._room, row)

    def check_url(self, who: Principal, url: str) -> TargetCheck:
        """Whether the address could be saved; raises InvalidInput (`bad_target`, `why`)."""
        return self._room.check(who, url)

    def set_main(
        self, who: Principal, url: str | None, headers: Mapping[str, str] | None = None
    ) -> SavedEndpoint | None:
        """The webhook URL is this one; '' or None takes it away.

        Without `headers` those that are set stay. One that was off is on again. Raises
        InvalidInput (`bad_target`, `bad_header`, `too_many_headers`).
        """
        if not url:
            self._remove_main(who)
            return None
        with self._room.reading(who) as session:
            known = _main(session)
        if known is None:
            return self.add(who, url, headers=headers, is_main=True)
        return self.change_endpoint(who, known.id, url=url, headers=headers)

    def add_endpoint(
        self,
        who: Principal,
        url: str,
        *,
        name: str = "",
        headers: Mapping[str, str] | None = None,
        events: Collection[str] = (),
    ) -> SavedEndpoint:
        """One more beside the main one; `events` it wants, none: all.

        Raises InvalidInput (as `set_main`; `unknown_event`), Conflict (`too_many_endpoints`).
        """
        return self.add(who, url, name=name, headers=headers, events=events)

    def change_endpoint(
        self,
        who: Principal,
        endpoint_id: str,
        *,
        url: str | None = None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        events: Collection[str] | None = None,
    ) -> SavedEndpoint:
        """What is not None is changed; a URL set anew switches the endpoint on again.

        Raises NotFound, InvalidInput (`of_number`) and what `add_endpoint` raises.
        """
        check = self._room.check(who, url) if url is not None else None
        values: dict[str, Any] = {}
        if url is not None:
            values |= {"url": url} | _ON_AGAIN
        if name is not None:
            values["name"] = _checked_name(name)
        if headers is not None:
            kept = checked_headers(headers)
            values["header_names"] = list(kept)
            values["headers"] = self._room.seal(endpoint_id, kept)
        if events is not None:
            values["events"] = _checked_events(events)
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.channel_id and (events or name is not None):
                raise InvalidInput(
                    "a number's webhook gets Meta's messages and is called after the number",
                    code="of_number",
                    field="events" if events else "name",
                )
            changed = self._differing(row, values, headers)
            was_off = row.off_at is not None
            self._set(row, **values)
            by = who.person_id
            if changed:
                self._room.tell(session, EventType.WEBHOOK_CHANGED, row, by, changed=changed)
            if was_off and row.off_at is None:
                self._room.tell(session, EventType.WEBHOOK_ON, row, by)
            view = seen(session, self._room, row)
        return SavedEndpoint(endpoint=view, is_found=check is None or check.is_found)

    def delete_endpoint(self, who: Principal, endpoint_id: str) -> None:
        """Nothing goes there any more; its log stays. Raises NotFound."""
        with self._room.writing(who) as session:
            self._remove(session, found(session, endpoint_id, is_locked=True), who)

    def pause_endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """Deliveries collect until it is resumed. Raises NotFound, Conflict (`endpoint_off`)."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            require_on(row)
            if row.paused_at is None:
                self._set(row, paused_at=self._room.clock.now())
                self._room.tell(session, EventType.WEBHOOK_PAUSED, row, who.person_id)
            return seen(session, self._room, row)

    def resume_endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """What collected goes out now. Raises NotFound."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.paused_at is not None:
                self._set(row, paused_at=None, slow_until=None)
                self._room.tell(session, EventType.WEBHOOK_RESUMED, row, who.person_id)
            return seen(session, self._room, row)

    def switch_off(self, who: Principal, endpoint_id: str) -> EndpointView:
        """What waits is skipped, and so is what comes; both can be replayed. Raises NotFound."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.off_at is None:
                now = self._room.clock.now()
                self._set(row, off_at=now, off_reason=OffReason.BY_HAND.value)
                skip_waiting(session, row.id, now)
                self._room.tell(
                    session, EventType.WEBHOOK_OFF, row, who.person_id, reason=row.off_reason
                )
            return seen(session, self._room, row)

    def switch_on(self, who: Principal, endpoint_id: str) -> EndpointView:
        """What happens from now on is sent; what was skipped can be replayed. Raises NotFound."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.off_at is not None:
                self._set(row, **_ON_AGAIN)
                self._room.tell(session, EventType.WEBHOOK_ON, row, who.person_id)
            return seen(session, self._room, row)

    def add(
        self,
        who: Principal,
        url: str,
        *,
        name: str = "",
        headers: Mapping[str, str] | None = None,
        events: Collection[str] = (),
        is_main: bool = False,
        channel_id: str = "",
    ) -> SavedEndpoint:
        """A new one of any kind; `channel_id`: the webhook of this number. Raises as the verbs."""
        check, kept = self._room.check(who, url), checked_headers(headers or {})
        with self._room.writing(who) as session:
            if channel_id:
                name = hold_number(session, channel_id)
            else:
                _require_room(session)
            now = self._room.clock.now()
            row = WebhookEndpoint(
                partner_id=who.tenant.partner_id,
                is_main=is_main,
                channel_id=channel_id,
                name=_checked_name(name),
                url=url,
                header_names=list(kept),
                events=_checked_events(events),
                created_at=now,
                created_by=who.person_id,
                modified_at=now,
            )
            row.headers = self._room.seal(row.id, kept)
            session.add(row)
            self._room.tell(session, EventType.WEBHOOK_ADDED, row, who.person_id)
            view = seen(session, self._room, row)
        return SavedEndpoint(endpoint=view, is_found=check.is_found)

    def _differing(
        self, row: WebhookEndpoint, values: Mapping[str, Any], headers: Mapping[str, str] | None
    ) -> list[str]:
        """Which of the things that a person sets are new; sealed values never look the same."""
        set_by_people = values.keys() & {"events", "name", "url"}
        changed = {name for name in set_by_people if getattr(row, name) != values[name]}
        if headers is not None and self._room.open(row.id, row.headers) != checked_headers(headers):
            changed.add("headers")
        if "url" in values and row.off_at is None and row.failing_since is not None:
            changed.add("url")  # set anew, so that its failures are counted anew
        return sorted(changed)

    def _remove_main(self, who: Principal) -> None:
        with self._room.writing(who) as session:
            if (row := _main(session)) is not None:
                self._remove(session, row, who)

    def _remove(self, session: Session, row: WebhookEndpoint, who: Principal) -> None:
        now = self._room.clock.now()
        self._set(row, removed_at=now)
        skip_waiting(session, row.id, now)
        self._room.tell(session, EventType.WEBHOOK_REMOVED, row, who.person_id)

    def _set(self, row: WebhookEndpoint, **values: Any) -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.modified_at = self._room.clock.now()


_ON_AGAIN: dict[str, Any] = {
    "off_at": None,
    "off_reason": "",
    "failing_since": None,
    "slow_until": None,
    "slowness": 0,
}


def _all(also: Collection[str] = ()) -> Any:
    """The partner's; those of its numbers stand beside the numbers."""
    wanted = col(WebhookEndpoint.channel_id) == ""
    if also:
        wanted |= col(WebhookEndpoint.id).in_(also)
    return select(WebhookEndpoint).where(col(WebhookEndpoint.removed_at).is_(None), wanted)


def _require_room(session: Session) -> None:
    count = session.exec(select(func.count()).select_from(_all().subquery())).one()
    if count >= MOST_ENDPOINTS:
        raise Conflict(code="too_many_endpoints", most=MOST_ENDPOINTS)


def _main(session: Session) -> WebhookEndpoint | None:
    row: WebhookEndpoint | None = session.exec(
        _all().where(col(WebhookEndpoint.is_main))
    ).one_or_none()
    return row


def _checked_name(name: str) -> str:
    text = name.strip()
    if len(text) > _LONGEST_NAME:
        raise InvalidInput(code="too_long", field="name", most=_LONGEST_NAME)
    return text


def _checked_events(events: Collection[str]) -> list[str]:
    unknown = sorted(set(events) - NAMES)
    if unknown:
        raise InvalidInput(code="unknown_event", field="events", event=unknown[0][:64])
    return sorted(set(events))
