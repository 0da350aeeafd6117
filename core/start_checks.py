"""With what the hub does not start, one sentence per setting; secrets are never shown.

Some settings it cannot work with at all; others are good for the sandbox and not for real use.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.settings import Settings
from core.smtp_url import read_smtp_url
from core.vault_keys import read_vault_keys

_PLACEHOLDERS = ("changeme", "placeholder", "secret", "example", "xxx", "sandbox", "todo")
_SECRET_LENGTH = 16  # characters; shorter ones can be tried out
# Chance writes "xxx" into one of 150 long tokens; nobody types so long a placeholder.
_LONGEST_PLACEHOLDER = 60
_STRIPE_TEST_KEYS = ("sk_test_", "rk_test_")


def missing_secrets(settings: Settings) -> list[str]:
    """Names of settings without which the hub cannot run in any mode."""
    needed = {
        "HUB_SECRET_KEY": settings.secret_key.get_secret_value(),
        "HUB_VAULT_KEYS": settings.vault_keys.get_secret_value(),
        "HUB_OIDC_CLIENT_SECRET": settings.oidc_client_secret.get_secret_value(),
        "HUB_META_APP_ID": settings.meta_app_id,
        "HUB_META_APP_SECRET": settings.meta_app_secret.get_secret_value(),
        "HUB_META_CONFIG_ID": settings.meta_config_id,
        "HUB_META_VERIFY_TOKEN": settings.meta_verify_token.get_secret_value(),
        "HUB_META_SYSTEM_USER_TOKEN": settings.meta_system_user_token.get_secret_value(),
        "HUB_META_BUSINESS_ID": settings.meta_business_id,
        "HUB_STRIPE_SECRET_KEY": settings.stripe_secret_key.get_secret_value(),
        "HUB_STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secret.get_secret_value(),
    }
    return [name for name, value in needed.items() if not value]


def start_faults(settings: Settings) -> list[str]:
    """One sentence per setting with which the hub cannot start; empty when it may."""
    missing = [f"{name} is missing" for name in missing_secrets(settings)]
    return missing + _unusable(settings) + production_faults(settings)


def production_faults(settings: Settings) -> list[str]:
    """One sentence per setting that may not be used for real; empty when the hub may start."""
    if settings.mode != "production":
        return []
    faults = [f"{name} is a placeholder" for name in _placeholder_secrets(settings)]
    faults += [
        f"{name} must be an https address that is not this machine, not {url!r}"
        for name, url in _outside_urls(settings).items()
        if not _is_real(url)
    ]
    if settings.stripe_secret_key.get_secret_value().startswith(_STRIPE_TEST_KEYS):
        faults.append("HUB_STRIPE_SECRET_KEY is a test key: no money would move")
    faults += _seller_faults(settings) + _mail_faults(settings)
    if settings.outgoing_allow:
        faults.append("HUB_OUTGOING_ALLOW lets webhooks in at this machine: for the sandbox only")
    if settings.clock_url:
        faults.append("HUB_CLOCK_URL moves time and is for the sandbox only")
    return faults


def _unusable(settings: Settings) -> list[str]:
    """What has not the form that the hub can read; told here, not by a traceback later."""
    faults = []
    try:
        read_smtp_url(settings.smtp_url.get_secret_value())
    except ValueError as error:
        faults.append(str(error))
    for network in settings.metrics_networks:
        try:
            ip_network(network, strict=False)
        except ValueError:
            faults.append(f"HUB_METRICS_NETWORKS: {network!r} is no network")
    if keys := settings.vault_keys.get_secret_value():
        try:
            read_vault_keys(keys)
        except ValueError as error:
            faults.append(str(error))
    return faults


def _mail_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.smtp_url == Settings.model_fields["smtp_url"].default:
        faults.append("HUB_SMTP_URL is the sandbox's mail server")
    if _is_example(settings, "mail_from"):
        faults.append("HUB_MAIL_FROM is an example")
    return faults


def _seller_faults(settings: Settings) -> list[str]:
    faults = [
        f"HUB_{name.upper()} is an example"
        for name in ("seller_name", "seller_vat_id", "seller_email", "seller_registration")
        if _is_example(settings, name)
    ]
    if not (settings.seller_vat_id or settings.seller_tax_number):
        faults.append("HUB_SELLER_VAT_ID or HUB_SELLER_TAX_NUMBER is needed on every invoice")
    return faults


def _is_example(settings: Settings, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value) and value == Settings.model_fields[name].default


def _outside_urls(settings: Settings) -> dict[str, str]:
    urls = {
        "HUB_BASE_URL": settings.base_url,
        "HUB_OIDC_ISSUER": settings.oidc_issuer,
        "HUB_META_GRAPH_BASE": settings.meta_graph_base,
        "HUB_META_DIALOG_BASE": settings.meta_dialog_base,
        "HUB_META_SDK_URL": settings.meta_sdk_url,
        "HUB_STRIPE_API_BASE": settings.stripe_api_base,
        "HUB_VIES_BASE": settings.vies,
    }
    origins = {
        f"HUB_META_MESSAGE_ORIGINS[{i}]": origin
        for i, origin in enumerate(settings.meta_message_origins)
    }
    return urls | origins


def _is_real(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and not _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    """Also in the spellings that browsers and resolvers take for it."""
    name = host.removesuffix(".")
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _placeholder_secrets(settings: Settings) -> list[str]:
    secrets = {
        "HUB_SECRET_KEY": settings.secret_key,
        "HUB_VAULT_KEYS": settings.vault_keys,
        "HUB_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
        "HUB_META_APP_SECRET": settings.meta_app_secret,
        "HUB_META_VERIFY_TOKEN": settings.meta_verify_token,
        "HUB_META_SYSTEM_USER_TOKEN": settings.meta_system_user_token,
        "HUB_STRIPE_SECRET_KEY": settings.stripe_secret_key,
        "HUB_STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secret,
        "HUB_METRICS_TOKEN": settings.metrics_token,
    }
    return [name for name, value in secrets.items() if _looks_placeholder(value)]


def _looks_placeholder(value: SecretStr) -> bool:
    text = value.get_secret_value().lower()
    if len(text) > _LONGEST_PLACEHOLDER:
        return False
    return bool(text) and (
        len(text) < _SECRET_LENGTH or any(word in text for word in _PLACEHOLDERS)
    )
