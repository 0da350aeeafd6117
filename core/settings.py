"""Every setting of the hub in one typed class, read from `HUB_*` (environment or `.env`).

Only base URLs, keys and secrets differ between the sandbox and production; `core.start_checks`
says which of them may not be used for real, and the hub does not start while there are any.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DATABASE = re.compile(r"(postgres|postgresql|sqlite)(\+\w+)?://")
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_STRIPE = "https://api.stripe.com"
_VIES = "https://ec.europa.eu/taxation_customs/vies/rest-api"


class Settings(BaseSettings):
    """Explained by name in `docs/operators/settings.md`; durations in ISO 8601."""

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    mode: Literal["sandbox", "production"] = "sandbox"
    name: str = "Partner Hub"
    base_url: str = ""  # empty: this machine and `port`
    host: str = ""  # bind address; empty: loopback in sandbox mode, all addresses in production
    port: int = Field(default=8082, ge=1, le=65_535)
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

    # Cards are charged by Stripe, or in sandbox mode by what stands in for it there.
    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str = ""  # empty: Stripe's own, in sandbox mode the sandbox

    smtp_url: SecretStr = SecretStr("smtp://localhost:8025")
    mail_from: str = "Partner Hub <hub@localhost>"

    # Where the desk is written to about partners who wait, and how long a message is left to be
    # read before it is mailed: somebody who has the page open reads it in less.
    support_email: str = ""  # empty: nobody is written to; in sandbox mode an example
    support_mail_after: timedelta = timedelta(minutes=2)

    # Who issues the invoices. The defaults are an example, which production refuses.
    seller_name: str = "Example Messaging GmbH"
    seller_country: str = "DE"
    seller_address: list[str] = ["Beispielstraße 1"]
    seller_postal_code: str = "10115"
    seller_city: str = "Berlin"
    seller_vat_id: str = "DE123456789"
    seller_tax_number: str = ""
    seller_registration: str = "Example register HRB 0"
    seller_email: str = "billing@example.com"
    seller_phone: str = "+49 30 000000"
    seller_website: str = ""
    seller_legal_lines: list[str] = []
    # Stands before the year in every number; a new issuer takes a new one.
    invoice_prefix: str = Field(default="", max_length=12, pattern=r"^[A-Z0-9-]*$")
    invoice_due_days: int = Field(default=14, ge=0, le=90)
    # Percent of what a card is charged for; covers what the payment provider takes.
    card_fee_percent: Decimal = Field(default=Decimal(4), ge=0, le=20)
    # One top-up, in units: below, the provider's fixed part eats the fee; above, banks ask back.
    top_up_least: int = Field(default=10, ge=1)
    top_up_most: int = Field(default=50_000, ge=100)
    # A charge that its cardholder does not confirm in this time is cancelled.
    payment_confirmation_within: timedelta = timedelta(hours=23)
    # A mailed link to a client's own page of its money: two weeks outlast a holiday.
    pay_link_lifetime: timedelta = timedelta(days=14)
    # The operator's terms for clients that pay for themselves (direct-paid): the address where they
    # stand, and their version, which each client agrees to once. A new version is asked for anew.
    terms_url: str = ""  # empty: the sandbox's example; elsewhere such partners take no clients
    terms_version: str = Field(default="1", min_length=1, max_length=40)
    # Charges of an unpaid invoice, in days after its first: a short slip of the bank, a card that
    # is replaced within days, a payday, a last try before messages stop.
    dunning_days: list[int] = [1, 3, 7, 14]
    # After the month's end, so that nothing posted in it is still on its way.
    closing_grace: timedelta = timedelta(minutes=10)
    # Days and months of plans and licences are those of this zone.
    billing_zone: str = "UTC"
    # A cancelled subscription ends so many days later, or at the end of that day's month.
    cancel_notice_days: int = Field(default=30, ge=0, le=365)
    cancel_at: Literal["month_end", "day"] = "month_end"
    # Owners go back to a smaller plan without asking Support.
    self_service_downgrade: bool = False
    # Long enough to ask a colleague, short enough that no day passes unnoticed.
    upgrade_quote_lifetime: timedelta = timedelta(minutes=15)
    vies_base: str = ""  # empty: the sandbox's register, in production the Commission's

    # A movable clock outside the hub (the sandbox's); empty: the machine's own time.
    clock_url: str = ""

    # Ten minutes: long enough for a password manager and a second factor, short for a stolen link.
    login_lifetime: timedelta = timedelta(minutes=10)
    session_idle: timedelta = timedelta(hours=12)
    session_lifetime: timedelta = timedelta(days=14)
    # Money, secrets and roles want a sign-in at the provider that is younger: as long as somebody
    # does paperwork in one sitting, and shorter than a lunch beside an open browser. Zero: never.
    fresh_sign_in: timedelta = Field(default=timedelta(minutes=30), ge=timedelta())
    invitation_lifetime: timedelta = timedelta(days=7)
    # Owners remove people by themselves; otherwise Support does it for them.
    owners_may_remove_users: bool = False
    onboarding_code_lifetime: timedelta = timedelta(minutes=15)
    onboarding_link_lifetime: timedelta = timedelta(days=30)
    # Two weeks outlast a holiday; the mailed link, good for longer, still brings the run back.
    onboarding_put_aside_after: timedelta = timedelta(days=14)
    # Contract: an IO signature is good for ten minutes.
    io_signature_lifetime: timedelta = timedelta(minutes=10)
    # How long the platform secret before stays good: a release of the partner's is in between.
    platform_secret_overlap: timedelta = timedelta(days=7)

    # Partner API. A token outlasts a long batch; a refresh token a month of silence.
    api_token_lifetime: timedelta = timedelta(hours=24)
    api_refresh_lifetime: timedelta = timedelta(days=30)
    # Where partners' programs send messages with a number's key: told as its `address`.
    messaging_api_base: str = "https://waba-v2.360dialog.io"
    # One partner's calls: a thousand a second is a program that runs in circles.
    api_calls_per_minute: int = Field(default=60_000, ge=1)
    # Token logins from one address, and wrong ones at one user name: each costs 40 ms.
    api_logins_per_minute: int = Field(default=600, ge=1)
    api_wrong_logins_per_minute: int = Field(default=30, ge=1)
    # Balance calls of one client or number, as 360dialog allows them.
    api_balance_per_half_minute: int = Field(default=5, ge=1)
    api_balance_per_hour: int = Field(default=10, ge=1)

    # From one address: an office shares one, and nobody there presses five times a second.
    public_writes_per_minute: int = Field(default=300, ge=1)
    # Pages without a login from one address: a room full of people who come at once is fewer.
    public_pages_per_minute: int = Field(default=1200, ge=1)
    # Open at one moment from one address; behind one address there may be a whole company.
    requests_at_once_per_address: int = Field(default=500, ge=1)
    sockets_per_address: int = Field(default=2000, ge=1)
    # Clients who have a code mailed from one address; ten stands at a fair are fewer.
    public_mails_per_minute: int = Field(default=30, ge=1)

    # Partners' addresses (webhooks) have https on one of these ports; a port of something else than
    # a web server would make the hub somebody's tool against it.
    outgoing_ports: list[int] = [443, 4443, 8443, 9443]
    # Names of this machine that may be called too, by plain http; production refuses any.
    outgoing_allow: list[str] = []  # empty: in sandbox mode the loopback names
    outgoing_connect: timedelta = timedelta(seconds=5)
    outgoing_total: timedelta = timedelta(seconds=15)  # contract: time-out of a delivery
    # The delivery log: a month is asked about, what is older is not.
    webhook_log_kept: timedelta = timedelta(days=30)
    # Meta's bodies after they were dealt with; it repeats itself for a week.
    inbound_kept: timedelta = Field(default=timedelta(days=30), ge=timedelta(days=8))

    # Who may read /metrics without the token: machines at the other end of the connection.
    metrics_networks: list[str] = ["127.0.0.0/8", "::1/128"]
    metrics_token: SecretStr = SecretStr("")  # "Authorization: Bearer …"; empty: by network only
    # Where a worker answers /healthz and /metrics; 0: nowhere, it has no other port.
    worker_metrics_port: int = Field(default=0, ge=0, le=65_535)

    worker_slots: int = Field(default=1, ge=1, le=64)
    database_threads: int = Field(default=16, ge=2, le=128)
    # Pushes to one partner's open pages per second at the most (performance.md rule 4: 4 to 10).
    pushes_per_second: int = Field(default=8, ge=1, le=50)

    @field_validator("database_url")
    @classmethod
    def _know_database(cls, url: str) -> str:
        if url and not _DATABASE.match(url):
            raise ValueError("the hub runs on postgresql://… and sqlite:///…")
        return url

    @field_validator("billing_zone")
    @classmethod
    def _know_zone(cls, name: str) -> str:
        if name != "UTC" and name not in available_timezones():
            raise ValueError("no time zone has this name; such as UTC or Europe/Berlin")
        return name

    @model_validator(mode="after")
    def _know_own_address(self) -> Self:
        self.base_url = self.base_url.rstrip("/") or f"http://localhost:{self.port}"
        stripe = self.meta_graph_base if self.mode == "sandbox" else _STRIPE
        self.stripe_api_base = self.stripe_api_base.rstrip("/") or stripe
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
    def terms_link(self) -> str:
        """Where the terms can be read; '' when there are none."""
        example = f"{self.base_url}/onboarding/example-terms" if self.is_sandbox else ""
        return self.terms_url or example

    @property
    def desk_email(self) -> str:
        """Where the desk is written to; '' when it is not."""
        return self.support_email or ("desk@hub.example" if self.is_sandbox else "")

    @property
    def vies(self) -> str:
        """Base of the VAT register's REST API in force."""
        if self.vies_base:
            return self.vies_base.rstrip("/")
        return f"{self.meta_graph_base}/vies/rest-api" if self.is_sandbox else _VIES

    @property
    def local_names(self) -> frozenset[str]:
        """Hosts of this machine that partners' webhooks may name."""
        own = _LOOPBACK if self.is_sandbox else ()
        return frozenset(name.lower() for name in self.outgoing_allow or own)

    @property
    def secure_cookies(self) -> bool:
        """`__Host-` cookies need https; on http://localhost the browser would drop them."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port under which browsers reach the hub."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"
