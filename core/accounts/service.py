"""WhatsApp accounts as a partner works with them: find numbers, look at one, keep its templates.

Every verb takes who acts and passes the gate; an id that is unknown or another partner's gives
the same NotFound. Meta is called outside of transactions, always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.access import Gate, Principal
from core.accounts.ports import ChannelSearch
from core.accounts.results import (
    ChannelDetails,
    ChannelPage,
    ChannelQuery,
    ChannelRow,
    NewTemplate,
    TemplateRow,
    TimelineEntry,
    View,
)
from core.clock import Clock
from core.ports import Meta, Vault


class Accounts:
    """All verbs of the accounts pages."""

    def __init__(
        self, gate: Gate, clock: Clock, search: ChannelSearch, meta: Meta, vault: Vault
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._search = search
        self._meta = meta
        self._vault = vault

    def channels(self, who: Principal, query: ChannelQuery) -> ChannelPage:
        """One page of the partner's numbers."""
        raise NotImplementedError

    def channel(self, who: Principal, channel_id: str) -> ChannelDetails:
        """One number with client, WABA, templates and next action. Raises NotFound."""
        raise NotImplementedError

    def timeline(
        self, who: Principal, channel_id: str, before_id: int | None = None, limit: int = 50
    ) -> list[TimelineEntry]:
        """What happened to a number, its WABA and its templates, newest first. Raises NotFound."""
        raise NotImplementedError

    def rows(self, who: Principal, ids: Sequence[str]) -> list[ChannelRow]:
        """Fresh rows for a list that is open; ids that are not the partner's are left out."""
        raise NotImplementedError

    def search(self, who: Principal, text: str, limit: int = 8) -> list[ChannelRow]:
        """Numbers whose number, name, client or id contains the text (three letters or more)."""
        raise NotImplementedError

    def export_csv(self, who: Principal, query: ChannelQuery) -> Iterator[bytes]:
        """What the filters show, all pages, as CSV (UTF-8 with BOM) in chunks."""
        raise NotImplementedError

    def saved_views(self, who: Principal) -> list[View]:
        """The person's own named filters, by name."""
        raise NotImplementedError

    def save_view(self, who: Principal, name: str, query: str) -> View:
        """Keep filters under a name; the same name replaces. Raises InvalidInput (name, query)."""
        raise NotImplementedError

    def delete_view(self, who: Principal, view_id: str) -> None:
        """Forget a view. Raises NotFound for another person's too."""
        raise NotImplementedError

    def create_template(self, who: Principal, channel_id: str, new: NewTemplate) -> TemplateRow:
        """Send a template to Meta for review and keep it.

        Raises NotFound, InvalidInput, Conflict (no_token), MetaError, Unavailable.
        """
        raise NotImplementedError

    def delete_template(self, who: Principal, channel_id: str, template_id: str) -> None:
        """Delete at Meta (every language of the name) and mark as deleted here.

        Raises NotFound, Conflict (no_token), MetaError, Unavailable.
        """
        raise NotImplementedError

    def refresh_templates(self, who: Principal, channel_id: str) -> list[TemplateRow]:
        """Read the templates from Meta again and keep what it says.

        Raises NotFound, Conflict (no_token), MetaError, Unavailable.
        """
        raise NotImplementedError
