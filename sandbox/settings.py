"""Settings of the sandbox, from the constructor or from SANDBOX_* variables.

Secrets have no constant default: whoever starts the sandbox passes the ones the hub knows,
otherwise each start makes its own and nobody outside can guess them.
"""

import secrets
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _fresh_secret() -> str:
    return secrets.token_urlsafe(32)


class SandboxSettings(BaseSettings):
    """Where the sandbox listens, where the hub is, and the secrets both share."""

    model_config = SettingsConfigDict(env_prefix="SANDBOX_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = 8083
    smtp_port: int = 8025
    public_url: str = "http://localhost:8083"

    hub_url: str = "http://localhost:8082"
    webhook_url: str = ""

    app_id: str = "100200300400500"
    app_secret: str = Field(default_factory=_fresh_secret, repr=False)
    config_id: str = "600700800900100"
    verify_token: str = Field(default_factory=_fresh_secret, repr=False)
    system_user_token: str = Field(default_factory=_fresh_secret, repr=False)
    business_id: str = "200300400500600"

    stripe_secret_key: str = Field(default_factory=lambda: f"sk_test_{_fresh_secret()}", repr=False)
    stripe_webhook_secret: str = Field(
        default_factory=lambda: f"whsec_{_fresh_secret()}", repr=False
    )
    stripe_webhook_url: str = ""

    oidc_client_id: str = "partner-hub"
    oidc_client_secret: str = Field(default_factory=_fresh_secret, repr=False)
    oidc_redirect_uris: list[str] = Field(default_factory=list)
    post_logout_redirect_uris: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _follow_the_hub(self) -> Self:
        """Addresses that were not given are the hub's usual ones under `hub_url`."""
        self.public_url = self.public_url.rstrip("/")
        self.hub_url = self.hub_url.rstrip("/")
        self.webhook_url = self.webhook_url or f"{self.hub_url}/webhooks/meta"
        self.stripe_webhook_url = self.stripe_webhook_url or f"{self.hub_url}/webhooks/stripe"
        self.oidc_redirect_uris = self.oidc_redirect_uris or [f"{self.hub_url}/login/callback"]
        self.post_logout_redirect_uris = self.post_logout_redirect_uris or [f"{self.hub_url}/"]
        return self

    @property
    def issuer(self) -> str:
        return f"{self.public_url}/identity"
