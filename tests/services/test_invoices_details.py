"""Billing details: each fault at its field, the VAT ID checked, reverse charge only when valid."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from core.billing.invoices.details import DetailsForm, read_vat_id
from core.billing.invoices.entities import BillingDetails
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput
from core.partners.entities import Membership, Role
from storage.database import SqlDatabase
from tests.services.invoices_world import ALL, World, build

FR, AT, DE = "FR40303265045", "ATU57194903", "DE136695976"


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock)


def form(**values: str) -> DetailsForm:
    given = {
        "legal_name": "Acme SARL",
        "email": "Compta@acme.example",
        "address": "Rue 1\n2e étage",
        "postal_code": "75001",
        "city": "Paris",
        "country": "FR",
        "vat_id": FR,
    }
    return DetailsForm(**given | values)


def save(world: World, **values: str) -> BillingDetails:
    return world.invoices.save_details(world.who, form(**values))


FAULTS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"legal_name": " \n "}, {"legal_name": "needed"}),
    ({"legal_name": "x" * 201}, {"legal_name": "too_long"}),
    ({"email": "nobody"}, {"email": "not_an_address"}),
    ({"email": " "}, {"email": "needed"}),
    ({"address": "", "city": "\t"}, {"address": "needed", "city": "needed"}),
    ({"country": "ZZ"}, {"country": "unknown_country"}),
    ({"country": ""}, {"country": "needed"}),
    ({"vat_id": "FR40303265046"}, {"vat_id": "vat_checksum"}),
    ({"vat_id": "FR1"}, {"vat_id": "vat_format"}),
    ({"vat_id": "FR40303265045é"}, {"vat_id": "vat_format"}),
    ({"vat_id": "DE136695976"}, {"vat_id": "vat_country"}),
    (
        {"email": "x", "vat_id": "FR1", "city": ""},
        {"email": "not_an_address", "city": "needed", "vat_id": "vat_format"},
    ),
]


@pytest.mark.parametrize(("values", "faults"), FAULTS)
def test_each_fault_is_named_at_its_field(
    world: World, values: dict[str, str], faults: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(world, **values)
    assert refused.value.about["faults"] == faults
    assert world.invoices.details(world.who) is None


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("fr 40 303 265 045", "FR", FR),
        ("40303265045", "FR", FR),
        ("EL 094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("ATU 57194903", "AT", AT),
        ("CHE-123.456.788 MWST", "CH", "CHE-123.456.788MWST"),
    ],
)
def test_a_vat_id_is_read_as_people_write_it(text: str, country: str, kept: str) -> None:
    assert read_vat_id(text, country) == (kept, "")


def test_details_are_kept_clean(world: World) -> None:
    kept = save(world)
    assert (kept.email, kept.address) == ("compta@acme.example", "Rue 1\n2e étage")


def rate(world: World, key: str) -> tuple[str, int]:
    invoice = world.top_up("100", key)
    return invoice.tax["category"], invoice.tax_micros


def test_reverse_charge_needs_the_registers_yes(world: World) -> None:
    assert rate(world, "before") == ("S", 19_760_000)
    world.register.registered = {FR}
    assert save(world).vat_state == "unknown"
    assert rate(world, "unchecked") == ("S", 19_760_000)
    world.jobs.drain()
    details = world.invoices.details(world.who)
    assert details is not None
    assert (details.vat_state, details.vat_source) == ("valid", "vies")
    assert details.vat_checked_at == world.clock.now()
    assert rate(world, "valid") == ("AE", 0)


def test_an_id_that_nobody_has_is_none(world: World) -> None:
    save(world)
    world.jobs.drain()
    invoice = world.top_up("100", "t")
    assert (invoice.tax["category"], invoice.buyer.get("vat_id", "")) == ("S", "")


# seller's country is DE: buyer's country, VAT ID, known to the register -> category, tax on 104.00
MATRIX: list[tuple[str, str, bool, str, int]] = [
    ("DE", "", False, "S", 19_760_000),
    ("DE", DE, True, "S", 19_760_000),
    ("FR", "", False, "S", 19_760_000),
    ("FR", FR, False, "S", 19_760_000),
    ("FR", FR, True, "AE", 0),
    ("AT", AT, True, "AE", 0),
    ("CH", "", False, "O", 0),
    ("GB", "GB980780684", False, "O", 0),
    ("US", "", False, "O", 0),
]


@pytest.mark.parametrize("case", MATRIX, ids=lambda case: "-".join(map(str, case[:3])))
def test_vat_follows_country_and_checked_id(
    world: World, case: tuple[str, str, bool, str, int]
) -> None:
    country, vat_id, is_registered, category, tax = case
    world.register.registered = {vat_id} if is_registered else set()
    save(world, country=country, vat_id=vat_id)
    world.jobs.drain()
    assert rate(world, "t") == (category, tax)
    if country in ("CH", "GB", "US"):
        assert world.register.asked == []


def test_while_the_register_is_silent_what_was_known_stays(world: World) -> None:
    world.register.registered = {FR}
    save(world)
    world.jobs.drain()
    world.register.down = True
    save(world, city="Lyon")
    world.jobs.drain()
    details = world.invoices.details(world.who)
    assert details is not None
    assert (details.city, details.vat_state) == ("Lyon", "valid")
    save(world, country="AT", vat_id=AT)
    world.jobs.drain()
    details = world.invoices.details(world.who)
    assert details is not None
    assert details.vat_state == "unknown"
    delays = [job.delay for job in world.jobs.done if job.name == "vat_check"]
    assert delays == [0, 0, 60, 600, 3600, 14400, 43200, 86400, 86400]


def test_an_answer_about_an_id_that_was_replaced_changes_nothing(world: World) -> None:
    world.register.registered = {FR}
    save(world)
    save(world, country="AT", vat_id=AT)
    world.jobs.drain()
    details = world.invoices.details(world.who)
    assert details is not None
    assert (details.vat_id, details.vat_state) == (AT, "invalid")


def test_every_version_is_kept_and_the_same_form_makes_none(world: World) -> None:
    save(world)
    save(world)
    save(world, city="Lyon")
    with world.database.reading(ALL) as session:
        rows: list[Any] = list(session.exec(select(BillingDetails.city)))
    assert rows == ["Paris", "Lyon"]


def test_a_member_sees_and_changes_nothing(world: World) -> None:
    demoted = world.who
    with world.database.transaction(ALL) as session:
        membership = session.exec(
            select(Membership).where(Membership.person_id == demoted.person_id)
        ).one()
        membership.role = Role.MEMBER.value
    with pytest.raises(Forbidden):
        save(world)
    with pytest.raises(Forbidden):
        world.invoices.details(world.who)
