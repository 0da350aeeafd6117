"""Moves a live number's data to another region: seen beforehand, started, followed, confirmed.

The number is off WhatsApp between the first and the last call, so nothing is begun that would
not fit into Meta's budget, and a run that broke off goes on by itself. Each move is decided by
what Meta says then; a try is written down before Meta is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts import details
from core.accounts.at_meta import can_call, pin_context
from core.accounts.entities import Channel, WabaAccount
from core.accounts.regions.entities import RegionChange, RegionState
from core.accounts.regions.rules import BUDGET, REGIONS, WINDOW, free_at, used
from core.accounts.regions.running import RegionRuns
from core.clock import Clock
from core.errors import Conflict, InvalidInput
from core.ports import ChangeFeed, Database, Jobs, Meta, Vault

_MAY = Permission.SETTINGS
_PIN_LENGTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionView:
    """What a person sees before and while; `why_not` is '' when a run may be started."""

    channel_id: str
    region: str
    used: int
    budget: int
    free_at: datetime | None
    needs_pin: bool
    why_not: str  # not_live, on_business_app, no_token, working, registrations_used_up
    run: RegionChange | None  # the newest, detached


class Regions:
    """Owners; its durable work is `change_region`."""

    def __init__(
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        feed: ChangeFeed,
        vault: Vault,
        meta: Meta,
        jobs: Jobs,
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._vault = vault
        self._runs = RegionRuns(
            database=database, clock=clock, feed=feed, vault=vault, meta=meta, jobs=jobs
        )

    def look(self, who: Principal, channel_id: str) -> RegionView:
        """Where its data is, and whether it can be moved now. Raises NotFound."""
        with self._gate.reading(who, _MAY) as session:
            channel, waba = details.find(session, who.tenant.partner_id, channel_id)
            return self._view(session, channel, waba)

    def start(self, who: Principal, channel_id: str, region: str, pin: str = "") -> RegionView:
        """Begin; `pin` only where the hub knows none. '' is Meta's default region.

        Raises NotFound, InvalidInput (`field` region or pin), Conflict with a code of `why_not`
        or `same_region`.
        """
        if region and region not in REGIONS:
            raise InvalidInput(code="region_unknown", field="region")
        try:
            with self._gate.writing(who, _MAY) as session:
                channel, waba = details.find(session, who.tenant.partner_id, channel_id)
                view = self._view(session, channel, waba)
                if view.why_not:
                    raise Conflict(code=view.why_not, free_at=view.free_at)
                if channel.region == region and view.run is None:
                    raise Conflict(code="same_region", region=region)
                self._keep_pin(channel, view, pin)
                run = self._new_run(who, channel, region)
                session.add(run)
                session.flush()
                self._runs.tell(session, run, who.person_id)
                self._runs.enqueue(session, run.id)
                return self._view(session, channel, waba)
        except IntegrityError as error:
            raise Conflict(code="working") from error

    def _view(self, session: Session, channel: Channel, waba: WabaAccount) -> RegionView:
        now = self._clock.now()
        runs = _runs(session, channel.id, now)
        tries = [datetime.fromisoformat(at) for run in runs for at in run.registrations]
        if channel.live_at is not None:
            tries.append(channel.live_at)  # it was registered to go live
        newest = runs[0] if runs else None
        until = free_at(tries, now)
        reasons = {
            "not_live": channel.live_at is None or channel.terminated_at is not None,
            "on_business_app": channel.is_on_biz_app,
            "no_token": not can_call(waba, now),
            "working": newest is not None and newest.state == RegionState.WORKING,
            "registrations_used_up": until is not None,
        }
        return RegionView(
            channel_id=channel.id,
            region=channel.region,
            used=used(tries, now),
            budget=BUDGET,
            free_at=until,
            needs_pin=not channel.pin or (newest is not None and _has_wrong_pin(newest)),
            why_not=next((code for code, is_so in reasons.items() if is_so), ""),
            run=newest,
        )

    def _keep_pin(self, channel: Channel, view: RegionView, pin: str) -> None:
        if not pin and not view.needs_pin:
            return
        if not (pin.isascii() and pin.isdigit() and len(pin) == _PIN_LENGTH):
            raise InvalidInput(code="pin_invalid", field="pin")
        phone = channel.external_id or ""
        channel.pin = self._vault.seal(pin, context=pin_context(phone))

    def _new_run(self, who: Principal, channel: Channel, region: str) -> RegionChange:
        now = self._clock.now()
        return RegionChange(
            partner_id=channel.partner_id,
            channel_id=channel.id,
            before=channel.region,
            region=region,
            created_by=who.person_id,
            created_at=now,
            updated_at=now,
        )


def _runs(session: Session, channel_id: str, now: datetime) -> list[RegionChange]:
    """The newest first; all whose tries may count, and the last one however old."""
    found = select(RegionChange).where(RegionChange.channel_id == channel_id)
    runs = session.exec(found.order_by(col(RegionChange.created_at).desc()).limit(50)).all()
    since = now - WINDOW - timedelta(days=1)
    return [run for index, run in enumerate(runs) if not index or run.updated_at > since]


def _has_wrong_pin(run: RegionChange) -> bool:
    return run.state == RegionState.STOPPED and run.error_code == "pin_mismatch"
