"""When a client has an account: at once, or (direct-paid) with its first valid card."""

from __future__ import annotations

from sqlmodel import Session

from core.accounts.entities import Client, ClientStatus
from core.clock import Clock
from core.events import EventType, record
from core.onboarding.entities import OnboardingRun


def open_account(session: Session, clock: Clock, run: OnboardingRun) -> None:
    """The client is the partner's from here on; told once, however often this is called."""
    client = session.get(Client, run.client_id)
    if client is None or client.status != ClientStatus.PENDING:
        return
    client.status, client.modified_at = ClientStatus.ACTIVE.value, clock.now()
    client.modified_by = client.modified_by_name = ""  # its own card made it so
    session.add(client)
    tell_created(session, clock, run)


def tell_created(session: Session, clock: Clock, run: OnboardingRun) -> None:
    """The event that partners know the client by."""
    record(
        session,
        clock,
        EventType.CLIENT_CREATED,
        partner_id=run.partner_id,
        subject=("client", run.client_id or ""),
        actor="client",
        data={"run_id": run.id},
    )
