"""The durable work of a run: look at Meta, make the next call, until Meta confirms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from core.accounts.apply_updates import apply_updates
from core.accounts.at_meta import can_call, pin_context, token_of
from core.accounts.entities import Channel, WabaAccount
from core.accounts.meta_reading import number_reading
from core.accounts.regions.entities import RegionChange, RegionState
from core.accounts.regions.rules import COUNTED, RegionMove, next_move
from core.clock import Clock
from core.errors import MetaError, Unavailable
from core.events import EventType, record
from core.ports import ChangeFeed, Database, Everything, Jobs, Meta, Notice, Steps, Vault

REGION_JOB = "change_region"
_BY_ID = Everything("regions: the job names a run before its partner is known")
# *Seconds* between tries while Meta is busy or gone; then a person has to look.
_WAITS = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 3600.0, 3600.0)
_CODES = {133005: "pin_mismatch", 133006: "not_verified", 133016: "registrations_used_up"}
_MOST_MOVES = 8


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # token and PIN are never printed
class _Number:
    phone_id: str
    wanted: str
    token: str
    pin: str


class RegionRuns:
    """Registered as the durable work `change_region`."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        feed: ChangeFeed,
        vault: Vault,
        meta: Meta,
        jobs: Jobs,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feed = feed
        self._vault = vault
        self._meta = meta
        self._jobs = jobs
        jobs.register(REGION_JOB, self._work)

    def enqueue(self, session: Session, run_id: str, tries: int = 0) -> None:
        """Have the run go on behind the caller's transaction; `tries` were in vain."""
        delay = _WAITS[tries - 1] if tries else 0
        key = f"{REGION_JOB}:{run_id}:{tries}"
        self._jobs.enqueue(session, REGION_JOB, run_id, tries, key=key, delay=delay)

    def tell(self, session: Session, run: RegionChange, actor: str) -> None:
        """The number's timeline says how the run stands."""
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
            if error.is_for_later:
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
        """Before Meta is asked: a try whose answer is lost counts there all the same.

        Open pages are told; the timeline keeps only how a run began and ended.
        """
        now = self._clock.now()
        with self._database.transaction(_BY_ID) as session:
            run = session.get_one(RegionChange, run_id, with_for_update=True)
            run.step, run.updated_at = move.value, now
            if move in COUNTED:
                run.registrations = [*run.registrations, now.isoformat()]
            session.add(run)
            about = (EventType.CHANNEL_REGION_CHANGE.value, "channel", run.channel_id)
            notice = Notice(run.partner_id, *about)
        self._feed.publish([notice])

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
        self.tell(session, run, "hub")

    def _later(self, run_id: str, tries: int) -> None:
        if tries >= len(_WAITS):
            self._stop(run_id, "meta_unreachable", None)
            return
        with self._database.transaction(_BY_ID) as session:
            self.enqueue(session, run_id, tries + 1)

    def _number(self, run_id: str) -> _Number | None:
        """None when the run is over, or the number is out of reach (then it is stopped)."""
        with self._database.reading(_BY_ID) as session:
            run = session.get(RegionChange, run_id)
            if run is None or run.state != RegionState.WORKING:
                return None
            channel = session.get_one(Channel, run.channel_id)
            waba = session.get_one(WabaAccount, channel.waba_account_id)
        if not can_call(waba, self._clock.now()) or not channel.external_id:
            self._stop(run_id, "no_token", None)
            return None
        phone = channel.external_id
        return _Number(
            phone_id=phone,
            wanted=run.region,
            token=token_of(self._vault, waba),
            pin=self._vault.open(channel.pin, context=pin_context(phone)),
        )
