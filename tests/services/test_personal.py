"""A person is told everything that is held about them, and forgotten when they wish it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from sqlalchemy import JSON, LargeBinary
from sqlmodel import Session, select, update
from sqlmodel.sql.sqltypes import AutoString
from typer.testing import CliRunner

from core.accounts.entities import Client
from core.audit.sealing import Sealing
from core.audit.verifying import Verifying
from core.billing.invoices.entities import BillingDetails
from core.clock import FixedClock
from core.entities import metadata
from core.errors import Conflict, NotFound
from core.events import Event, EventType, record
from core.integration.outbound.entities import Delivery, WebhookEndpoint
from core.onboarding.entities import OnboardingRun
from core.origin import Whence, coming_from
from core.partners.entities import Invitation, Membership, Partner, Person, Role, UserSession
from core.personal import columns, ties
from core.personal.service import Personal
from core.ports import Everything
from core.support.entities import Conversation, Message
from storage.database import SqlDatabase
from storage.engines import is_sqlite, reading_engine
from tests import factories
from ui.operator_person import PersonCommands

TEST = Everything("test")
NAME, EMAIL = "Zoë Ångström", "zoe.angstrom@example.com"
ADDRESS, AGENT = "192.0.2.77", "ZoesBrowser/1.0"


@dataclass(kw_only=True)
class World:
    personal: Personal
    database: SqlDatabase
    clock: FixedClock
    partner: Partner
    person: Person
    client: Client

    def dump(self) -> dict[str, str]:
        """Every row of every table as text, as somebody with the whole database reads it."""
        with self.database.reading(TEST) as session:
            rows = {
                name: session.execute(table.select()).all()
                for name, table in metadata.tables.items()
            }
        return {name: "\n".join(map(_text, some)) for name, some in rows.items()}

    def tables_with(self, *words: str) -> set[str]:
        """Where one of the words stands."""
        return {
            table
            for table, text in self.dump().items()
            if any(word.lower() in text.lower() for word in words)
        }


def _text(row: Any) -> str:
    cells = (each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in row)
    return " | ".join(
        json.dumps(each, ensure_ascii=False) if isinstance(each, dict | list) else str(each)
        for each in cells
    )


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    with database.transaction(TEST) as session, coming_from(Whence(address=ADDRESS, agent=AGENT)):
        partner = factories.make_partner(session)
        factories.make_principal(session, partner, Role.OWNER, clock)
        person = factories.make_person(session, name=NAME, email=EMAIL)
        factories.make_membership(session, partner, person)
        session.execute(update(Membership).values(created_at=clock.now()))
        factories.make_login(session, partner, person, ip=ADDRESS, user_agent=AGENT)
        waba = factories.make_waba(
            session,
            client := factories.make_client(
                session,
                partner,
                name=f"{NAME} Consulting",
                full_name=NAME,
                email=EMAIL.upper(),
                phone="+4915112345678",
                contact={"email": EMAIL, "names": [NAME]},
            ),
        )
        factories.make_channel(session, waba, client_name=client.name)
        factories.make_template(session, waba, created_by=person.id, created_by_name=NAME)
        _write(session, clock, partner, person, client)
        record(
            session,
            clock,
            EventType.CAP_CHANGED,
            partner_id=partner.id,
            subject=("client", client.id),
            actor=person.id,
        )
    return World(
        personal=Personal(database, clock),
        database=database,
        clock=clock,
        partner=partner,
        person=person,
        client=client,
    )


def _write(
    session: Session, clock: FixedClock, partner: Partner, person: Person, client: Client
) -> None:
    """Where people's names get to."""
    now, own = clock.now(), {"partner_id": partner.id}
    run = OnboardingRun(
        **own, client_id=client.id, email=EMAIL, full_name=NAME, created_at=now, updated_at=now
    )
    asked = Conversation(
        **own, subject=NAME, opened_by=person.id, opened_at=now, last_at=now, last_text=f"I, {NAME}"
    )
    invited = Invitation(
        **own, email=EMAIL, name=NAME, role="member", created_at=now, expires_at=now
    )
    details = BillingDetails(
        **own, client_id=client.id, legal_name=NAME, email=EMAIL, country="DE", saved_at=now
    )
    session.add_all([run, asked, invited, details])
    session.flush()
    said = Message(
        **own,
        conversation_id=asked.id,
        number=1,
        side="staff",
        text=f"{NAME.upper()} may be reached at {EMAIL}",
        facts={"by": NAME},
        at=now,
    )
    session.add(said)
    record(
        session,
        clock,
        EventType.RUN_STEP,
        partner_id=partner.id,
        subject=("onboarding_run", run.id),
        actor="client",
    )


# What commercial law wants kept.
BOOKS = {"billing_details"}


def test_an_erased_person_is_found_nowhere_but_in_the_books(world: World) -> None:
    words = (NAME, EMAIL, ADDRESS, AGENT, "4915112345678")
    assert {"person", "client", "event_origin", "support_message"} <= world.tables_with(*words)
    sealing = Sealing(world.database, world.clock)
    sealing.run()
    erased = world.personal.erase(EMAIL)
    assert world.tables_with(*words) == BOOKS
    assert dict(erased.kept) == {"billing_details": 1}
    assert erased.removed == {"identity": 1, "user_session": 1}
    sealing.run()
    verdict = Verifying(world.database, world.clock).verify()
    assert (verdict.broken, verdict.waiting) == (None, 0)


def test_no_bytes_of_an_erased_person_are_left_in_the_file(world: World) -> None:
    url = world.database.writer.url
    if not is_sqlite(world.database.writer):
        return  # autovacuum's
    secret = "Zoe's own words"
    with world.database.transaction(TEST) as session:
        person = session.get_one(Person, world.person.id)
        person.preferences = {"note": secret * 400}  # more than a page holds
        session.add(person)
    engine = reading_engine(url, connections=1)
    with engine.connect() as another:  # a hub that runs, so that the journal stays
        another.rollback()
        code, said = run(world, "erase", world.person.id, "--yes")
        content = b"".join(Path(f"{url.database}{end}").read_bytes() for end in ("", "-wal"))
        assert (code, "journal" in said) == (0, False)
        another.exec_driver_sql("SELECT 1 FROM person").all()
        with world.database.transaction(TEST) as session:
            factories.make_person(session)
        assert not world.database.empty_journal(patience=0)  # somebody reads what was
    engine.dispose()
    assert world.database.empty_journal()
    assert AGENT.encode() not in content
    assert secret.encode() not in content


def test_the_record_calls_an_erased_person_by_a_pseudonym_and_says_so(world: World) -> None:
    erased = world.personal.erase(world.person.id)
    with world.database.reading(TEST) as session:
        person = session.get_one(Person, world.person.id)
        told = session.exec(select(Event.type).where(Event.subject_id == person.id)).all()
        membership = session.exec(select(Membership).where(Membership.person_id == person.id)).one()
        assert (
            session.exec(select(UserSession).where(UserSession.person_id == person.id)).all() == []
        )
    assert person.name == erased.pseudonym
    assert person.email.endswith("@erased.invalid")
    assert membership.removed_at is not None
    assert {"member_removed", "person_erased"} <= set(told)


def test_the_last_owner_is_not_erased_and_nothing_of_it_is_half_done(world: World) -> None:
    with world.database.transaction(TEST) as session:
        others = select(Membership).where(Membership.person_id != world.person.id)
        for other in session.exec(others):
            other.removed_at = world.clock.now()
            session.add(other)
    before = world.dump()
    with pytest.raises(Conflict, match="last_owner"):
        world.personal.erase(EMAIL)
    assert world.dump() == before


def test_the_export_has_everything_and_no_secret(world: World) -> None:
    told = world.personal.export(EMAIL.upper())
    assert {"person", "identity", "membership", "user_session", "client", "onboarding_run"} <= set(
        told
    )
    assert {"event", "event_origin", "invitation", "template", "billing_details"} <= set(told)
    assert told["person"][0]["name"] == NAME
    assert json.loads(json.dumps(told)) == told
    secret = {"id_hash", "id_token", "salt", "token", "token_hash", "code_hash", "pin"}
    assert not [name for rows in told.values() for row in rows for name in secret & row.keys()]
    assert world.personal.export(world.client.id)["client"][0]["full_name"] == NAME
    with pytest.raises(NotFound):
        world.personal.export("nobody@example.com")


def test_a_name_in_what_was_sent_to_the_partner_goes_too(world: World) -> None:
    body = json.dumps({"client": {"contact": NAME, "email": EMAIL}}).encode()
    with world.database.transaction(TEST) as session:
        _send(session, world, body)
    world.personal.erase(EMAIL)
    with world.database.reading(TEST) as session:
        (sent,) = session.exec(select(Delivery.body)).all()
    assert EMAIL.encode() not in sent
    assert "erased" in json.loads(sent)["client"]["email"]
    assert json.loads(sent)["client"]["contact"].startswith("Erased person")


def test_the_commands_say_what_they_did(world: World) -> None:
    code, said = run(world, "export", EMAIL)
    assert (code, json.loads(said)["person"][0]["name"]) == (0, NAME)
    assert run(world, "export", "nobody@example.com") == (1, "Nobody is known by that.\n")
    code, said = run(world, "erase", EMAIL, "--yes")
    assert code == 0
    assert "Kept because the law wants the books kept: 1 × billing_details." in said


def run(world: World, *arguments: str) -> tuple[int, str]:
    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(database=world.database, hub=SimpleNamespace(clock=world.clock))

    commands = typer.Typer()
    PersonCommands(opened).add_to(commands)
    result = CliRunner().invoke(commands, ["person", *arguments])
    lines = [line for line in result.output.splitlines(True) if "[debug" not in line]
    return result.exit_code, "".join(lines)


def test_every_column_that_can_hold_a_text_is_personal_or_is_not() -> None:
    unclear = [
        f"{name}.{column.name}: {found}"
        for name, table in metadata.tables.items()
        for column in table.columns
        if isinstance(column.type, AutoString | JSON | LargeBinary)
        and len(found := columns.classes_of(name, column.name)) != 1
        and not (found == [] and columns.is_plain(column.name))
    ]
    assert unclear == []


def test_every_column_that_is_classified_is_there_and_every_own_one_is_erased() -> None:
    kinds = (columns.OWN, columns.FREE, columns.KEPT, columns.PASSING, columns.IMPERSONAL)
    named = {(table, column) for kind in kinds for table in kind for column in kind[table]}
    assert (
        named - {(t, c.name) for t in metadata.tables for c in metadata.tables[t].columns} == set()
    )
    goes = {tie.table for tie in ties.TIES if tie.goes}
    erased = {(tie.table, column) for tie in ties.TIES for column in tie.erases}
    own = {(table, column) for table in columns.OWN for column in columns.OWN[table]}
    assert {(table, column) for table, column in own if table not in goes} == erased


def _send(session: Session, world: World, body: bytes) -> None:
    now = world.clock.now()
    endpoint = WebhookEndpoint(
        partner_id=world.partner.id,
        name="e",
        url="https://a.example",
        created_at=now,
        modified_at=now,
    )
    session.add(endpoint)
    session.flush()
    session.add(
        Delivery(
            partner_id=world.partner.id,
            endpoint_id=endpoint.id,
            event_key="k",
            event="client_created",
            body=body,
            created_at=now,
            next_try_at=now + timedelta(hours=1),
        )
    )
