"""The demo world: planted once, every state in it, told as QA's programs expect."""

from __future__ import annotations

import base64

from sqlmodel import select

from core.accounts.entities import Channel
from core.accounts.states import State
from core.clock import FixedClock
from core.demo.outside import sandbox_seed
from core.demo.plant import plant
from core.demo.telling import demo_object
from core.ports import Everything
from core.settings import Settings
from storage.database import SqlDatabase
from storage.vault import AesVault

VAULT = AesVault("k1:" + base64.urlsafe_b64encode(bytes(32)).decode())
ISSUER = "http://localhost:8083/identity"


def planted(database: SqlDatabase, clock: FixedClock) -> bool:
    return plant(database, clock, VAULT, issuer=ISSUER, redirect="http://localhost:8083/x")


def test_it_is_planted_once(database: SqlDatabase, clock: FixedClock) -> None:
    assert planted(database, clock)
    assert not planted(database, clock)


def test_it_is_told_as_programs_expect(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    world = demo_object(database, Settings(_env_file=None))
    acme, beta = world["partners"]
    assert (acme["name"], acme["billing_model"]) == ("Acme Messaging", "partner_paid")
    assert (beta["name"], beta["billing_model"]) == ("Beta Connect", "direct_paid")
    assert (len(acme["channels"]), len(beta["channels"])) == (24, 6)
    assert acme["owner_email"] == "ada@acme.example"
    assert acme["member_email"] == "ben@acme.example"
    assert beta["owner_email"] == "carla@beta.example"
    assert world["staff_email"] == "sam@hub.example"


def test_acmes_numbers_stand_in_every_state(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    with database.reading(Everything("test")) as session:
        channels = session.exec(select(Channel).where(Channel.partner_id == "AcmeMsPA")).all()
    assert {channel.state for channel in channels} == {state.value for state in State}


def test_meta_outside_knows_the_same_numbers(database: SqlDatabase, clock: FixedClock) -> None:
    planted(database, clock)
    outside = {number["id"] for waba in sandbox_seed()["wabas"] for number in waba["phone_numbers"]}
    with database.reading(Everything("test")) as session:
        assert {channel.external_id for channel in session.exec(select(Channel))} == outside
