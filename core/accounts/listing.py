"""The columns by which the list sorts, filters and searches, derived from a channel's values.

Everybody who changes a channel, its WABA or its client calls `refresh` in the same transaction;
no other place writes these columns.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, select

from core.accounts.entities import Channel, Client, WabaAccount
from core.accounts.next_action import Situation, next_action
from core.accounts.states import rank

QUALITY_RANKS = {"GREEN": 1, "YELLOW": 2, "RED": 3}
QUALITY_UNKNOWN = 8  # UNKNOWN, NA and whatever Meta invents
QUALITY_UNTOLD = 9

UNLIMITED = 2**31 - 1  # the largest value that the column holds
LIMIT_UNKNOWN = -1
LIMIT_UNTOLD = -2

_TIER = re.compile(r"(?:TIER_)?(\d+(?:\.\d+)?)(K|M)?")
_TIMES = {None: 1, "K": 1_000, "M": 1_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Values of the derived columns, named as on `Channel`."""

    name_key: str
    client_name: str
    client_key: str
    verification: str
    state: str
    state_rank: int
    quality_rank: int
    limit_rank: int
    search_text: str


def refresh(session: Session, channel: Channel, now: datetime | None = None) -> None:
    """The channel's derived columns say what it, its WABA and its client say now."""
    waba = session.get(WabaAccount, channel.waba_account_id)
    client = session.get(Client, channel.client_id)
    for name, value in asdict(derive(channel, waba, client, now)).items():
        setattr(channel, name, value)
    session.add(channel)


def refresh_waba(session: Session, waba: WabaAccount, now: datetime | None = None) -> list[Channel]:
    """Refresh every channel of a WABA that changed; returns them."""
    query = select(Channel).where(Channel.waba_account_id == waba.id)
    channels = list(session.exec(query))
    for channel in channels:
        refresh(session, channel, now)
    return channels


def refresh_client(session: Session, client: Client, now: datetime | None = None) -> list[Channel]:
    """Refresh every channel of a client that changed; returns them."""
    channels = list(session.exec(select(Channel).where(Channel.client_id == client.id)))
    for channel in channels:
        refresh(session, channel, now)
    return channels


def derive(
    channel: Channel,
    waba: WabaAccount | None,
    client: Client | None,
    now: datetime | None = None,
) -> Derived:
    """What the derived columns should hold; pure."""
    state = next_action(situation(channel, waba), now).state
    client_name = client.name if client else channel.client_name
    told = (waba.business_verification if waba else "") or channel.verification
    return Derived(
        name_key=sort_key(channel.name),
        client_name=client_name,
        client_key=sort_key(client_name),
        verification=told.lower(),  # its case varies by where Meta tells it
        state=state.value,
        state_rank=rank(state),
        quality_rank=quality_rank(channel.quality),
        limit_rank=limit_rank(channel.messaging_limit),
        search_text=_search_text(channel, waba, client),
    )


def situation(channel: Channel, waba: WabaAccount | None) -> Situation:
    """The values that decide about the next action, gathered from the rows."""
    told = waba.business_verification if waba else ""
    return Situation(
        status=channel.status,
        consent=channel.consent,
        meta_status=channel.meta_status,
        quality=channel.quality,
        name_status=channel.name_status,
        on_business_app=channel.is_on_biz_app,
        verification=(told or channel.verification).lower(),
        review=waba.review_status if waba else "",
        ban_state=waba.ban_state if waba else "",
        ban_date=waba.ban_date if waba else "",
        violation=waba.violation_type if waba else "",
        restrictions=tuple(waba.restrictions) if waba else (),
        removed=waba.removed if waba else False,
        token_expires_at=waba.token_expires_at if waba else None,
        cancelled=channel.cancelled_at is not None,
        ends_at=channel.ends_at,
        terminated=channel.terminated_at is not None,
    )


def sort_key(text: str) -> str:
    """How a name sorts: without case, compatibility forms or stray blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:200]


def quality_rank(quality: str) -> int:
    """High before medium before low; unknown and untold last."""
    return QUALITY_RANKS.get(quality, QUALITY_UNKNOWN if quality else QUALITY_UNTOLD)


def limit_rank(messaging_limit: str) -> int:
    """The limit as a number of people a day, so that tiers Meta adds later sort right.

    Understands `TIER_250`, `TIER_0.25K`, `TIER_10K`, bare numbers and -1 (unlimited); a word
    nobody knows sorts below every number, an untold limit below that.
    """
    text = messaging_limit.strip().upper()
    if not text:
        return LIMIT_UNTOLD
    if text in ("TIER_UNLIMITED", "UNLIMITED", "-1"):
        return UNLIMITED
    match = _TIER.fullmatch(text)
    if match is None:
        return LIMIT_UNKNOWN
    return min(int(float(match[1]) * _TIMES[match[2]]), UNLIMITED - 1)


def search_form(text: str) -> str:
    """What a person types, as `search_text` holds it: a phone number becomes its bare digits."""
    key = sort_key(text)
    if re.fullmatch(r"[+(]?[\d\s()/.\-]{3,}", key):
        # Nobody types a number as Meta writes it: 0151 and 0049151 both mean ...49151...
        return re.sub(r"\D", "", key).lstrip("0")
    return key


def _search_text(channel: Channel, waba: WabaAccount | None, client: Client | None) -> str:
    parts = [channel.phone_number, channel.name, channel.requested_name]
    if client:
        parts += [client.name, client.organisation, client.email]
    parts += [channel.id, channel.external_id or ""]
    if waba:
        parts += [waba.name, waba.external_id]
    unique = dict.fromkeys(key for key in map(sort_key, parts) if key)
    return "\n".join(unique)[:2000]
