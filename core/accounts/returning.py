"""A number that has ended may come back: its row keeps its history and lets go of Meta's ids.

One hub knows each of Meta's ids once, so the new row could not take them otherwise.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from core.accounts.entities import Channel, WabaAccount
from core.accounts.listing import refresh, refresh_waba

# Between what Meta called an account and our id of the row that it was: Meta's are digits only.
_FORMER = "-"


def is_over(session: Session, waba: WabaAccount) -> bool:
    """Whether numbers were here on this account, and all of them have ended."""
    ends = session.exec(select(Channel.terminated_at).where(Channel.waba_account_id == waba.id))
    times = ends.all()
    return bool(times) and all(times)


def let_go_of_number(session: Session, channel: Channel, now: datetime) -> None:
    """Meta's id is free for a new row; the ended one still tells it as a fact."""
    channel.facts = channel.facts | {"former_id": channel.external_id}
    channel.external_id, channel.pin = None, ""
    refresh(session, channel, now)
    session.flush()


def let_go_of_account(session: Session, waba: WabaAccount, now: datetime) -> None:
    """The same for an account that is over, with its numbers; its token is forgotten."""
    for channel in session.exec(
        select(Channel).where(
            Channel.waba_account_id == waba.id, col(Channel.external_id).is_not(None)
        )
    ):
        let_go_of_number(session, channel, now)
    waba.external_id = f"{waba.external_id}{_FORMER}{waba.id}"
    waba.token, waba.token_expires_at = "", None
    session.add(waba)
    refresh_waba(session, waba, now)
    session.flush()


def as_meta_calls_it(external_id: str) -> str:
    """Meta's id of an account, of one that was let go too."""
    return external_id.partition(_FORMER)[0]
