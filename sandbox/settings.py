"""Settings of the sandbox, from the constructor or from SANDBOX_* variables.

Secrets have no constant default: whoever starts the sandbox passes the ones the hub knows,
otherwise each start makes its own and nobody outside can guess them.
"""

import secrets
from typing import Protocol, Self

import httpx
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _fresh_secret() -> str:
    return secrets.token_urlsafe(32)


class SharedWithHub(Protocol):
    """What the hub knows as well, by its own names; this room imports none of its rooms."""

    base_url: str
    meta_app_id: str
    meta_app_secret: SecretStr
    meta_business_id: str
    meta_config_id: str
    meta_graph_base: str
    meta_system_user_token: SecretStr
    meta_verify_token: SecretStr
    oidc_client_id: str
    oidc_client_secret: SecretStr
    smtp_url: SecretStr
    stripe_secret_key: SecretStr
    stripe_webhook_secret: SecretStr


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

    @classmethod
    def shared_with(cls, hub: SharedWithHub) -> Self:
        """The sandbox beside a hub, at the addresses and with the secrets that it expects."""
        url = httpx.URL(hub.meta_graph_base)
        return cls(
            port=url.port or 8083,
            public_url=hub.meta_graph_base,
            smtp_port=httpx.URL(hub.smtp_url.get_secret_value()).port or 8025,
            hub_url=hub.base_url,
            app_id=hub.meta_app_id,
            app_secret=hub.meta_app_secret.get_secret_value(),
            config_id=hub.meta_config_id,
            verify_token=hub.meta_verify_token.get_secret_value(),
            system_user_token=hub.meta_system_user_token.get_secret_value(),
            business_id=hub.meta_business_id,
            stripe_secret_key=hub.stripe_secret_key.get_secret_value(),
            stripe_webhook_secret=hub.stripe_webhook_secret.get_secret_value(),
            oidc_client_id=hub.oidc_client_id,
            oidc_client_secret=hub.oidc_client_secret.get_secret_value(),
        )

    @property
    def issuer(self) -> str:
        return f"{self.public_url}/identity"
