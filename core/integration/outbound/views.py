"""What the webhooks service asks for and gives; never a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.integration.outbound.states import DeliveryState, EndpointState

PAGE_SIZE = 50
MOST_PER_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint as its owner sees it; values of its own headers are not shown again."""

    id: str
    is_main: bool
    channel_id: str  # of a number's webhook; '' for the partner's
    name: str  # of a number's webhook: the number
    url: str
    header_names: tuple[str, ...]
    ignored_headers: tuple[str, ...]  # of these: ours, so that they are not sent
    events: tuple[str, ...]  # none: all
    state: EndpointState
    off_reason: str  # OffReason, '' while it is not off
    off_at: datetime | None
    paused_at: datetime | None
    is_local: bool  # this machine's; sandbox only
    failing_since: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    slow_until: datetime | None
    waiting: int  # deliveries not taken yet, those that are tried again included
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedEndpoint:
    """An endpoint after a change, and whether its name is known in the DNS (it may come later)."""

    endpoint: EndpointView
    is_found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilters:
    """Which deliveries; '' and None filter nothing. `since` and `until` are half-open."""

    endpoint_id: str = ""
    event: str = ""
    state: str = ""  # DeliveryState; unknown ones filter to nothing
    channel_id: str = ""
    event_key: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One line of the log, newest first."""

    id: int
    event_key: str
    event: str
    endpoint_id: str
    channel_id: str
    state: DeliveryState
    is_test: bool
    attempts: int
    last_status: int  # 0: there was no answer
    last_error: str
    created_at: datetime
    closed_at: datetime | None
    next_try_at: datetime | None  # None when nothing follows


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """`next_after` is the cursor of the next page, None at the end."""

    rows: tuple[DeliveryRow, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One call and what came back; `error` is the code of an OutgoingError, '' for an answer."""

    number: int
    at: datetime
    millis: int
    url: str
    request_headers: dict[str, str]
    status: int
    error: str
    answer_headers: dict[str, str]
    answer_body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetails:
    """A delivery with its bytes and all its attempts, the first one first."""

    row: DeliveryRow
    url: str  # of the endpoint now
    body: str
    attempts: tuple[AttemptView, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A test event: what was sent and what came back; it stands in the log as well."""

    __test__ = False  # pytest takes the name for a test

    delivery_id: int
    body: str
    attempt: AttemptView
    is_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart: an hour or a day that begins `at`."""

    at: datetime
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """An endpoint in figures; of the last 24 hours unless its name says otherwise."""

    endpoint_id: str
    delivered: int
    failed: int
    success_percent: int | None  # None: nothing was sent
    p50_millis: int | None
    p95_millis: int | None
    last_success_at: datetime | None
    failing_since: datetime | None
    waiting: int
    hours: tuple[Bar, ...]  # 24, the oldest first
    days: tuple[Bar, ...]  # 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEvent:
    """An entry of the catalogue: an event that is sent, and an example of its data."""

    name: str
    when: str
    description: str
    example: dict[str, object]
