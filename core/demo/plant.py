"""Plants the demo world as rows; sandbox mode only, once, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from core.accounts.apply_updates import apply_updates
from core.accounts.at_meta import token_context
from core.accounts.cancelling import end_of_month
from core.accounts.entities import Channel, ChannelStatus, Client, ConsentState, WabaAccount
from core.accounts.meta_reading import number_reading, template_reading, waba_reading
from core.accounts.update import digits
from core.clock import Clock
from core.demo.outside import meta_templates, meta_wabas
from core.demo.world import (
    PARTNERS,
    PEOPLE,
    DemoChannel,
    DemoClient,
    DemoPartner,
    DemoPerson,
    Json,
    access_token,
)
from core.events import EventType, record
from core.partners.entities import Identity, Membership, Partner, Person, SolutionStatus
from core.ports import Database, Everything, Vault

_ALL = Everything("demo data")
_OWN = 500  # WABAs above this belong to one channel alone


def plant(database: Database, clock: Clock, vault: Vault, *, issuer: str, redirect: str) -> bool:
    """Make the demo rows; False when there are any partners already."""
    with database.transaction(_ALL) as session:
        if session.exec(select(Partner.id).limit(1)).first() is not None:
            return False
        now = clock.now()
        for partner in PARTNERS:
            _plant_partner(session, partner, now, redirect)
        for person in PEOPLE:
            if person.is_known:
                _plant_person(session, person, now, issuer)
        for partner in PARTNERS:
            _plant_accounts(session, clock, vault, partner)
        return True


def _plant_partner(session: Session, partner: DemoPartner, now: datetime, redirect: str) -> None:
    session.add(
        Partner(
            id=partner.id,
            brand_name=partner.name,
            brand_color=partner.color,
            country=partner.country,
            billing_model=partner.billing_model,
            currency=partner.currency,
            redirect_url=redirect,
            solution_id=partner.solution_id,
            solution_status=SolutionStatus.ACTIVE.value,
            created_at=now - timedelta(days=400),
        )
    )
    session.flush()


def _plant_person(session: Session, person: DemoPerson, now: datetime, issuer: str) -> None:
    row = Person(name=person.name, email=person.email, is_staff=person.is_staff, created_at=now)
    session.add(row)
    session.flush()
    session.add(Identity(issuer=issuer, subject=person.subject, person_id=row.id, created_at=now))
    for partner_id, role in person.roles.items():
        session.add(Membership(partner_id=partner_id, person_id=row.id, role=role, created_at=now))


def _plant_accounts(session: Session, clock: Clock, vault: Vault, partner: DemoPartner) -> None:
    now = clock.now()
    session.add_all(_client(partner, client, now) for client in partner.clients)
    session.flush()
    nodes = list(meta_wabas(partner))
    session.add_all(_waba(partner, node, vault, now) for node in nodes)
    session.flush()
    session.add_all(_channel(partner, channel, now) for channel in partner.channels)
    session.flush()
    # What Meta says of them enters by the same door as in real life.
    for node in nodes:
        readings = [*waba_reading(_as_read(node), now)]
        for number in node["phone_numbers"]:
            readings += number_reading(number, now)
        for template in meta_templates(partner, int(node["id"][4:])):
            readings += template_reading(node["id"], template, now)
        apply_updates(session, clock, readings)
    _tell_history(session, clock, partner)


def _as_read(node: Json) -> Json:
    owner = {"id": node["business_id"], "name": node["business_name"]}
    return node | {"owner_business_info": owner, "status": "ACTIVE"}


def _client(partner: DemoPartner, client: DemoClient, now: datetime) -> Client:
    started = now - timedelta(days=300 - 9 * client.number)
    first_name = client.contact.split()[0].lower()
    return Client(
        id=partner.row_id(client.number, "CL"),
        partner_id=partner.id,
        name=client.name,
        organisation=client.name,
        email=f"{first_name}@client{client.number}.{partner.prefix.lower()}.example",
        full_name=client.contact,
        country=client.country,
        created_at=started,
        modified_at=started,
    )


def _waba(partner: DemoPartner, node: Json, vault: Vault, now: datetime) -> WabaAccount:
    number = int(node["id"][4:])
    channel = next((c for c in partner.channels if c.number == number - _OWN), None)
    special = channel.waba if channel else {}
    client = channel.client if channel else number
    token = access_token(partner, number)
    return WabaAccount(
        id=partner.row_id(number, "WA"),
        partner_id=partner.id,
        client_id=partner.row_id(client, "CL"),
        external_id=node["id"],
        removed=special.get("shared") is False,
        token=vault.seal(token, context=token_context(node["id"])),
        token_expires_at=now - timedelta(days=2) if special.get("token_expired") else None,
        ban_state=special.get("ban_state", ""),
        ban_date=special.get("ban_date", ""),
        violation_type=special.get("violation_type", ""),
        restrictions=special.get("restrictions", []),
        created_at=now - timedelta(days=200),
        modified_at=now - timedelta(days=3),
    )


def _channel(partner: DemoPartner, channel: DemoChannel, now: datetime) -> Channel:
    started = now - timedelta(days=200 - 5 * channel.number)
    values: dict[str, Any] = {
        "status": ChannelStatus.READY.value,
        "consent": ConsentState.GRANTED.value,
        "live_at": started,
    } | {k: now + v if isinstance(v, timedelta) else v for k, v in channel.hub.items()}
    if values.get("cancelled_at") and not values.get("terminated_at"):
        values["ends_at"] = end_of_month(now)
    return Channel(
        id=partner.row_id(channel.number, "CH"),
        partner_id=partner.id,
        client_id=partner.row_id(channel.client, "CL"),
        waba_account_id=partner.row_id(partner.waba_number(channel), "WA"),
        external_id=partner.meta_id(2, channel.number),
        phone_number=digits(partner.phone(channel)),
        display_phone_number=partner.phone(channel),
        name=channel.name,
        created_at=started,
        modified_at=started,
        **values,
    )


def _tell_history(session: Session, clock: Clock, partner: DemoPartner) -> None:
    """A first page of each number's timeline, as an onboarding would have written it."""
    for channel in partner.channels:
        types = [EventType.CHANNEL_CREATED, EventType.CHANNEL_SUBMITTED]
        if channel.hub.get("live_at", clock) is not None:
            types += [EventType.CHANNEL_PERMISSION_GRANTED, EventType.CHANNEL_READY]
            types.append(EventType.CHANNEL_LIVE)
        for type_ in types:
            subject = ("channel", partner.row_id(channel.number, "CH"))
            record(session, clock, type_, partner_id=partner.id, subject=subject)
