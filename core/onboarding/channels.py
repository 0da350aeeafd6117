"""Makes and moves the client's WABA and channels in one transaction with the events about them.

Values that Meta owns are written by `accounts.apply_updates` only. Events that partners rely on
come once per channel and in the contract's order, however often a step is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.apply_updates import apply_updates
from core.accounts.entities import Channel, ChannelStatus, ConsentState, WabaAccount
from core.accounts.listing import refresh
from core.accounts.meta_reading import number_reading, template_reading, waba_reading
from core.accounts.returning import let_go_of_number
from core.accounts.update import Update
from core.clock import Clock
from core.events import Event, EventType, record
from core.onboarding.entities import OnboardingRun

Node = Mapping[str, Any]


def keep_waba(
    session: Session, clock: Clock, run: OnboardingRun, node: Node, sealed_token: str
) -> WabaAccount:
    """The WABA is this client's, with its token and what Meta says about it."""
    now = clock.now()
    external_id = str(node["id"])
    waba = session.exec(
        select(WabaAccount).where(WabaAccount.external_id == external_id)
    ).one_or_none()
    if waba is None:
        waba = WabaAccount(
            partner_id=run.partner_id,
            client_id=str(run.client_id),
            external_id=external_id,
            created_at=now,
            modified_at=now,
        )
    # Shared again after it was taken away: the same account goes on.
    waba.removed = False
    waba.token, waba.token_expires_at = sealed_token, run.token_expires_at
    waba.owner_business_id = waba.owner_business_id or run.business_external_id
    waba.modified_at = now
    session.add(waba)
    session.flush()
    _apply(session, clock, waba_reading(dict(node), now))
    return waba


def keep_channel(
    session: Session, clock: Clock, run: OnboardingRun, waba: WabaAccount, node: Node
) -> Channel:
    """The number is a channel; `channel_created` when it was none before.

    One that has ended comes back as a new channel, with the PIN that Meta still asks for.
    """
    now = clock.now()
    external_id = str(node["id"])
    channel, pin = channel_of(session, external_id), ""
    if channel is not None and channel.terminated_at is not None:
        pin = channel.pin
        let_go_of_number(session, channel, now)
        channel = None
    is_new = channel is None
    if channel is None:
        channel = Channel(
            partner_id=run.partner_id,
            client_id=str(run.client_id),
            waba_account_id=waba.id,
            external_id=external_id,
            pin=pin,
            created_at=now,
            modified_at=now,
        )
    channel.waba_account_id = waba.id
    session.add(channel)
    session.flush()
    keep_reading(session, clock, node)
    refresh(session, channel, now)
    if is_new:
        _tell(session, clock, channel, EventType.CHANNEL_CREATED, actor="client")
    return channel


def keep_reading(session: Session, clock: Clock, node: Node) -> None:
    """What Meta says about a number, without an event per field: the run tells its own story."""
    _apply(session, clock, number_reading(dict(node), clock.now()))


def keep_templates(
    session: Session, clock: Clock, waba_external_id: str, nodes: Iterable[Node]
) -> None:
    """The WABA's templates as Meta lists them."""
    now = clock.now()
    for node in nodes:
        _apply(session, clock, template_reading(waba_external_id, dict(node), now))


def submit(session: Session, clock: Clock, channel: Channel) -> None:
    """The number is with Meta for registration, or was registered before it came here."""
    if channel.status == ChannelStatus.CREATED:
        channel.status = ChannelStatus.VERIFIED.value
        _touch(session, clock, channel)
    _once(session, clock, channel, EventType.CHANNEL_SUBMITTED)


def grant(session: Session, clock: Clock, channel: Channel, *, actor: str) -> None:
    """The partner may work with the number; with the event its status already is `ready`."""
    if channel.consent == ConsentState.GRANTED:
        return
    channel.consent = ConsentState.GRANTED.value
    channel.status = ChannelStatus.READY.value
    _touch(session, clock, channel)
    _tell(session, clock, channel, EventType.CHANNEL_PERMISSION_GRANTED, actor=actor)


def revoke(session: Session, clock: Clock, channel: Channel, *, actor: str) -> None:
    """The partner may not work with the number (any more)."""
    if channel.consent == ConsentState.REVOKED:
        return
    channel.consent = ConsentState.REVOKED.value
    _touch(session, clock, channel)
    _tell(session, clock, channel, EventType.CHANNEL_PERMISSION_REVOKED, actor=actor)


def go_live(session: Session, clock: Clock, channel: Channel, *, connected: bool) -> None:
    """Ready and running; live as soon as Meta says that the number is connected."""
    _once(session, clock, channel, EventType.CHANNEL_READY)
    _once(session, clock, channel, EventType.CHANNEL_RUNNING)
    if not connected:
        return
    if channel.live_at is None:
        channel.live_at = clock.now()
        _touch(session, clock, channel)
    _once(session, clock, channel, EventType.CHANNEL_LIVE)


def channels_by_id(session: Session, ids: Iterable[str]) -> list[Channel]:
    """The channels in the order of `ids`."""
    wanted = list(ids)
    rows = session.exec(select(Channel).where(col(Channel.id).in_(wanted))).all()
    return sorted(rows, key=lambda channel: wanted.index(channel.id))


def channel_of(session: Session, external_id: str) -> Channel | None:
    """The channel of Meta's phone number id, within the session's scope."""
    return session.exec(select(Channel).where(Channel.external_id == external_id)).one_or_none()


def _touch(session: Session, clock: Clock, channel: Channel) -> None:
    channel.modified_at = clock.now()
    refresh(session, channel, clock.now())


def _apply(session: Session, clock: Clock, updates: Iterable[Update]) -> None:
    apply_updates(session, clock, [replace(update, event=None) for update in updates])


def _once(session: Session, clock: Clock, channel: Channel, kind: EventType) -> None:
    key = f"{kind}:{channel.id}"
    if session.exec(select(Event.id).where(Event.key == key)).first() is None:
        _tell(session, clock, channel, kind, key=key)


def _tell(
    session: Session,
    clock: Clock,
    channel: Channel,
    kind: EventType,
    *,
    actor: str = "hub",
    key: str | None = None,
) -> None:
    subject = ("channel", channel.id)
    record(
        session,
        clock,
        kind,
        partner_id=channel.partner_id,
        subject=subject,
        actor=actor,
        data={"phone_number": channel.phone_number},
        key=key,
    )
    # In the order told: ids are given at the flush.
    session.flush()
