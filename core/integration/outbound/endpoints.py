"""Endpoints by the hands of their owners: made, changed, paused, switched off and on, removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from core.access import Principal
from core.errors import Conflict, InvalidInput
from core.events import EventType
from core.integration.outbound.catalogue import NAMES
from core.integration.outbound.entities import Delivery, WebhookEndpoint
from core.integration.outbound.headers import checked_headers, ignored
from core.integration.outbound.room import Room, found
from core.integration.outbound.states import OPEN, DeliveryState, EndpointState, OffReason
from core.integration.outbound.views import EndpointView, SavedEndpoint
from core.ports import TargetCheck

MOST_ENDPOINTS = 100
_LONGEST_NAME = 80


class Endpoints:
    """A part of `WebhooksOut`; everything here is for owners."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def endpoints(self, who: Principal) -> list[EndpointView]:
        """The main one first, then in the order in which they were made."""
        order = (col(WebhookEndpoint.is_main).desc(), col(WebhookEndpoint.created_at))
        with self._room.reading(who) as session:
            rows = session.exec(_all().order_by(*order, col(WebhookEndpoint.id))).all()
            waiting = waiting_for(session)
            return [self._view(row, waiting.get(row.id, 0)) for row in rows]

    def endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """Raises NotFound."""
        with self._room.reading(who) as session:
            return self._seen(session, found(session, endpoint_id))

    def main(self, who: Principal) -> EndpointView | None:
        """The webhook URL; None while there is none."""
        with self._room.reading(who) as session:
            row = _main(session)
            return None if row is None else self._seen(session, row)

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
            return self._add(who, url, name="", headers=headers or {}, events=(), is_main=True)
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
        return self._add(who, url, name=name, headers=headers or {}, events=events, is_main=False)

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

        Raises NotFound and what `add_endpoint` raises.
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
            changed = sorted(n for n, v in values.items() if getattr(row, n) != v)
            self._set(row, **values)
            if changed:
                self._room.tell(
                    session, EventType.WEBHOOK_CHANGED, row, who.person_id, changed=changed
                )
            session.flush()
            view = self._seen(session, row)
        return SavedEndpoint(endpoint=view, is_found=check is None or check.is_found)

    def delete_endpoint(self, who: Principal, endpoint_id: str) -> None:
        """Nothing goes there any more; its log stays. Raises NotFound."""
        with self._room.writing(who) as session:
            self._remove(session, found(session, endpoint_id, is_locked=True), who)

    def pause_endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """Deliveries collect until it is resumed. Raises NotFound, Conflict (`endpoint_off`)."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.off_at is not None:
                raise Conflict(code="endpoint_off", endpoint_id=endpoint_id)
            if row.paused_at is None:
                self._set(row, paused_at=self._room.clock.now())
                self._room.tell(session, EventType.WEBHOOK_PAUSED, row, who.person_id)
            return self._seen(session, row)

    def resume_endpoint(self, who: Principal, endpoint_id: str) -> EndpointView:
        """What collected goes out now. Raises NotFound."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.paused_at is not None:
                self._set(row, paused_at=None, slow_until=None)
                self._room.tell(session, EventType.WEBHOOK_RESUMED, row, who.person_id)
            return self._seen(session, row)

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
            return self._seen(session, row)

    def switch_on(self, who: Principal, endpoint_id: str) -> EndpointView:
        """What happens from now on is sent; what was skipped can be replayed. Raises NotFound."""
        with self._room.writing(who) as session:
            row = found(session, endpoint_id, is_locked=True)
            if row.off_at is not None:
                self._set(row, **_ON_AGAIN)
                self._room.tell(session, EventType.WEBHOOK_ON, row, who.person_id)
            return self._seen(session, row)

    def _add(
        self,
        who: Principal,
        url: str,
        *,
        name: str,
        headers: Mapping[str, str],
        events: Collection[str],
        is_main: bool,
    ) -> SavedEndpoint:
        check, kept, now = self._room.check(who, url), checked_headers(headers), None
        with self._room.writing(who) as session:
            if session.exec(select(func.count()).select_from(_all().subquery())).one() >= (
                MOST_ENDPOINTS
            ):
                raise Conflict(code="too_many_endpoints", most=MOST_ENDPOINTS)
            now = self._room.clock.now()
            row = WebhookEndpoint(
                partner_id=who.tenant.partner_id,
                is_main=is_main,
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
            session.flush()
            view = self._seen(session, row)
        return SavedEndpoint(endpoint=view, is_found=check.is_found)

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

    def _seen(self, session: Session, row: WebhookEndpoint) -> EndpointView:
        session.flush()
        return self._view(row, waiting_for(session, row.id).get(row.id, 0))

    def _view(self, row: WebhookEndpoint, waiting: int) -> EndpointView:
        host = urlsplit(row.url).netloc.rpartition(":")[0] or urlsplit(row.url).netloc
        return EndpointView(
            id=row.id,
            is_main=row.is_main,
            name=row.name,
            url=row.url,
            header_names=tuple(row.header_names),
            ignored_headers=ignored(row.header_names),
            events=tuple(row.events),
            state=state_of(row),
            off_reason=row.off_reason,
            off_at=row.off_at,
            paused_at=row.paused_at,
            is_local=host.lower() in self._room.settings.local_names,
            failing_since=row.failing_since,
            last_success_at=row.last_success_at,
            last_failure_at=row.last_failure_at,
            slow_until=row.slow_until,
            waiting=waiting,
            created_at=row.created_at,
        )


_ON_AGAIN: dict[str, Any] = {
    "off_at": None,
    "off_reason": "",
    "failing_since": None,
    "slow_until": None,
    "slowness": 0,
}


def state_of(row: WebhookEndpoint) -> EndpointState:
    """Off outweighs paused."""
    if row.off_at is not None:
        return EndpointState.OFF
    return EndpointState.LIVE if row.paused_at is None else EndpointState.PAUSED


def skip_waiting(session: Session, endpoint_id: str, now: Any) -> None:
    """Nothing waits for the endpoint any more."""
    skipped = {"state": DeliveryState.SKIPPED.value, "closed_at": now}
    session.execute(
        update(Delivery)
        .where(col(Delivery.endpoint_id) == endpoint_id, col(Delivery.state).in_(OPEN))
        .values(**skipped)
        .execution_options(synchronize_session=False)
    )


def _all() -> Any:
    return select(WebhookEndpoint).where(col(WebhookEndpoint.removed_at).is_(None))


def _main(session: Session) -> WebhookEndpoint | None:
    row: WebhookEndpoint | None = session.exec(
        _all().where(col(WebhookEndpoint.is_main))
    ).one_or_none()
    return row


def waiting_for(session: Session, endpoint_id: str = "") -> dict[str, int]:
    counted = select(col(Delivery.endpoint_id), func.count()).where(
        col(Delivery.state).in_([state.value for state in OPEN])
    )
    if endpoint_id:
        counted = counted.where(col(Delivery.endpoint_id) == endpoint_id)
    return dict(session.exec(counted.group_by(col(Delivery.endpoint_id))).all())


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
