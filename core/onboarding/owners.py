"""Whose a WABA or a number already is, over all partners; answers are never shown to anybody.

What has ended is nobody's any more: who proves to Meta that it is theirs may bring it back, for
whatever partner.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from core.accounts.entities import Channel, WabaAccount
from core.accounts.returning import is_over, let_go_of_account, let_go_of_number
from core.onboarding.entities import OnboardingRun
from core.ports import Database, Everything

_ALL = Everything("onboarding: an account of another partner must be noticed")


def is_waba_taken(database: Database, run: OnboardingRun, waba_external_id: str) -> bool:
    """Whether another client, of whatever partner, has this WABA here (O45)."""
    with database.reading(_ALL) as session:
        waba = _foreign_waba(session, run, waba_external_id)
        return waba is not None and not is_over(session, waba)


def is_number_taken(database: Database, run: OnboardingRun, phone_external_id: str) -> bool:
    """Whether another client, of whatever partner, has this number here."""
    with database.reading(_ALL) as session:
        channel = _foreign_number(session, run, phone_external_id)
    return channel is not None and channel.terminated_at is None


def free_waba(database: Database, run: OnboardingRun, waba_external_id: str, now: datetime) -> None:
    """Another client's WABA of which all numbers have ended stands no longer in the way."""
    with database.transaction(_ALL) as session:
        waba = _foreign_waba(session, run, waba_external_id)
        if waba is not None and is_over(session, waba):
            let_go_of_account(session, waba, now)


def free_number(
    database: Database, run: OnboardingRun, phone_external_id: str, now: datetime
) -> None:
    """Another client's number that has ended stands no longer in the way."""
    with database.transaction(_ALL) as session:
        channel = _foreign_number(session, run, phone_external_id)
        if channel is not None and channel.terminated_at is not None:
            let_go_of_number(session, channel, now)


def _foreign_waba(session: Session, run: OnboardingRun, external_id: str) -> WabaAccount | None:
    found = select(WabaAccount).where(WabaAccount.external_id == external_id)
    waba = session.exec(found).one_or_none()
    return None if waba is None or _is_own(run, waba.partner_id, waba.client_id) else waba


def _foreign_number(session: Session, run: OnboardingRun, external_id: str) -> Channel | None:
    found = select(Channel).where(Channel.external_id == external_id)
    channel = session.exec(found).one_or_none()
    if channel is None or _is_own(run, channel.partner_id, channel.client_id):
        return None
    return channel


def _is_own(run: OnboardingRun, partner_id: str, client_id: str) -> bool:
    return (run.partner_id, run.client_id) == (partner_id, client_id)
