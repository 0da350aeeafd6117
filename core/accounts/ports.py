"""What the accounts slice needs from outside beside the hub's common ports."""

from __future__ import annotations

from typing import Protocol

from sqlmodel import Session


class ChannelSearch(Protocol):
    """Finds channels by any part of their `search_text`, through a trigram index."""

    def matching(self, session: Session, partner_id: str, text: str, limit: int) -> list[str]:
        """Ids of at most `limit` of the partner's channels whose `search_text` contains `text`.

        `text` comes from `listing.search_form` and has three letters or more; which ones come
        when there are more is the index's choice.
        """
        ...
