"""What pages get to see of a run: plain frozen values, made anew at every reading.

Nothing here is a secret and nothing is a text for people: `ui` translates the stable keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.billing.payments.views import PaymentView
from core.onboarding.entities import RunStatus, RunStep

# The subject of every event and notice about a run: ("onboarding_run", run_id).
RUN_SUBJECT = "onboarding_run"


class Turn(StrEnum):
    """Who has to do something next."""

    CLIENT = "client"
    PARTNER = "partner"
    META = "meta"
    HUB = "hub"
    NOBODY = "nobody"


class TickState(StrEnum):
    """How far one server step is; `skipped` steps do not apply to this ending."""

    WAITING = "waiting"
    NOW = "now"
    DONE = "done"
    FAILED = "failed"


class PayStage(StrEnum):
    """What a client that pays for itself has to do next; in this order."""

    TERMS = "terms"  # prices read, terms accepted
    DETAILS = "details"  # who the invoices are made out to
    CARD = "card"
    CREDIT = "credit"  # the first top-up, or not now


class RunFilter(StrEnum):
    """Which of its runs a partner looks at."""

    ALL = ""
    OPEN = "open"
    NEEDS_YOU = "yours"
    DONE = "done"
    PUT_ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class RunKey:
    """What a client's browser proves itself with: the run and the browser's own secret."""

    run_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The partner as its clients see it; `logo_hash` names a blob, '' = no logo."""

    partner_id: str
    name: str
    logo_hash: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One server step; `name` is a `ServerStep` value, `at` when it was done."""

    name: str
    state: TickState
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a run stands still, and whose turn it is.

    `key` is a guidance key (`core.onboarding.guidance`). `wait` is in *seconds*, 0 = none.
    `retryable` means the client's *try again* makes sense; `reopen` that Meta's popup must be
    opened again; `needs_pin` that the existing two-step PIN is asked for.
    """

    key: str
    turn: Turn
    retryable: bool = False
    wait: int = 0
    reopen: bool = False
    needs_pin: bool = False
    meta_code: int | None = None
    meta_message: str = ""  # Meta's own text for people, plain and untrusted
    meta_session: str = ""  # what Meta's support asks for
    step: str = ""  # the server step, or the popup's screen where the client left
    trace_id: str = ""
    decline_code: str = ""  # why a card was refused, in the payment provider's word


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that this run brought; `granted` is the client's consent as it stands."""

    channel_id: str
    display: str
    name: str
    granted: bool
    live: bool
    coexistence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupLaunch:
    """Everything the page needs for `FB.init` and `FB.login`; `extras` goes in as it is."""

    sdk_url: str
    app_id: str
    config_id: str
    api_version: str
    extras: dict[str, Any]
    message_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as the client's page draws it; `step_number` of `step_count` is for people."""

    run_id: str
    brand: Brand
    language: str
    step: RunStep
    status: RunStatus
    step_number: int
    step_count: int
    logs_in: bool  # the link said next=login: ask for the e-mail only
    company: str
    full_name: str
    email: str
    number_hint: str
    code_tries_left: int
    codes_left: int
    code_expires_at: datetime | None
    launch: SignupLaunch | None  # only where the popup may be opened
    no_room: str  # why it may not, although it is time: max_channels_reached, numbers_not_allowed
    popup_opened: bool
    ticks: tuple[Tick, ...]
    trouble: Trouble | None
    numbers: tuple[Number, ...]
    tasks: tuple[str, ...]  # keys such as "add_number"
    asks_permission: bool  # direct-paid asks, partner-paid grants by default
    redirects_to: str  # the origin that the client will be sent to, '' = our own page
    exit_url: str | None  # set when the step is DONE and there is a redirect URL
    updated_at: datetime
    pay_stage: PayStage | None = None  # direct-paid: what is missing before Meta
    card: str = ""  # the end of the card's number, once there is one
    card_visited: bool = False  # the provider's page was opened; nobody knows yet how it ended
    has_bad_vat_id: bool = False  # the register does not know it
    credit: PaymentView | None = None  # the first top-up as it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A run taken up from the mailed link; `secret` goes into the browser's cookie."""

    run: RunView
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in the partner's list: who, where it stands, whose turn it is."""

    run_id: str
    company: str
    full_name: str
    email: str
    client_id: str | None
    number_hint: str
    step: RunStep
    status: RunStatus
    turn: Turn
    trouble: Trouble | None
    channel_ids: tuple[str, ...]
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    may_resume: bool  # there is an address to send the link to and something left to do


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """Rows newest first; `next_cursor` is '' on the last page."""

    rows: tuple[RunRow, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightEntry:
    """One line of the flight record; `data` holds codes and ids, never a token or a code.

    `kind` is the event type. Calls carry `call`, `ms`, `ok`, `meta_code`, `trace_id`; steps
    `step`; errors `key` and `turn`.
    """

    id: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run with everything that happened to it, oldest first."""

    row: RunRow
    ticks: tuple[Tick, ...]
    numbers: tuple[Number, ...]
    flight: tuple[FlightEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """The direct onboarding link, or why there is none; `warnings` do not stop it.

    Reasons: partner_blocked, plan_ended, plan_unpaid, solution_missing,
    solution_inactive, terms_missing. Warnings: no_redirect_url.
    """

    url: str
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        return not self.reasons
