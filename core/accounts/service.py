"""WhatsApp accounts as a partner works with them: find numbers, look at one, keep its templates.

Every verb takes who acts and passes the gate; an id that is unknown or another partner's gives
the same NotFound. Meta is called outside of transactions, always.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal
from core.accounts import csv_export, details, filters, queries, saved_views, templates
from core.accounts.at_meta import AtMeta, WabaDoor
from core.accounts.client_search import ClientHit, clients_with
from core.accounts.entities import Client
from core.accounts.ports import ChannelSearch
from core.accounts.results import (
    Changed,
    ChannelDetails,
    ChannelPage,
    ChannelQuery,
    ChannelRow,
    NewTemplate,
    TemplateRow,
    TimelineEntry,
    View,
)
from core.accounts.template_keeping import What, keep
from core.accounts.update import Update
from core.clock import Clock
from core.errors import NotFound
from core.ports import Meta, Vault

_EXPORT_CHUNK = 1_000  # rows per transaction of an export
_MAY = Permission.ACCOUNTS


class Accounts:
    """All verbs of the accounts pages."""

    def __init__(
        self, gate: Gate, clock: Clock, search: ChannelSearch, meta: Meta, vault: Vault
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._search = search
        self._meta = meta
        self._door = WabaDoor(gate, clock, vault)

    def channels(self, who: Principal, query: ChannelQuery) -> ChannelPage:
        """One page of the partner's numbers."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            return queries.page(session, partner_id, query, self._search, self._clock.now())

    def opening(self, who: Principal, query: ChannelQuery) -> tuple[ChannelPage, list[View]]:
        """The page and the person's saved views, for a list that is being opened."""
        with self._gate.reading(who, _MAY) as session:
            partner_id, now = who.tenant.partner_id, self._clock.now()
            page = queries.page(session, partner_id, query, self._search, now)
            return page, saved_views.views(session, who)

    def channel(self, who: Principal, channel_id: str) -> ChannelDetails:
        """One number with client, WABA, templates and next action. Raises NotFound."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            return details.details(session, partner_id, channel_id, self._clock.now())

    def timeline(
        self, who: Principal, channel_id: str, before_id: int | None = None, limit: int = 50
    ) -> list[TimelineEntry]:
        """What happened to a number, its WABA and its templates, newest first. Raises NotFound."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            return details.timeline(session, partner_id, channel_id, before_id, min(limit, 200))

    def changed(self, everybody: Collection[Principal], ids: Sequence[str]) -> Changed:
        """Fresh rows and counts, read once for all who have the partner's list open.

        Ids that are not the partner's are left out. Everybody's authority is checked in the same
        transaction; whoever has lost it is named and must be shown nothing.
        """
        with self._gate.reading_together(everybody, _MAY) as (session, refused):
            if len(refused) == len({who.session_hash for who in everybody}):
                return Changed(refused=refused)
            partner_id = next(iter(everybody)).tenant.partner_id
            rows = queries.by_ids(session, partner_id, ids, self._clock.now())
            counts = queries.counts(session, partner_id)
            return Changed(rows=tuple(rows), counts=counts, refused=refused)

    def search(self, who: Principal, text: str, limit: int = 8) -> list[ChannelRow]:
        """Numbers whose number, name, client or id contains the text; nothing for no text."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            ids = filters.hits(session, partner_id, text, self._search, min(limit, 50))
            return queries.by_ids(session, partner_id, ids, self._clock.now())

    def search_clients(self, who: Principal, text: str, limit: int = 5) -> list[ClientHit]:
        """Clients whose name, company or address contains the text, or with this id."""
        with self._gate.reading(who, _MAY) as session:
            partner_id = who.tenant.partner_id
            return clients_with(session, partner_id, text, self._search, min(limit, 50))

    def export_csv(
        self, who: Principal, query: ChannelQuery, wording: csv_export.Wording = csv_export.keys
    ) -> Iterator[bytes]:
        """What the filters show, all pages, as CSV (UTF-8 with BOM) in chunks.

        Consume it in a worker thread; authority is checked again for every chunk.
        """
        yield csv_export.BOM + csv_export.line(csv_export.HEADER).encode()
        asked = replace(queries.sane(query), after="", before="", size=_EXPORT_CHUNK)
        more = True
        while more:
            with self._gate.reading(who, _MAY) as session:
                partner_id = who.tenant.partner_id
                found = filters.narrowed(
                    session, partner_id, asked, self._search, filters.HITS_BEFORE_FILTERS
                )
                read, more = queries.read(session, partner_id, asked, found)
                shown = queries.show(read, self._clock.now())
                emails = _emails(session, {row.client_id for row in shown})
            if read:
                asked = replace(asked, after=queries.cursor(asked, read[-1]))
            pairs = ((row, emails.get(row.client_id, "")) for row in shown)
            yield "".join(csv_export.lines(pairs, wording)).encode()

    def saved_views(self, who: Principal) -> list[View]:
        """The person's own named filters, by name."""
        with self._gate.reading(who, _MAY) as session:
            return saved_views.views(session, who)

    def save_view(self, who: Principal, name: str, query: str) -> View:
        """Keep filters under a name; the same name replaces.

        Raises InvalidInput (name, query), Conflict (too_many_views).
        """
        with self._gate.writing(who, _MAY) as session:
            return saved_views.save(session, who, name, query, self._clock.now())

    def delete_view(self, who: Principal, view_id: str) -> None:
        """Forget a view. Raises NotFound, for another person's too."""
        with self._gate.writing(who, _MAY) as session:
            saved_views.delete(session, who, view_id)

    def create_template(self, who: Principal, channel_id: str, new: NewTemplate) -> TemplateRow:
        """Send a template to Meta for review and keep it.

        Raises NotFound, InvalidInput, Conflict (no_token), MetaError, Unavailable.
        """
        sent = templates.as_meta(templates.checked(new))
        account, asked_at = self._door.of_channel(who, channel_id), self._clock.now()
        answer = self._meta.create_template(account.external_id, sent, account.token)
        updates = templates.created(account.external_id, sent, answer, asked_at)
        known = self._keep(who, account, updates, What.CREATED)
        return next(row for row in known if row.external_id == str(answer["id"]))

    def delete_template(self, who: Principal, channel_id: str, template_id: str) -> None:
        """Delete at Meta, in every language of the name, and here.

        Raises NotFound, Conflict (no_token), MetaError, Unavailable.
        """
        account, asked_at = self._door.of_channel(who, channel_id), self._clock.now()
        with self._gate.reading(who, _MAY) as session:
            known = details.templates(session, account.id)
        name = next((row.name for row in known if row.id == template_id), None)
        if name is None:
            raise NotFound("no such template", template_id=template_id)
        self._meta.delete_template(account.external_id, name, account.token)
        gone = [(row.external_id, row.name) for row in known if row.name == name]
        updates = templates.deleted(account.external_id, gone, asked_at)
        self._keep(who, account, updates, What.DELETED)

    def refresh_templates(self, who: Principal, channel_id: str) -> list[TemplateRow]:
        """Read the templates from Meta again and keep what it says.

        Raises NotFound, Conflict (no_token), MetaError, Unavailable.
        """
        account, asked_at = self._door.of_channel(who, channel_id), self._clock.now()
        nodes = self._meta.templates(account.external_id, account.token)
        updates = templates.read(account.external_id, nodes, asked_at)
        with self._gate.reading(who, _MAY) as session:
            known = details.templates(session, account.id)
        at_meta = {str(node.get("id")) for node in nodes}
        gone = [(row.external_id, row.name) for row in known if row.external_id not in at_meta]
        updates += templates.deleted(account.external_id, gone, asked_at)
        return self._keep(who, account, updates, What.READ)

    def _keep(
        self, who: Principal, account: AtMeta, updates: list[Update], what: What
    ) -> list[TemplateRow]:
        keep(self._door, who, account, updates, what)
        with self._gate.reading(who, _MAY) as session:
            return details.templates(session, account.id)


def _emails(session: Session, client_ids: Iterable[str]) -> dict[str, str]:
    query = select(Client.id, Client.email).where(col(Client.id).in_(sorted(client_ids)))
    return dict(session.exec(query).all())
