"""Moves a live number's data to another region: seen beforehand, started, followed, confirmed.

The number is off WhatsApp between the first and the last call, so nothing is begun that would
not fit into Meta's budget, and a run that broke off goes on by itself. Each move is decided by
what Meta says then; a try is written down before Meta is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts import details
from core.accounts.apply_updates import apply_updates
from core.accounts.entities import Channel, WabaAccount
from core.accounts.meta_reading import number_reading
from core.accounts.regions.entities import RegionChange, RegionState
from core.accounts.regions.rules import (
    BUDGET,
    COUNTED,
    REGIONS,
    WINDOW,
    RegionMove,
    free_at,
    next_move,
    used,
)
from core.clock import Clock
from core.errors import Conflict, InvalidInput, MetaError, Unavailable
from core.events import EventType, record
from core.ports import Database, Everything, Jobs, Meta, Steps, Vault

log = structlog.get_logger()

REGION_JOB = "change_region"
_MAY = Permission.SETTINGS
_BY_ID = Everything("regions: the job names a run before its partner is known")
_PIN_LENGTH = 6
# *Seconds* between tries while Meta is busy or gone; then a person has to look.
_WAITS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 3600.0, 3600.0)
_LATER = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 133004})
_CODES = {133005: "pin_mismatch", 133006: "not_verified", 133016: "registrations_used_up"}
_MOST_MOVES = 8


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # token and PIN are never printed
class _Number:
    partner_id: str
    channel_id: str
    phone_id: str
    wanted: str
    token: str
    pin: str


class Regions:
    """Owners; its durable work is `change_region`."""

    def __init__(
        self,
        *,
        gate: Gate,
        database: Database,
        clock: Clock,
        vault: Vault,
        meta: Meta,
        jobs: Jobs,
    ) -> None:
        self._gate = gate
        self._database = database
        self._clock = clock
        self._vault = vault
        self._meta = meta
        self._jobs = jobs
        jobs.register(REGION_JOB, self._work)

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
                self._tell(session, run, who.person_id)
                self._enqueue(session, run.id, 0)
                return self._view(session, channel, waba)
        except IntegrityError as error:
            raise Conflict(code="working") from error

    def _work(self, steps: Steps, run_id: str, tries: int) -> None:
        for _ in range(_MOST_MOVES):
            outcome = steps.run("move", self.move, run_id)
            if outcome == "over":
                return
            if outcome == "later":
                steps.run("later", self._later, run_id, tries)
                return
        steps.run("stop", self._stop, run_id, "no_progress", None)

    def move(self, run_id: str) -> str:
        """Ask Meta where the number stands and make the next call: `on`, `later` or `over`."""
        number = self._number(run_id)
        if number is None:
            return "over"
        try:
            return self._make(run_id, number)
        except Unavailable:
            return "later"
        except MetaError as error:
            if error.transient or error.meta_code in _LATER:
                return "later"
            self._stop(run_id, _CODES.get(error.meta_code, "meta_refused"), error.meta_code)
            return "over"

    def _make(self, run_id: str, number: _Number) -> str:
        phone, token = number.phone_id, number.token
        node = self._meta.phone_number(phone, token)
        region = self._meta.storage_region(phone, token) or ""
        is_registered = node.get("platform_type") == "CLOUD_API"
        move = next_move(is_registered=is_registered, region=region, wanted=number.wanted)
        if move is RegionMove.DONE:
            self._finish(run_id, node)
            return "over"
        self._note(run_id, move)
        if move is RegionMove.DEREGISTER:
            self._meta.deregister(phone, token)
        elif move is RegionMove.SET_REGION:
            self._meta.set_storage_region(phone, number.wanted, token)
        else:
            self._meta.register(phone, number.pin, token)
        return "on"

    def _note(self, run_id: str, move: RegionMove) -> None:
        """Before Meta is asked: a try whose answer is lost counts there all the same."""
        now = self._clock.now()
        with self._database.transaction(_BY_ID) as session:
            run = session.get_one(RegionChange, run_id, with_for_update=True)
            run.step, run.updated_at = move.value, now
            if move in COUNTED:
                run.registrations = [*run.registrations, now.isoformat()]
            session.add(run)

    def _finish(self, run_id: str, node: dict[str, Any]) -> None:
        """Read back and confirmed: the number is on again, its data where it was wanted."""
        with self._database.transaction(_BY_ID) as session:
            run = session.get_one(RegionChange, run_id, with_for_update=True)
            channel = session.get_one(Channel, run.channel_id)
            channel.region = run.region
            session.add(channel)
            session.flush()
            apply_updates(session, self._clock, number_reading(node, self._clock.now()))
            self._end(session, run, RegionState.DONE, "", None)

    def _stop(self, run_id: str, code: str, meta_code: int | None) -> None:
        with self._database.transaction(_BY_ID) as session:
            run = session.get_one(RegionChange, run_id, with_for_update=True)
            if run.state == RegionState.WORKING:
                self._end(session, run, RegionState.STOPPED, code, meta_code)

    def _end(
        self, session: Session, run: RegionChange, state: RegionState, code: str, meta: int | None
    ) -> None:
        run.state, run.error_code, run.meta_code = state.value, code, meta
        run.updated_at = self._clock.now()
        session.add(run)
        self._tell(session, run, "hub")

    def _later(self, run_id: str, tries: int) -> None:
        if tries >= len(_WAITS):
            self._stop(run_id, "meta_unreachable", None)
            return
        with self._database.transaction(_BY_ID) as session:
            self._enqueue(session, run_id, tries + 1)

    def _enqueue(self, session: Session, run_id: str, tries: int) -> None:
        delay = _WAITS[tries - 1] if tries else 0
        key = f"{REGION_JOB}:{run_id}:{tries}"
        self._jobs.enqueue(session, REGION_JOB, run_id, tries, key=key, delay=delay)

    def _number(self, run_id: str) -> _Number | None:
        """None when the run is over, or the number is out of reach (then it is stopped)."""
        with self._database.reading(_BY_ID) as session:
            run = session.get(RegionChange, run_id)
            if run is None or run.state != RegionState.WORKING:
                return None
            channel = session.get_one(Channel, run.channel_id)
            waba = session.get_one(WabaAccount, channel.waba_account_id)
        if not self._can_call(waba) or not channel.external_id:
            self._stop(run_id, "no_token", None)
            return None
        phone = channel.external_id
        return _Number(
            partner_id=run.partner_id,
            channel_id=channel.id,
            phone_id=phone,
            wanted=run.region,
            token=self._vault.open(waba.token, context=f"waba_account:{waba.external_id}:token"),
            pin=self._vault.open(channel.pin, context=_pin_context(phone)),
        )

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
            "no_token": not self._can_call(waba),
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
        channel.pin = self._vault.seal(pin, context=_pin_context(phone))

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

    def _can_call(self, waba: WabaAccount) -> bool:
        expires = waba.token_expires_at
        return (
            bool(waba.token) and not waba.removed and not (expires and expires <= self._clock.now())
        )

    def _tell(self, session: Session, run: RegionChange, actor: str) -> None:
        data: dict[str, Any] = {"state": run.state, "before": run.before, "region": run.region}
        if run.error_code:
            data |= {"error_code": run.error_code, "meta_code": run.meta_code}
        record(
            session,
            self._clock,
            EventType.CHANNEL_REGION_CHANGE,
            partner_id=run.partner_id,
            subject=("channel", run.channel_id),
            actor=actor,
            data=data,
        )


def _runs(session: Session, channel_id: str, now: datetime) -> list[RegionChange]:
    """The newest first; all whose tries may count, and the last one however old."""
    found = select(RegionChange).where(RegionChange.channel_id == channel_id)
    runs = session.exec(found.order_by(col(RegionChange.created_at).desc()).limit(50)).all()
    since = now - WINDOW - timedelta(days=1)
    return [run for index, run in enumerate(runs) if not index or run.updated_at > since]


def _has_wrong_pin(run: RegionChange) -> bool:
    return run.state == RegionState.STOPPED and run.error_code == "pin_mismatch"


def _pin_context(phone_id: str) -> str:
    return f"channel:{phone_id}:pin"
