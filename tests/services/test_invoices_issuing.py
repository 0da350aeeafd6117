"""Issuing: once per key, numbered without gaps, fixed for good, followed by file, mail, charge."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core.billing.invoices.details import DetailsForm
from core.billing.invoices.drafts import DraftLine, LineKind
from core.billing.invoices.entities import MAY_CHANGE, Invoice
from core.billing.invoices.statuses import InvoiceStatus
from core.clock import FixedClock
from core.errors import Conflict, NotFound
from core.events import EventType
from storage.database import SqlDatabase
from storage.tenancy import vetted
from tests.services.invoices_world import ALL, World, build, eur

FORM = DetailsForm(
    legal_name="Acme GmbH",
    email="Rechnung@acme.example",
    address="Weg 1",
    postal_code="20095",
    city="Hamburg",
    country="DE",
)


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def test_a_top_up_is_invoiced_with_fee_and_vat_and_paid(world: World) -> None:
    invoice = world.top_up("100", "t1")
    amounts = (invoice.net_micros, invoice.tax_micros, invoice.gross_micros, invoice.payable_micros)
    assert amounts == (104_000_000, 19_760_000, 123_760_000, 0)
    assert (invoice.number, invoice.status) == ("2026-000001", "paid")
    assert world.told() == [EventType.INVOICE_ISSUED, EventType.INVOICE_PAID]
    world.jobs.drain()
    assert world.collected == []


def test_the_same_key_is_the_same_invoice(world: World) -> None:
    first = world.top_up("100", "t1")
    again = world.top_up("999", "t1")
    assert (again.id, again.gross_micros) == (first.id, first.gross_micros)
    assert world.top_up("100", "t2").number == "2026-000002"


def test_what_is_shown_is_what_is_charged(world: World) -> None:
    draft = world.top_up_draft("33.33", "t1")
    shown = world.act(lambda session: world.invoices.issuing.preview(session, draft))
    assert world.all() == []
    # The buyer moves abroad between the quote and the charge: the quote stands.
    world.invoices.save_details(world.who, DetailsForm(**_form(country="CH", vat_id="")))
    values = {"fixed": shown.fixed, "gross": shown.totals.gross}
    invoice = world.top_up("33.33", "t1", **values)
    assert invoice.gross_micros == shown.totals.gross.micros
    with pytest.raises(Conflict, match="amount_changed"):
        world.top_up("33.33", "t2", gross=shown.totals.gross)


def test_details_count_from_the_next_invoice_on(world: World) -> None:
    before = world.top_up("100", "t1")
    world.invoices.save_details(world.who, FORM)
    after = world.top_up("100", "t2")
    assert [before.buyer_name, after.buyer_name] == ["Acme", "Acme GmbH"]
    assert world.now(before).buyer["legal_name"] == "Acme"
    assert after.buyer["city"] == "Hamburg"


def test_a_refused_invoice_gives_its_number_back(world: World) -> None:
    world.top_up("1", "t1")

    def issue_and_fail(session: Session) -> None:
        world.invoices.issuing.issue(session, world.top_up_draft("1", "t2"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.act(issue_and_fail)
    assert world.top_up("1", "t3").number == "2026-000002"


def test_each_year_counts_from_one(world: World) -> None:
    world.top_up("1", "t1")
    world.clock.advance(datetime(2027, 1, 1, tzinfo=UTC) - world.clock.now())
    assert world.top_up("1", "t2").number == "2027-000001"


def test_numbers_are_gapless_with_many_at_once(world: World) -> None:
    """Four threads, some transactions rolled back, some keys told by two of them."""
    failed: list[BaseException] = []

    def issue(thread: int) -> None:
        for number in range(12):
            key = f"shared-{number}" if number % 3 == 0 else f"{thread}-{number}"
            try:
                with world.database.transaction(ALL) as session:
                    world.invoices.issuing.issue(session, world.top_up_draft("1", key))
                    if number % 4 == 1:
                        raise NotFound
            except NotFound:
                continue
            except BaseException as error:
                failed.append(error)
                raise

    threads = [threading.Thread(target=issue, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    numbers = [invoice.number for invoice in world.all()]
    # Per thread 12 keys: 4 shared, of which one is always rolled back, and 8 own less 2.
    assert len(numbers) == 3 + 4 * 6
    assert numbers == [f"2026-{number:06}" for number in range(1, len(numbers) + 1)]


@pytest.mark.slow
def test_a_process_that_is_killed_takes_no_number_with_it(world: World, migrated_url: str) -> None:
    # The other process knows the machine's time only.
    world.clock.advance(datetime.now(UTC) - world.clock.now())
    first = world.top_up("1", "t1").number
    program = [sys.executable, "-m", "tests.services.invoices_program"]
    with subprocess.Popen(
        [*program, migrated_url, world.payer.partner_id],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = next(line for line in process.stdout if line.startswith("number "))
        process.kill()
    taken = told.split()[1]
    assert taken == first[:-1] + "2"
    assert world.top_up("1", "t2").number == taken
    assert [invoice.key for invoice in world.all()] == ["t1", "t2"]


def test_an_issued_invoice_is_never_changed(world: World) -> None:
    invoice = world.top_up("100", "t1")
    columns = [column.key for column in inspect(Invoice).column_attrs]
    assert set(columns) >= MAY_CHANGE
    for name in columns:
        statement = vetted(text(f"UPDATE invoice SET {name} = {name}"))  # noqa: S608
        if name in MAY_CHANGE:
            with world.database.transaction(ALL) as session:
                session.execute(statement)
            continue
        with pytest.raises(DBAPIError), world.database.transaction(ALL) as session:
            session.execute(statement)
    for statement in ("DELETE FROM invoice", "UPDATE invoice_line SET net_micros = 0"):
        with pytest.raises(DBAPIError), world.database.transaction(ALL) as session:
            session.execute(vetted(text(statement)))
    assert world.now(invoice).gross_micros == invoice.gross_micros


def test_a_credit_note_takes_the_whole_invoice_back(world: World) -> None:
    invoice = world.plan()
    world.invoices.save_details(world.who, FORM)

    def credit(key: str) -> Invoice:
        changing = world.invoices.changing
        note: Invoice = world.act(lambda s: changing.credit(s, invoice.id, key, "wrong plan"))
        return note

    note = credit("c1")
    assert (note.number, note.status) == ("2026-000002", "credit_note")
    assert (note.gross_micros, note.buyer) == (invoice.gross_micros, invoice.buyer)
    assert world.now(invoice).status == InvoiceStatus.VOID
    assert credit("c1").id == note.id
    with pytest.raises(Conflict, match="invoice_status"):
        credit("c2")
    with pytest.raises(Conflict, match="invoice_status"):
        world.act(lambda s: world.invoices.changing.mark_paid(s, invoice.id, "p1"))
    world.jobs.drain()
    assert EventType.CREDIT_NOTE_ISSUED in world.told()
    view = world.invoices.invoice(world.who, invoice.id)
    assert [credited.id for credited in view.credit_notes] == [note.id]


def test_no_more_is_credited_than_was_invoiced(world: World) -> None:
    invoice = world.top_up("100", "t1")

    def give_back(amount: str, key: str) -> Invoice:
        line = DraftLine(kind=LineKind.CREDIT, description="Refund", net=eur(amount))
        changing = world.invoices.changing
        note: Invoice = world.act(
            lambda s: changing.credit_part(s, invoice.id, key, [line], "refund")
        )
        return note

    assert give_back("60", "r1").gross_micros == 71_400_000
    assert give_back("60", "r1").number == "2026-000002"
    with pytest.raises(Conflict, match="credited_too_much"):
        give_back("60", "r2")
    assert give_back("40", "r3").number == "2026-000003"
    assert world.now(invoice).status == InvoiceStatus.PAID
    with pytest.raises(Conflict, match="credited_in_part"):
        world.act(lambda s: world.invoices.changing.credit(s, invoice.id, "c", "all"))


def test_a_paid_invoice_is_paid_once(world: World) -> None:
    invoice = world.plan()
    world.jobs.drain()
    assert world.collected == [invoice.id]
    pay = world.invoices.changing.mark_paid
    assert world.act(lambda s: pay(s, invoice.id, "p1"))
    assert not world.act(lambda s: pay(s, invoice.id, "p1"))
    with pytest.raises(Conflict):
        world.act(lambda s: pay(s, invoice.id, "p2"))
    assert world.now(invoice).payment_id == "p1"
    assert world.told().count(EventType.INVOICE_PAID) == 1


def test_the_file_is_drawn_and_mailed_once(world: World) -> None:
    invoice = world.top_up("100", "t1")
    with pytest.raises(Conflict, match="invoice_file_pending"):
        world.invoices.pdf(world.who, invoice.id)
    world.jobs.drain()
    file = world.invoices.pdf(world.who, invoice.id)
    assert (file.name, file.content) == ("invoice-2026-000001.pdf", b"%PDF 2026-000001 12376")
    (mail,) = world.mailer.mails
    assert [a.content for a in mail.attachments] == [file.content]
    assert "2026-000001" in mail.subject
    assert "€123.76" in mail.subject
    world.invoices.files.work(_Steps(), world.payer.partner_id, invoice.id)
    world.jobs.drain()
    assert len(world.mailer.mails) == 1


def test_a_mail_waits_for_the_mail_server(world: World) -> None:
    world.mailer.down = True
    world.top_up("100", "t1")
    world.jobs.drain()
    assert world.mailer.mails == []
    delays = [job.delay for job in world.jobs.done if job.name == "invoice_mail"]
    assert delays == [0, 30.0, 300.0, 1800.0, 7200.0, 28800.0, 43200.0]


def test_a_client_that_pays_itself_is_written_to_in_its_language(world: World) -> None:
    world.top_up("100", "t1", payer=world.client)
    world.jobs.drain()
    (mail,) = world.mailer.mails
    assert mail.subject.startswith("Rechnung 2026-000001")
    assert "/pay/" in mail.button_url  # its own page: it has no dashboard
    assert mail.to.endswith("@example.com")


def test_an_invoice_over_less_than_nothing_is_refused(world: World) -> None:
    line = DraftLine(kind=LineKind.CORRECTION, description="Back", net=eur("-1"))
    with pytest.raises(Conflict, match="negative_invoice"):
        world.plan(lines=(line,))


def _form(**values: str) -> dict[str, str]:
    names = ("legal_name", "email", "address", "postal_code", "city", "country", "vat_id")
    return {name: getattr(FORM, name) for name in names} | values


class _Steps:
    def run(self, _name: str, step, *args):  # type: ignore[no-untyped-def]
        return step(*args)

    def sleep(self, _seconds: float) -> None:
        raise AssertionError
