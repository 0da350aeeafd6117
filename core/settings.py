"""Every setting of the hub in one typed class, read from `HUB_*` (environment or `.env`).

Only base URLs, keys and secrets differ between the sandbox and production; `production_faults`
says which of them may not be used for real, and the hub does not start while there are any.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PLACEHOLDERS = ("changeme", "placeholder", "secret", "example", "xxx", "sandbox", "todo")
_SECRET_LENGTH = 16  # characters; shorter ones can be tried out
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Explained by name in `docs/operators/settings.md`; durations in seconds or ISO 8601."""

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    mode: Literal["sandbox", "production"] = "sandbox"
    name: str = "Partner Hub"
    base_url: str = ""  # empty: this machine and `port`
    host: str = ""  # bind address; empty: loopback in sandbox mode, all addresses in production
    port: int = 8082
    allowed_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    trusted_proxies: list[str] = []
    var_dir: Path = Path("var")
    database_url: str = ""  # empty: SQLite under var_dir

    # Secrets: 32 bytes or more; `make run` writes them once to var/secrets.env.
    secret_key: SecretStr = SecretStr("")  # signs nothing of worth, seeds CSRF and NiceGUI storage
    vault_keys: SecretStr = SecretStr("")  # "id:base64key[,id:base64key]", the first one encrypts

    oidc_issuer: str = "http://localhost:8083/identity"
    oidc_client_id: str = "partner-hub"
    oidc_client_secret: SecretStr = SecretStr("")

    meta_graph_base: str = "http://localhost:8083"
    meta_dialog_base: str = "http://localhost:8083"
    meta_sdk_url: str = "http://localhost:8083/sdk.js"
    meta_message_origins: list[str] = ["http://localhost:8083"]
    meta_api_version: str = "v26.0"
    meta_app_id: str = ""
    meta_app_secret: SecretStr = SecretStr("")
    meta_config_id: str = ""
    meta_verify_token: SecretStr = SecretStr("")
    meta_system_user_token: SecretStr = SecretStr("")
    meta_business_id: str = ""

    smtp_url: SecretStr = SecretStr("smtp://localhost:8025")
    mail_from: str = "Partner Hub <hub@localhost>"

    # A movable clock outside the hub (the sandbox's); empty: the machine's own time.
    clock_url: str = ""

    # Ten minutes: long enough for a password manager and a second factor, short for a stolen link.
    login_lifetime: timedelta = timedelta(minutes=10)
    session_idle: timedelta = timedelta(hours=12)
    session_lifetime: timedelta = timedelta(days=14)
    invitation_lifetime: timedelta = timedelta(days=7)
    onboarding_code_lifetime: timedelta = timedelta(minutes=15)
    onboarding_link_lifetime: timedelta = timedelta(days=30)
    # Two weeks outlast a holiday; the mailed link, good for longer, still brings the run back.
    onboarding_put_aside_after: timedelta = timedelta(days=14)
    # Contract: an IO signature is good for ten minutes.
    io_signature_lifetime: timedelta = timedelta(minutes=10)

    worker_slots: int = Field(default=1, ge=1, le=64)
    database_threads: int = Field(default=16, ge=2, le=128)
    # Pushes to one partner's open pages per second at the most (performance.md rule 4: 4 to 10).
    pushes_per_second: int = Field(default=8, ge=1, le=50)

    @model_validator(mode="after")
    def _know_own_address(self) -> Self:
        self.base_url = self.base_url.rstrip("/") or f"http://localhost:{self.port}"
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        if self.database_url.startswith("postgresql://"):
            return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        return self.database_url or f"sqlite:///{self.var_dir / 'hub.sqlite3'}"

    @property
    def bind_host(self) -> str:
        return self.host or ("127.0.0.1" if self.mode == "sandbox" else "0.0.0.0")  # noqa: S104

    @property
    def is_sandbox(self) -> bool:
        """True where the red banner and the demo data belong; nothing else may ask."""
        return self.mode == "sandbox"

    @property
    def secure_cookies(self) -> bool:
        """`__Host-` cookies need https; on http://localhost the browser would drop them."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port under which browsers reach the hub."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


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
    }
    return [name for name, value in needed.items() if not value]


def start_faults(settings: Settings) -> list[str]:
    """One sentence per setting with which the hub cannot start; empty when it may."""
    missing = [f"{name} is missing" for name in missing_secrets(settings)]
    return missing + production_faults(settings)


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
    if settings.clock_url:
        faults.append("HUB_CLOCK_URL moves time and is for the sandbox only")
    return faults


def _outside_urls(settings: Settings) -> dict[str, str]:
    urls = {
        "HUB_BASE_URL": settings.base_url,
        "HUB_OIDC_ISSUER": settings.oidc_issuer,
        "HUB_META_GRAPH_BASE": settings.meta_graph_base,
        "HUB_META_DIALOG_BASE": settings.meta_dialog_base,
        "HUB_META_SDK_URL": settings.meta_sdk_url,
    }
    origins = {
        f"HUB_META_MESSAGE_ORIGINS[{i}]": origin
        for i, origin in enumerate(settings.meta_message_origins)
    }
    return urls | origins


def _is_real(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "https" and bool(host) and host not in _LOOPBACK


def _placeholder_secrets(settings: Settings) -> list[str]:
    secrets = {
        "HUB_SECRET_KEY": settings.secret_key,
        "HUB_VAULT_KEYS": settings.vault_keys,
        "HUB_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
        "HUB_META_APP_SECRET": settings.meta_app_secret,
        "HUB_META_VERIFY_TOKEN": settings.meta_verify_token,
    }
    return [name for name, value in secrets.items() if _looks_placeholder(value)]


def _looks_placeholder(value: SecretStr) -> bool:
    text = value.get_secret_value().lower()
    return bool(text) and (
        len(text) < _SECRET_LENGTH or any(word in text for word in _PLACEHOLDERS)
    )
