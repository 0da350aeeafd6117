"""Turning the vault's keys: what lies in the database is sealed anew, and the old key can go."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.at_meta import pin_context, token_context
from core.accounts.entities import Channel, WabaAccount
from core.operations.resealing import SEALED, keys_in_use, reseal
from core.partners.entities import Partner
from core.partners.platform_secret import platform_secret_context
from core.ports import Everything
from storage.database import SqlDatabase
from storage.vault import AesVault
from tests import factories

OLD = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEW = "k2:Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
SCOPE = Everything("test: resealing")
ROOT = Path(__file__).parents[2]
# Sealed for a day at the most: answers to repeated writes, codes of mails that wait.
PASSING = {"core/integration/api/writes.py", "core/onboarding/sign_up.py"}
LASTING = {
    "core/accounts/regions/service.py",
    "core/demo/plant.py",
    "core/demo/webhooks.py",
    "core/integration/outbound/endpoints.py",
    "core/integration/outbound/room.py",
    "core/integration/settings/secret.py",
    "core/onboarding/finding.py",
    "core/onboarding/popup.py",
    "core/onboarding/recovering.py",
    "core/onboarding/serving.py",
    "core/onboarding/shared_numbers.py",
    "core/operations/resealing.py",
    "core/partners/confirming.py",
}


@pytest.fixture
def sealed(database: SqlDatabase) -> None:
    """A secret, a token and a PIN under the old key."""
    vault = AesVault(OLD)
    with database.transaction(SCOPE) as session:
        number = factories.make_number(session, factories.make_partner(session))
        waba = session.get_one(WabaAccount, number.waba_account_id)
        partner = session.get_one(Partner, number.partner_id)
        waba.token = vault.seal("token", context=token_context(waba.external_id))
        number.pin = vault.seal("123456", context=pin_context(number.external_id or ""))
        context = platform_secret_context(partner.id)
        partner.platform_secret = vault.seal("platform", context=context)


def test_the_old_key_can_go_once_everything_is_sealed_anew(
    database: SqlDatabase, sealed: None
) -> None:
    told = reseal(database, AesVault(f"{NEW},{OLD}"))
    assert (told.done, told.lost) == (3, 0)
    assert keys_in_use(database) == {"k2"}
    only_new = AesVault(NEW)
    with database.reading(SCOPE) as session:
        number = session.exec(select(Channel)).one()
        assert only_new.open(number.pin, context=pin_context(number.external_id or "")) == "123456"
    assert reseal(database, only_new).done == 0


def test_ids_that_differ_by_a_sign_or_a_capital_are_two(
    database: SqlDatabase, sealed: None
) -> None:
    like_it = NEW.replace("k2", "K1"), NEW.replace("k2", "k_1"), NEW.replace("k2", "k-1")
    before = OLD
    for key in like_it:
        assert reseal(database, AesVault(f"{key},{before}")).done == 3
        assert keys_in_use(database) == {key.partition(":")[0]}
        before = key


def test_what_no_key_opens_is_counted_and_left(database: SqlDatabase, sealed: None) -> None:
    told = reseal(database, AesVault(NEW))
    assert (told.done, told.lost) == (0, 3)
    assert keys_in_use(database) == {"k1"}


def test_every_place_that_seals_is_known_here() -> None:
    """A new one is added to SEALED, or is gone within a day."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "core").rglob("*.py")
        if ".seal(" in path.read_text("utf-8")
    }
    assert found == LASTING | PASSING
    assert len(SEALED) == 9
