"""The search for channels by any part of their `search_text`, through the trigram index.

The index is made by `storage.migrations.search_index`; both databases' text match is exact, so what
is found contains the words.
"""

from __future__ import annotations

from sqlalchemy import text as sql
from sqlmodel import Session

from core.ports import Everything, Tenant
from storage.tenancy import TenancyError, scope_of, vetted

# The beginning of the partner's id is a word of the index as well: most rows of other partners are
# skipped, not read and dropped. Three letters are one trigram, the whole id would be six.
_SQLITE = sql(
    "SELECT found.channel_id FROM channel_search AS indexed"
    " JOIN channel_search_row AS found ON found.id = indexed.rowid"
    " WHERE channel_search MATCH :words AND found.partner_id = :partner LIMIT :most"
)
_POSTGRESQL = sql("SELECT hub_channel_search(:partner, :words, :most)")


class SqlChannelSearch:
    """`core.accounts.ports.ChannelSearch`."""

    def matching(self, session: Session, partner_id: str, text: str, limit: int) -> list[str]:
        """Ids of at most `limit` channels; `text` is in search form, of three letters or more."""
        scope = scope_of(session)
        if scope != Tenant(partner_id) and not isinstance(scope, Everything):
            raise TenancyError("refused: a search in another partner's channels")
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        words = _phrases(text, partner_id) if on_sqlite else text
        found = session.execute(
            vetted(_SQLITE if on_sqlite else _POSTGRESQL),
            {"partner": partner_id, "words": words, "most": limit},
        )
        return [str(channel_id) for channel_id in found.scalars()]


def _phrases(text: str, partner_id: str) -> str:
    return f"text : {_phrase(text)} AND partner_id : {_phrase(partner_id[:3])}"


def _phrase(words: str) -> str:
    # Quoted, everything is a plain string to FTS5 except the quote, which is doubled.
    return '"' + words.replace('"', '""') + '"'
