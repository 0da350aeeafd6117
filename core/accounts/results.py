"""What the accounts service asks for and gives: frozen values, safe to hand to any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.accounts.next_action import NextAction
from core.accounts.states import Group
from core.errors import HubError

PAGE_SIZE = 50
MAX_PAGE_SIZE = 100
# Above this a heap is "more than 1,000": counting on would cost every page view.
COUNT_CAP = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuery:
    """What a list shows; every value may come from a URL, so unknown ones filter to nothing.

    `sort` is a key of `queries.SORTS`. At most one of the opaque cursors `after` and `before`;
    one that was made for another sort starts over.
    """

    search: str = ""
    group: str = ""  # states.Group
    quality: str = ""  # high, medium, low, unknown
    limit: str = ""  # as Meta writes it: TIER_2K
    verification: str = ""  # as Meta writes it, lower case
    client_id: str = ""
    consent: str = ""
    region: str = ""
    sort: str = "name"
    descending: bool = False
    after: str = ""
    before: str = ""
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """One line of the list."""

    id: str
    name: str
    phone_number: str  # digits
    display_phone_number: str
    client_id: str
    client_name: str
    waba_account_id: str
    action: NextAction
    quality: str
    messaging_limit: str
    verification: str
    consent: str
    region: str
    is_on_biz_app: bool
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many, up to a cap."""

    number: int
    more: bool = False  # there are more than `number`


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPage:
    """One page; a cursor is '' where there is no page. `counts` know no filter."""

    rows: tuple[ChannelRow, ...]
    next_cursor: str
    previous_cursor: str
    counts: dict[Group, Count]
    # A search had more hits than are sorted and shown; a longer text finds the rest.
    search_capped: bool = False

    @property
    def is_nothing_yet(self) -> bool:
        """The partner has no number at all, whatever the filters say."""
        return not any(count.number for count in self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Fresh rows and counts for everybody of a partner who looks at its list.

    Not for those in `refused` (by session hash): they may not see them any more.
    """

    rows: tuple[ChannelRow, ...] = ()
    counts: dict[Group, Count] = field(default_factory=dict)
    refused: Mapping[str, HubError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFacts:
    """The client behind a number."""

    id: str
    name: str
    organisation: str
    email: str
    full_name: str
    phone: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WabaFacts:
    """The WhatsApp Business Account of a number, without its token."""

    id: str
    external_id: str
    name: str
    namespace: str
    currency: str
    country: str
    timezone_id: str
    owner_business_id: str
    owner_business_name: str
    ownership_type: str
    status: str
    review_status: str
    business_verification: str
    ban_state: str
    ban_date: str
    violation_type: str
    restrictions: tuple[dict[str, Any], ...]
    max_phone_numbers: int | None
    removed: bool
    can_call_meta: bool  # there is a token that has not run out


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """One template of the number's WABA."""

    id: str
    external_id: str
    name: str
    language: str
    category: str
    status: str
    rejected_reason: str
    quality: str
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDetails:
    """Everything the details page shows but the timeline."""

    row: ChannelRow
    external_id: str | None  # None: not known at Meta yet
    status: str
    meta_status: str
    account_mode: str
    name_status: str
    requested_name: str
    code_verification: str
    platform_type: str
    throughput: str
    is_oba: bool | None
    created_at: datetime
    live_at: datetime | None
    cancelled_at: datetime | None
    ends_at: datetime | None  # until when it works, half-open; None: not cancelled
    terminated_at: datetime | None
    client: ClientFacts
    waba: WabaFacts
    templates: tuple[TemplateRow, ...]
    facts: dict[str, Any] = field(default_factory=dict)  # other values Meta told of the number


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One event of the number, its WABA or its templates."""

    id: int
    type: str
    subject_type: str
    subject_id: str
    subject_name: str  # the template's name; '' for the number and its WABA
    at: datetime
    actor: str  # a person's id, "client", "meta" or "hub"
    actor_name: str  # the person's name; '' otherwise
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate:
    """A template as a person writes it."""

    name: str
    language: str
    category: str
    body: str
    header: str = ""
    footer: str = ""
    # Meta wants an example for each {{1}}, {{2}} ... of the body.
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A person's named filters; `query` is the URL query of the list."""

    id: str
    name: str
    query: str
