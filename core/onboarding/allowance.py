"""Whether a client may bring another number; told before Meta's popup, not after it."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from core.accounts.entities import Channel, Client
from core.onboarding.entities import OnboardingRun
from core.partners.entities import Partner


def no_room(session: Session, run: OnboardingRun, partner: Partner) -> str:
    """max_channels_reached, numbers_not_allowed, or '' while there is room.

    Numbers that this run brought itself take no room from it: its popup may be opened again.
    """
    client = session.get(Client, run.client_id) if run.client_id else None
    if client is None:
        return ""
    held = channels_held(session, client.id, but=run.channel_ids)
    if client.max_channels is not None and held >= client.max_channels:
        return "max_channels_reached"
    return "numbers_not_allowed" if held and not partner.clients_may_add_numbers else ""


def channels_held(session: Session, client_id: str, *, but: list[str] | None = None) -> int:
    """How many of the client's numbers count against `max_channels`."""
    return session.exec(
        select(func.count())
        .select_from(Channel)
        .where(
            Channel.client_id == client_id,
            col(Channel.terminated_at).is_(None),
            col(Channel.id).not_in(but or []),
        )
    ).one()
