"""What an operator does at a prompt instead of on a page: owners, staff, rate cards, books."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

import typer

from core.billing.card_import import CardImport, report
from core.errors import HubError, NotFound
from core.hub import Hub
from core.money import MICROS
from core.operations.service import Operations
from core.ports import Database, Notice, Vault
from ui.sessions import REVOKED

T = TypeVar("T")

_SAID = {
    "currency_unknown": "The currency is EUR or USD.",
    "card_faulty": "Nothing was imported: put right what is listed above.",
    "percent_invalid": "A percentage is 0 to 1000 with at most two decimals.",
    "day_has_begun": "That day has begun: it holds from a coming one.",
    "price_unknown": "That is no plan and no licence.",
    "amount_invalid": "An amount is 0 to 1000000 with at most two decimals.",
    "price_known": "There is a price from that day already.",
    "subscription_goes_on": "Its subscription has not ended.",
    "markup_known": "There is a markup from that day already.",
}


def _said(error: Exception) -> str:
    """A sentence; what has none yet is told by its code."""
    if isinstance(error, InvalidOperation):
        return "That is no percentage."
    if isinstance(error, NotFound):
        return "There is no such partner."
    return _SAID.get(getattr(error, "code", ""), str(error))


class Journalled(Database, Protocol):
    """A database that may keep what was overwritten in a journal beside it."""

    def empty_journal(self) -> bool:
        """False while somebody reads."""
        ...


class Opened(Protocol):
    """A hub that is put together, without a port of its own."""

    @property
    def hub(self) -> Hub: ...

    @property
    def database(self) -> Journalled: ...

    @property
    def cards(self) -> CardImport: ...

    @property
    def operations(self) -> Operations: ...

    @property
    def vault(self) -> Vault: ...


def tried(act: Callable[[], T], said: Callable[[OSError | HubError], str] = str) -> T:
    """What `act` gives; ends the process with one sentence if it cannot be done."""
    try:
        return act()
    except (OSError, HubError) as error:
        sys.exit(said(error))


class OperatorCommands:
    """One for each verb of `add_to`; one sentence ends the process if it cannot be done."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Opened]]) -> None:
        self._opened = opened

    def add_to(self, commands: typer.Typer) -> None:
        verbs = (self.invite, self.staff, self.staff_leaves)
        money = (self.rate_card, self.markup, self.price, self.begin_again, self.books)
        for command in (*verbs, *money):
            commands.command()(command)

    def invite(
        self,
        partner_name: Annotated[str, typer.Argument(help="Brand name of a new partner.")],
        email: Annotated[
            str, typer.Argument(help="Who signs in with this verified e-mail owns it.")
        ],
        currency: Annotated[str, typer.Option(help="EUR or USD.")] = "EUR",
        country: Annotated[str, typer.Option(help="Two letters, such as DE.")] = "",
    ) -> None:
        """Make a partner and open its door for the first owner."""
        with self._opened() as opened:
            partners = opened.hub.partners
            try:
                partner = partners.create_partner(
                    brand_name=partner_name, currency=currency.upper(), country=country.upper()
                )
                partners.invite_first_owner(partner.id, email=email)
            except HubError as error:
                sys.exit(str(error))
        typer.echo(f"{partner.brand_name} is {partner.id}; {email} may sign in within seven days.")

    def staff(
        self,
        subject: Annotated[str, typer.Argument(help="Their `sub` at your OpenID provider.")],
        name: Annotated[str, typer.Argument(help="As partners read it above an answer.")],
        email: Annotated[str, typer.Argument(help="Shown; nobody is let in by it.")],
    ) -> None:
        """Open the support desk for one of your own people."""
        with self._opened() as opened:
            hub = opened.hub
            hub.partners.add_staff(
                issuer=hub.settings.oidc_issuer, subject=subject, name=name, email=email
            )
        typer.echo(f"{name} has the desk at {hub.settings.base_url}/desk.")

    def staff_leaves(
        self, subject: Annotated[str, typer.Argument(help="Their `sub` at your provider.")]
    ) -> None:
        """Close the support desk for somebody."""
        with self._opened() as opened:
            hub = opened.hub
            try:
                issuer = hub.settings.oidc_issuer
                person, ended = hub.partners.remove_staff(issuer=issuer, subject=subject)
            except HubError as error:
                sys.exit(str(error))
            # Other processes hear of it through PostgreSQL; on SQLite they look within a minute.
            hub.feed.publish([Notice("", REVOKED, "session", each) for each in ended])
        typer.echo(f"{person.name} has no desk any more.")

    def rate_card(
        self,
        prices: Annotated[Path, typer.Argument(help="Meta's CSV: market by category.")],
        currency: Annotated[str, typer.Option(help="EUR or USD.")],
        start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
        tiers: Annotated[Path | None, typer.Option(help="Meta's CSV of volume tiers.")] = None,
        apply: Annotated[bool, typer.Option("--apply", help="Import; else only look.")] = False,
    ) -> None:
        """Look at a rate card (unknown markets, duplicates, jumps) and import it with --apply."""
        with self._opened() as opened:
            try:
                texts = [path.read_text("utf-8-sig") if path else "" for path in (prices, tiers)]
                draft = opened.cards.try_out(*texts, currency=currency.upper(), day=start.date())
                typer.echo("\n".join(report(draft)))
                if apply:
                    typer.echo(f"Imported as {opened.cards.apply(draft, prices.name)}.")
            except (OSError, UnicodeDecodeError, HubError) as error:
                sys.exit(_said(error))

    def markup(
        self,
        partner_id: Annotated[str, typer.Argument()],
        percent: Annotated[str, typer.Argument(help="On the rate card, such as 5.5.")],
        start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    ) -> None:
        """Put a markup on a partner's prices from a coming day on."""
        with self._opened() as opened:
            try:
                opened.cards.set_markup(partner_id, Decimal(percent), start.date())
            except (InvalidOperation, HubError) as error:
                sys.exit(_said(error))
        typer.echo(f"{partner_id} pays {percent} % more from {start.date()} on.")

    def price(
        self,
        name: Annotated[
            str, typer.Argument(help="A plan (growth, premium), or licence:regular and so on.")
        ],
        amount: Annotated[str, typer.Argument(help="A month before VAT, such as 500 or 24.90.")],
        currency: Annotated[str, typer.Option(help="EUR or USD.")],
        start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    ) -> None:
        """Change what a plan or a number's licence costs, from a coming day on."""
        with self._opened() as opened:
            verbs, kind = opened.hub.subscriptions, name.lower().removeprefix("licence:")
            is_licence = kind != name.lower()
            change = verbs.set_licence_price if is_licence else verbs.set_plan_price
            try:
                change(kind, amount, currency.upper(), start.date())
            except HubError as error:
                sys.exit(_said(error))
        typer.echo(f"{name} costs {amount} {currency.upper()} a month from {start.date()} on.")

    def begin_again(
        self, partner_id: Annotated[str, typer.Argument(help="Whose subscription has ended.")]
    ) -> None:
        """Let a partner whose subscription has ended begin anew, on the smallest plan."""
        with self._opened() as opened:
            try:
                opened.hub.subscriptions.begin_again(partner_id)
            except HubError as error:
                sys.exit(_said(error))
        typer.echo(f"{partner_id} is on Growth from today on; its numbers come back by onboarding.")

    def books(self) -> None:
        """Compare what the provider charged, what was invoiced and what the ledger says."""
        with self._opened() as opened:
            told = opened.hub.billing.payments.agreements()
        for partner_id, it in told.items():
            three = ("provider", it.provider), ("invoices", it.invoices), ("ledger", it.clearing)
            figures = ", ".join(f"{word} {Decimal(micros) / MICROS:.2f}" for word, micros in three)
            typer.echo(f"{partner_id}: {figures}: {'agree' if it.holds else 'DO NOT AGREE'}")
        if not all(it.holds for it in told.values()):
            sys.exit(1)
