"""What the hub refuses to start with."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.first_start import ensure_secrets, load_settings
from core.settings import Settings
from core.start_checks import production_faults, start_faults

REAL = {
    "mode": "production",
    "base_url": "https://hub.partner-provider.com",
    "oidc_issuer": "https://id.partner-provider.com",
    "meta_graph_base": "https://graph.facebook.com",
    "meta_dialog_base": "https://www.facebook.com",
    "meta_sdk_url": "https://connect.facebook.net/en_US/sdk.js",
    "meta_message_origins": ["https://www.facebook.com"],
    "secret_key": "k2j5h2g45jh2g45jh2g45jh2g4",
    "vault_keys": "k1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
    "oidc_client_secret": "9d8f7g98d7fg98d7fg98df",
    "meta_app_id": "123456789012345",
    "meta_app_secret": "0123456789abcdef0123456789abcdef",
    "meta_config_id": "123456789012345",
    "meta_verify_token": "lkj34l5kj345lkj345",
    "meta_system_user_token": "EAAG7d8f7g98d7fg98d7fg",
    "meta_business_id": "123456789012345",
    "smtp_url": "smtps://hub:9d8f7g98d7fg@mail.partner-provider.com",
    "mail_from": "Nachrichten Nord <hub@nachrichten-nord.de>",
    "stripe_secret_key": "rk_live_51Hh2g45jh2g45jh2",
    "stripe_webhook_secret": "whsec_7d8f7g98d7fg98d7fg",
    "seller_name": "Nachrichten Nord GmbH",
    "seller_vat_id": "DE111111125",
    "seller_email": "rechnung@nachrichten-nord.de",
    "seller_registration": "Amtsgericht Kiel, HRB 4711",
}


def settings(**changes: object) -> Settings:
    return Settings(_env_file=None, **(REAL | changes))  # type: ignore[arg-type]


def test_operators_read_of_every_setting_and_of_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operators" / "settings.md").read_text("utf-8")
    told = set(re.findall(r"HUB_[A-Z_]+", page))
    assert told == {f"HUB_{name.upper()}" for name in Settings.model_fields}


def test_real_settings_start() -> None:
    assert start_faults(settings()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 0),
        ("port", 99_999),
        ("database_url", "mysql://hub@db/hub"),
        ("database_url", "var/hub.sqlite3"),
    ],
)
def test_what_cannot_work_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**{name: value})
    assert [fault["loc"] for fault in refused.value.errors()] == [(name,)]


@pytest.mark.parametrize(
    "url",
    ["", "sqlite:////var/hub.sqlite3", "postgresql://hub:x@db/hub", "postgresql+psycopg://db/hub"],
)
def test_both_databases_are_taken(url: str) -> None:
    assert settings(database_url=url).database_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "http://hub.partner-provider.com"),
        ("base_url", "https://localhost"),
        ("base_url", "https://hub.localhost."),
        ("base_url", "https://127.8.8.8"),
        ("base_url", "https://0.0.0.0"),
        ("oidc_issuer", "http://localhost:8083/identity"),
        ("meta_graph_base", "http://localhost:8083"),
        ("meta_dialog_base", "https://127.0.0.1"),
        ("meta_sdk_url", "http://localhost:8083/sdk.js"),
        ("meta_message_origins", ["https://www.facebook.com", "http://localhost:8083"]),
        ("secret_key", "changeme-changeme-changeme"),
        ("secret_key", "short"),
        ("meta_app_secret", "placeholder0123456789"),
        ("meta_system_user_token", "changeme-changeme-changeme"),
        ("smtp_url", "smtp://localhost:8025"),
        ("mail_from", "Partner Hub <hub@localhost>"),
        ("stripe_secret_key", "sk_test_51Hh2g45jh2g45jh2"),
        ("stripe_secret_key", "changeme-changeme-changeme"),
        ("stripe_webhook_secret", "short"),
        ("stripe_api_base", "http://localhost:8083"),
        ("clock_url", "http://localhost:8083/control/clock"),
        ("outgoing_allow", ["localhost"]),
        ("vies_base", "http://localhost:8083/vies"),
        ("seller_name", "Example Messaging GmbH"),
        ("seller_email", "billing@example.com"),
        ("seller_vat_id", ""),
    ],
)
def test_each_setting_that_is_not_real_is_named(name: str, value: object) -> None:
    (fault,) = production_faults(settings(**{name: value}))
    assert fault.startswith(f"HUB_{name.upper()}")


@pytest.mark.parametrize(
    "name",
    [
        "secret_key",
        "vault_keys",
        "meta_app_id",
        "meta_verify_token",
        "meta_system_user_token",
        "meta_business_id",
        "stripe_secret_key",
        "stripe_webhook_secret",
    ],
)
def test_a_missing_secret_is_named(name: str) -> None:
    assert start_faults(settings(**{name: ""})) == [f"HUB_{name.upper()} is missing"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vault_keys", "k1:no-key-at-all-but-long-enough"),
        ("vault_keys", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="),
        ("smtp_url", "http://mail.partner-provider.com"),
        ("smtp_url", "smtp://hub:9d8f7g98d7fg@mail.partner-provider.com"),
    ],
)
def test_what_the_hub_could_not_work_with_is_named_and_not_shown(name: str, value: str) -> None:
    (fault,) = start_faults(settings(**{name: value}))
    assert fault.startswith(f"HUB_{name.upper()}")
    assert value not in fault
    assert "9d8f7g98d7fg" not in fault


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    path = ensure_secrets(tmp_path / "var")
    first = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_secrets(tmp_path / "var").read_text() == first
    assert start_faults(Settings(_env_file=path)) == []


def test_a_secret_that_was_invented_later_is_made_up_and_the_others_stay(tmp_path: Path) -> None:
    path = ensure_secrets(tmp_path)
    lines = path.read_text().splitlines(keepends=True)
    older = "".join(line for line in lines if not line.startswith("HUB_STRIPE_"))
    path.write_text(older)
    completed = ensure_secrets(tmp_path).read_text()
    assert completed.startswith(older)
    assert completed.count("HUB_STRIPE_") == 2


@pytest.mark.parametrize(
    ("mode", "base"),
    [("sandbox", "http://localhost:8083"), ("production", "https://api.stripe.com")],
)
def test_cards_are_charged_by_the_sandbox_or_for_real(mode: str, base: str) -> None:
    assert Settings(_env_file=None, mode=mode).stripe_api_base == base  # type: ignore[arg-type]


def test_a_first_start_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load_settings()
    assert start_faults(loaded) == []
    assert loaded.clock_url == "http://localhost:8083/control/clock"
