"""Whose a WABA or a number already is, over all partners; answers are never shown to anybody."""

from __future__ import annotations

from sqlmodel import select

from core.accounts.entities import Channel, WabaAccount
from core.onboarding.entities import OnboardingRun
from core.ports import Database, Everything

_ALL = Everything("onboarding: an account of another partner must be noticed")


def is_waba_taken(database: Database, run: OnboardingRun, waba_external_id: str) -> bool:
    """Whether another client, of whatever partner, has this WABA here (O45)."""
    with database.reading(_ALL) as session:
        waba = session.exec(
            select(WabaAccount).where(WabaAccount.external_id == waba_external_id)
        ).one_or_none()
    return waba is not None and not _is_own(run, waba.partner_id, waba.client_id)


def is_number_taken(database: Database, run: OnboardingRun, phone_external_id: str) -> bool:
    """Whether another client, of whatever partner, has this number here."""
    with database.reading(_ALL) as session:
        channel = session.exec(
            select(Channel).where(Channel.external_id == phone_external_id)
        ).one_or_none()
    return channel is not None and not _is_own(run, channel.partner_id, channel.client_id)


def _is_own(run: OnboardingRun, partner_id: str, client_id: str) -> bool:
    return (run.partner_id, run.client_id) == (partner_id, client_id)
