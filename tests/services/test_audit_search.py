"""Whatever the column "About" calls something, a search finds; amounts as pages write them."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from core.audit.trail import TrailQuery
from core.billing.invoices.entities import Invoice
from core.clock import FixedClock
from core.events import EventType
from core.onboarding.entities import OnboardingRun
from core.partners.entities import Invitation
from core.partners.members import remove_member
from core.support.entities import Conversation, SupportRequest
from core.support.states import RequestKind
from storage.database import SqlDatabase
from tests import factories
from tests.services.audit_world import TEST, World, build


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


@pytest.fixture
def una(world: World) -> str:
    """Somebody who works for the partner no more."""
    with world.database.transaction(TEST) as session:
        person = factories.make_person(session, name="Una Nowak", email="una@nowhere.example")
        factories.make_membership(session, world.partner, person)
        session.flush()
        remove_member(session, world.clock, world.partner.id, person.id, by="hub")
        return person.id


def test_what_happened_to_a_person_is_found_by_name_and_by_address(world: World, una: str) -> None:
    (removed,) = world.found(types={EventType.MEMBER_REMOVED.value})
    with world.database.transaction(TEST) as session:
        asked = _conversation(session, world, "Una Nowak", about=una)
        invited = _invitation(session, world, "una@nowhere.example")
    accepted = world.tell(EventType.REQUEST_ACCEPTED, subject=("conversation", asked))
    sent = world.tell(EventType.INVITATION_SENT, subject=("invitation", invited))
    assert world.found(text="una@nowhere") == [sent, accepted, removed]
    assert world.found(text="Una") == [sent, accepted, removed]
    assert world.found(text="Nowak") == [accepted, removed]


def test_conversations_invoices_and_runs_are_found_by_what_they_are_called(world: World) -> None:
    with world.database.transaction(TEST) as session:
        talk = _conversation(session, world, "Templates are slow")
        run = OnboardingRun(
            partner_id=world.partner.id,
            company="Ünal Export",
            created_at=world.clock.now(),
            updated_at=world.clock.now(),
        )
        session.add(run)
        invoice = _invoice(session, world, "ABC-2026-0017")
    opened = world.tell(EventType.CONVERSATION_OPENED, subject=("conversation", talk))
    started = world.tell(EventType.RUN_STARTED, subject=("onboarding_run", run.id))
    paid = world.tell(EventType.INVOICE_PAID, subject=("invoice", invoice))
    assert world.found(text="templates are") == [opened]
    assert world.found(text="Export") == [started]
    assert world.found(text="c-2026-0017") == [paid]
    assert world.found(text="10%") == world.found(text="_") == []


def test_a_licence_is_found_by_its_number_and_called_by_it(world: World) -> None:
    with world.database.transaction(TEST) as session:
        waba = factories.make_waba(session, factories.make_client(session, world.partner))
        channel = factories.make_channel(session, waba, phone_number="447400123456")
        asked = _conversation(session, world, "+447400123456", about=channel.id)
    licence = world.tell(EventType.LICENCE_CHANGED, subject=("licence", channel.id))
    deleted = world.tell(EventType.REQUEST_MADE, subject=("conversation", asked))
    rows = world.audit.trail(world.owner, TrailQuery(text="+44 7400 123456")).rows
    assert [row.id for row in rows] == [deleted, licence]
    assert rows[1].subject_name == "447400123456"


def test_other_partners_are_called_nothing(world: World, una: str) -> None:
    """The same names stand at another partner, whose things these events cannot be about."""
    with world.database.transaction(TEST) as session:
        other = factories.make_partner(session)
        stranger = factories.make_person(session, name="Zoe Zander", email="zoe@zander.example")
        factories.make_membership(session, other, stranger)
        foreign = World(**{**vars(world), "partner": other})
        talk = _conversation(session, foreign, "Zebra crossing")
        invited = _invitation(session, foreign, "zoe@zander.example")
    world.tell(EventType.MEMBER_REMOVED, subject=("person", stranger.id))
    world.tell(EventType.CONVERSATION_OPENED, subject=("conversation", talk))
    world.tell(EventType.INVITATION_SENT, subject=("invitation", invited))
    for text in ("Zoe", "zander", "Zebra"):
        assert world.found(text=text) == [], text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("39.66", True),
        ("39.66 EUR", True),
        ("39.66 USD", False),
        ("9.66", False),
        ("39.6", False),
        ("1,234.50", True),
        ("1,234.50 EUR", True),
        ("1234.5", True),
        ("-3.00", True),
        ("3.00 EUR", False),
        ("0.0625", True),
        ("500 EUR", True),
        ("1,23", False),
        ("39.66.1", False),
        ("0.00000001", False),
    ],
)
def test_amounts_are_found_as_the_page_writes_them(world: World, text: str, found: bool) -> None:
    told = world.tell(
        EventType.INVOICE_ISSUED,
        gross_micros=39_660_000,
        levels_micros=[1_234_500_000, 62_500],
        added_micros={"EUR": -3_000_000},
        last_micros=500_000_000,
        currency="EUR",
    )
    world.tell(EventType.INVOICE_ISSUED, gross_micros=139_660_000, currency="EUR")
    world.tell(EventType.INVOICE_ISSUED, gross_micros=396_600_000, currency="EUR")
    assert world.found(text=text) == ([told] if found else [])


def test_a_tier_is_told_against_the_event_before_of_the_same_licence(world: World) -> None:
    def tell(channel_id: str, **data: str) -> int:
        return world.tell(EventType.LICENCE_CHANGED, subject=("licence", channel_id), **data)

    tell("CH1")
    tell("CH1", tier="regular", next_tier="")
    tell("CH2", tier="premium", next_tier="")
    first = tell("CH1", tier="high_throughput", next_tier="")
    rows = {row.id: row for row in world.audit.trail(world.owner, TrailQuery(limit=1)).rows}
    assert rows[first].earlier == {"tier": "regular", "next_tier": ""}
    assert rows[first].data == {"tier": "high_throughput", "next_tier": ""}
    assert {row.id: row.earlier for row in world.audit.trail(world.owner, TrailQuery()).rows} == {
        **{id_: {} for id_ in world.found()},
        first: {"tier": "regular", "next_tier": ""},
    }


def _conversation(session: Session, world: World, subject: str, about: str = "") -> str:
    now, by = world.clock.now(), world.owner.person_id
    talk = Conversation(
        partner_id=world.partner.id, subject=subject, opened_by=by, opened_at=now, last_at=now
    )
    session.add(talk)
    session.flush()
    if about:
        session.add(
            SupportRequest(
                partner_id=world.partner.id,
                conversation_id=talk.id,
                kind=RequestKind.REMOVE_USER.value,
                about=about,
                made_by=by,
                made_at=now,
            )
        )
    return talk.id


def _invitation(session: Session, world: World, email: str) -> str:
    now = world.clock.now()
    invitation = Invitation(
        partner_id=world.partner.id, email=email, role="member", created_at=now, expires_at=now
    )
    session.add(invitation)
    session.flush()
    return invitation.id


def _invoice(session: Session, world: World, number: str) -> str:
    now = world.clock.now()
    invoice = Invoice(
        partner_id=world.partner.id,
        number=number,
        key=number,
        kind="plan",
        status="paid",
        issued_at=now,
        issued_on=now.date(),
        currency="EUR",
        net_micros=0,
        tax_micros=0,
        gross_micros=0,
        payable_micros=0,
    )
    session.add(invoice)
    session.flush()
    return invoice.id
