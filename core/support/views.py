"""What pages see of support: values, detached from any session.

Nothing here has words for people: `told`, `kind`, `code` and `values` are put into words by pages
and mails. A note never is in what a partner's side is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.billing.invoices.details import DetailsForm
from core.money import Money
from core.partners.members import MemberView
from core.subscriptions.states import PlanName, SubscriptionState
from core.subscriptions.views import DowngradePreview
from core.support.states import (
    Assigned,
    ConversationState,
    RequestKind,
    RequestStatus,
    Show,
    Side,
    Told,
)

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file that may be attached or downloaded: `/support/files/{id}`; `size` in bytes."""

    id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """`is_seen`: somebody of the other side has read it. `told`: with `values`, what happened."""

    id: str
    side: Side
    author_name: str  # '' for the hub
    text: str
    told: Told
    values: Values
    at: datetime
    files: tuple[FileView, ...]
    is_note: bool
    is_mine: bool
    is_seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """What was asked. `facts` by kind: remove_user: person_id, name, email, role; downgrade: to,
    effective_on; company_data: the fields of `DetailsForm`; delete_number: channel_id,
    phone_number, name, client; other: subject. `effect` of an accepted one: see `EffectPreview`."""

    id: str
    kind: RequestKind
    status: RequestStatus
    facts: Values
    made_by: str
    made_at: datetime
    decided_by: str
    decided_at: datetime | None
    why: str
    effect: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """A line of a list. `subject`: as typed; of a request what it is about (a name, a number), ''
    where its kind says all. `last_told`: where `last_text` is empty. `waits_since`: since when the
    partner waits for an answer."""

    id: str
    subject: str
    state: ConversationState
    kind: RequestKind | None
    request_status: RequestStatus | None
    last_text: str  # the beginning of it
    last_told: Told
    last_side: Side
    last_at: datetime
    unread: int
    partner_id: str
    partner_name: str
    is_priority: bool
    waits_since: datetime | None
    assigned_name: str
    is_mine: bool  # assigned to whoever looks


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation with a page of its messages, ascending; `older_cursor` as `before` gives the
    page before it, '' at the beginning. `version` grows with every change."""

    row: ConversationRow
    messages: tuple[MessageView, ...]
    older_cursor: str
    request: RequestView | None
    version: int
    may_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChoice:
    """A number that may be asked to be deleted."""

    channel_id: str
    phone_number: str  # digits
    name: str
    client_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the form of a request needs. `downgrade` is None where there is none to ask for, and
    `no_downgrade` says why (a code of `Subscriptions.preview_downgrade`)."""

    people: tuple[MemberView, ...]
    numbers: tuple[NumberChoice, ...]  # the first ones that match the search
    details: DetailsForm | None
    downgrade: DowngradePreview | None
    no_downgrade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value before and after; '' for none."""

    field: str
    before: str | Money
    after: str | Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why a request cannot be accepted as things are."""

    code: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPreview:
    """What accepting would do, now; `version` goes to `accept`, which refuses once it is another.

    `changes` by kind: remove_user: role, open_sessions; downgrade: plan, price (`Money`);
    company_data: each field that changes; delete_number: status. Codes in `against`: not_a_member,
    last_owner, licences_against, nothing_changes, number_ended, and those of
    `Subscriptions.preview_downgrade`. `values` names what it is about, and where there is one
    `effective_on` (ISO).
    """

    kind: RequestKind
    values: Values
    changes: tuple[Change, ...]
    against: tuple[Obstacle, ...]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxQuery:
    """What the desk asks for; empty filters let everything through."""

    show: Show = Show.OPEN
    kind: RequestKind | None = None
    only_open_requests: bool = False
    partner_id: str = ""
    assigned: Assigned = Assigned.ANYBODY
    text: str = ""
    cursor: str = ""
    size: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxCounts:
    """Of everything, whatever the filters."""

    waiting_support: int
    waiting_partner: int
    closed: int
    mine: int  # open ones
    unassigned: int  # open ones
    open_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """Premium partners first, then who waits longest; closed ones and `all`: the newest first."""

    rows: tuple[ConversationRow, ...]
    next_cursor: str
    counts: InboxCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerContext:
    """What staff see of a partner beside the chat. `available`: the shared balance of a
    partner-paid partner. `numbers`: how many by raw status."""

    partner_id: str
    name: str
    country: str
    billing_model: str
    currency: str
    since: datetime
    is_blocked: bool
    is_plan_unpaid: bool
    takes_partner_changes: bool  # clients of other partners, unasked
    plan: PlanName | None
    plan_state: SubscriptionState | None
    next_plan: PlanName | None
    available: Money | None
    open_invoices: int
    open_sum: Money
    numbers: tuple[tuple[str, int], ...]
    people: tuple[MemberView, ...]
    conversations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """Somebody a conversation may be assigned to."""

    id: str
    name: str
    is_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedView:
    """An answer that is written often."""

    id: str
    title: str
    text: str
