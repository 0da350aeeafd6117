"""What is left to do at Meta when a number has ended: off the Cloud API, and no more webhooks.

Durable and safe to repeat: a number that came back meanwhile, or ended once more, is left alone.
Coexistence numbers stay in the app and cannot be deregistered (contracts/meta.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from sqlmodel import Session, col, select

from core.accounts.at_meta import can_call, token_of
from core.accounts.entities import Channel, WabaAccount
from core.clock import Clock
from core.errors import MetaError, Unavailable
from core.events import Event, EventType, record
from core.ports import Database, Everything, Jobs, Meta, Steps, Tenant, Vault

log = structlog.get_logger()

LEAVE_JOB = "leave_meta"

_BY_ID = Everything("leaving: the job names a number before its partner is known")
_MINUTE, _HOUR = 60.0, 3600.0
# *Seconds*; the last one outlasts the 72 hours in which ten (de)registrations are allowed.
_WAITS = (_MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, 24 * _HOUR, 72 * _HOUR)
# Source: contracts/meta.md section 12.
_NOT_REGISTERED = 133010
_REGISTRATIONS_USED_UP = 133016


class Outcome(StrEnum):
    """What became of a number at Meta."""

    DEREGISTERED = "deregistered"
    NOT_REGISTERED = "not_registered"
    ON_BUSINESS_APP = "on_business_app"  # only its owner can disconnect it, in the app
    NO_ACCESS = "no_access"  # the client took the account away, or the token ran out
    REFUSED = "refused"
    LATER = "later"  # Meta asks to come back; never told


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # its token is never printed
class _Ended:
    partner_id: str
    phone_id: str
    waba_id: str
    waba_external_id: str
    is_on_app: bool
    is_last: bool  # no number of its WABA goes on
    token: str  # '' without access


class Leaving:
    """Registered as the durable work `leave_meta`."""

    def __init__(
        self, database: Database, clock: Clock, vault: Vault, meta: Meta, jobs: Jobs
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._meta = meta
        self._jobs = jobs
        jobs.register(LEAVE_JOB, self._run)

    def leave(self, channel_id: str, ended_at: str) -> dict[str, Any] | None:
        """The number is deregistered where it can be; None for one that has not ended then.

        Raises Unavailable when Meta cannot be reached.
        """
        ended = self._ended(channel_id, ended_at)
        if ended is None:
            return None
        if ended.is_on_app:
            return {"outcome": Outcome.ON_BUSINESS_APP}
        if not ended.token:
            return {"outcome": Outcome.NO_ACCESS}
        try:
            self._meta.deregister(ended.phone_id, ended.token)
        except MetaError as error:
            return _refusal(error)
        return {"outcome": Outcome.DEREGISTERED}

    def unsubscribe(self, channel_id: str, ended_at: str) -> bool:
        """Whether the hub was taken off its WABA: only behind the last number there."""
        ended = self._ended(channel_id, ended_at)
        if ended is None or not ended.is_last or not ended.token:
            return False
        try:
            self._meta.unsubscribe(ended.waba_external_id, ended.token)
        except MetaError as error:
            if _is_for_now(error):
                raise Unavailable(code="meta_busy") from error
            log.warning("waba_not_left", waba_id=ended.waba_id, meta_code=error.meta_code)
            return False
        return True

    def _run(self, steps: Steps, channel_id: str, ended_at: str, tries: int) -> None:
        try:
            told = steps.run("leave", self.leave, channel_id, ended_at)
            if told is None:
                return
            if told["outcome"] != Outcome.LATER:
                left = steps.run("unsubscribe", self.unsubscribe, channel_id, ended_at)
                steps.run("tell", self._tell, channel_id, ended_at, told | {"unsubscribed": left})
                return
        except Unavailable:
            log.warning("number_not_left_yet", channel_id=channel_id, tries=tries)
        # A job that sleeps would hold a place; a new one waits in the queue.
        steps.run("later", self._later, channel_id, ended_at, tries)

    def _tell(self, channel_id: str, ended_at: str, told: dict[str, Any]) -> None:
        """The timeline says what became of the number at Meta, once per end."""
        ended = self._ended(channel_id, ended_at)
        if ended is None:
            return
        key = f"{EventType.CHANNEL_DEREGISTERED}:{channel_id}:{ended_at}"
        with self._database.transaction(Tenant(ended.partner_id)) as session:
            if session.exec(select(Event.id).where(Event.key == key)).first() is not None:
                return
            record(
                session,
                self._clock,
                EventType.CHANNEL_DEREGISTERED,
                partner_id=ended.partner_id,
                subject=("channel", channel_id),
                data=told,
                key=key,
            )

    def _later(self, channel_id: str, ended_at: str, tries: int) -> None:
        if tries >= len(_WAITS):
            log.error("number_not_left", channel_id=channel_id)
            self._tell(channel_id, ended_at, {"outcome": Outcome.REFUSED, "unsubscribed": False})
            return
        with self._database.transaction(_BY_ID) as session:
            have_left(self._jobs, session, channel_id, ended_at, tries=tries + 1)

    def _ended(self, channel_id: str, ended_at: str) -> _Ended | None:
        with self._database.reading(_BY_ID) as session:
            channel = session.get(Channel, channel_id)
            # Without Meta's id it has come back as another row: nothing is left to do.
            if channel is None or channel.terminated_at is None or not channel.external_id:
                return None
            waba = session.get(WabaAccount, channel.waba_account_id)
            if waba is None or channel.terminated_at.isoformat() != ended_at:
                return None
            return _Ended(
                partner_id=channel.partner_id,
                phone_id=channel.external_id,
                waba_id=waba.id,
                waba_external_id=waba.external_id,
                is_on_app=channel.is_on_biz_app,
                is_last=not _goes_on(session, waba.id),
                token=self._token(waba),
            )

    def _token(self, waba: WabaAccount) -> str:
        return token_of(self._vault, waba) if can_call(waba, self._clock.now()) else ""


def have_left(
    jobs: Jobs, session: Session, channel_id: str, ended_at: str, *, tries: int = 0
) -> None:
    """Have the number taken off Meta behind the caller's transaction; `tries` were in vain."""
    key = f"{LEAVE_JOB}:{channel_id}:{ended_at}:{tries}"
    delay = _WAITS[tries - 1] if tries else 0
    jobs.enqueue(session, LEAVE_JOB, channel_id, ended_at, tries, key=key, delay=delay)


def _goes_on(session: Session, waba_id: str) -> bool:
    standing = select(Channel.id).where(
        Channel.waba_account_id == waba_id, col(Channel.terminated_at).is_(None)
    )
    return session.exec(standing).first() is not None


def _refusal(error: MetaError) -> dict[str, Any]:
    if _is_for_now(error):
        return {"outcome": Outcome.LATER}
    if error.meta_code == _NOT_REGISTERED:
        return {"outcome": Outcome.NOT_REGISTERED}
    is_gone = error.is_not_there or error.is_without_access
    outcome = Outcome.NO_ACCESS if is_gone else Outcome.REFUSED
    return {"outcome": outcome, "meta_code": error.meta_code, "trace_id": error.trace_id}


def _is_for_now(error: MetaError) -> bool:
    return error.is_for_later or error.meta_code == _REGISTRATIONS_USED_UP
