"""A client's own page as sentences: see the money, confirm, top up, cards, invoices, renewal.

Every verb takes the page's key and passes the door; what it does is done by the same verbs as the
dashboard's, for the one payer behind the link.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.billing.balance.entities import OutboundStop
from core.billing.client_page.door import Door, LetIn
from core.billing.client_page.views import ClientMoney, PageBrand, PageKey, RenewalState
from core.billing.invoices import listing
from core.billing.invoices.details import DetailsForm, newest
from core.billing.invoices.entities import Invoice
from core.billing.invoices.finding import existing
from core.billing.invoices.listing import InvoiceQuery
from core.billing.invoices.service import InvoiceFile, Invoices
from core.billing.ledger import Ledger, Payer
from core.billing.payments.entities import CardPageVisit, Payment
from core.billing.payments.quoting import Quote
from core.billing.payments.room import live_cards
from core.billing.payments.service import Payments
from core.billing.payments.states import FINAL, PaymentStatus
from core.billing.payments.views import CardView, PaymentView, card_view, view_of
from core.billing.renewal.entities import Renewal
from core.billing.renewal.service import Renewals
from core.errors import NotFound

_INVOICES = 50
_PAYMENTS = 20


class ClientPages(Door):
    """`open_link`, `mail_again` and `send_client_link` are the door's."""

    def __init__(self, payments: Payments, invoices: Invoices, renewals: Renewals) -> None:
        super().__init__(payments.room)
        self._payments = payments
        self._invoices = invoices
        self._renewals = renewals

    def see(self, key: PageKey) -> ClientMoney:
        """Everything as it stands. Raises UnknownLink, ExpiredLink."""
        with self.watching(key) as at:
            return self._money(at)

    def quote(self, key: PageKey, amount: str) -> Quote:
        """What a top-up would cost. Raises InvalidInput (see `quoting.amount_of`)."""
        with self.watching(key) as at:
            return self._payments.quote_for(at.session, at.payer, amount)

    def top_up(self, key: PageKey, amount: str, card_id: str, quote: Quote) -> PaymentView:
        """Raises what `TopUps.top_up` raises."""
        with self.acting(key) as at:
            return self._payments.top_up_for(at.session, at.payer, amount, card_id, quote)

    def pay_invoice(self, key: PageKey, invoice_id: str, card_id: str) -> PaymentView:
        """Raises NotFound, Conflict: invoice_not_open, invoice_payment_under_way, card_expired."""
        with self.acting(key) as at:
            return self._payments.pay_for(at.session, at.payer, invoice_id, card_id)

    def confirm(self, key: PageKey, payment_id: str, back: str = "") -> str:
        """Where the bank's check is, '' when nothing is to be confirmed; it comes back to the
        page with `payment`. `back`: more of the query, such as `lang=de`."""
        with self.watching(key) as at:
            payer = at.payer
        url = f"{self.address(key)}?payment={payment_id}{f'&{back}' if back else ''}"
        return self._payments.confirm_for(payer, payment_id, url)

    def look(self, key: PageKey, payment_id: str) -> PaymentView:
        """The payment as the provider knows it now. Raises NotFound, Unavailable."""
        with self.watching(key) as at:
            payer = at.payer
            _own_payment(at.session, payer, payment_id)
        return self._payments.look_for(payer, payment_id)

    def open_card_page(self, key: PageKey, back: str = "") -> str:
        """The provider's page for a card; it comes back with `visit`. Raises Unavailable."""
        with self.watching(key) as at:
            payer = at.payer
        url = f"{self.address(key)}{f'?{back}' if back else ''}"
        return self._payments.open_card_page(payer, url, actor="client")

    def came_back(self, key: PageKey, visit_id: str) -> CardView | None:
        """The card of a visit; None while, or since, none was entered. Raises NotFound."""
        with self.watching(key) as at:
            visit = at.session.get(CardPageVisit, visit_id)
            if visit is None or (visit.partner_id, visit.client_id) != (
                at.payer.partner_id,
                at.payer.client_id,
            ):
                raise NotFound(visit_id=visit_id)
        card = self._payments.came_back(visit.partner_id, visit_id).card
        return card_view(card, self.room.now()) if card else None

    def make_primary(self, key: PageKey, card_id: str) -> None:
        """Charges begin with this card from now on."""
        with self.acting(key) as at:
            self._payments.make_primary_for(at.session, at.payer, card_id)

    def remove_card(self, key: PageKey, card_id: str) -> None:
        """Raises Conflict: card_in_use, last_card_needed."""
        with self.acting(key) as at:
            self._payments.remove_for(at.session, at.payer, card_id)

    def renew(self, key: PageKey, *, is_on: bool) -> None:
        """Automatic top-ups are on, also after they stopped themselves, or off."""
        with self.acting(key) as at:
            self._renewals.choose(at.session, at.payer, is_on=is_on)
            if is_on:
                at.session.flush()
                self._renewals.balances_moved(at.session, [at.payer])

    def save_details(self, key: PageKey, form: DetailsForm) -> None:
        """Used from the next invoice on. Raises InvalidInput (`faults`: a code by field)."""
        with self.acting(key) as at:
            self._invoices.keep_details(at.session, at.payer, form, by="client")

    def pdf(self, key: PageKey, invoice_id: str) -> InvoiceFile:
        """Raises NotFound, Conflict (invoice_file_pending)."""
        with self.watching(key) as at:
            invoice = existing(at.session, invoice_id)
            if (invoice.partner_id, invoice.client_id) != (
                at.payer.partner_id,
                at.payer.client_id,
            ):
                raise NotFound(invoice_id=invoice_id)
        return self._invoices.file_of(invoice)

    def _money(self, at: LetIn) -> ClientMoney:
        session, payer, partner, now = at.session, at.payer, at.partner, self.room.now()
        contact = self.room.payers.contact(session, payer)
        credit = Ledger(session, self.room.clock).credit_of(payer, contact.currency)
        payments = _payments(session, payer)
        return ClientMoney(
            link_id=at.link.id,
            brand=PageBrand(
                partner_id=partner.id,
                name=partner.brand_name,
                color=partner.brand_color,
                logo_hash=partner.logo_hash or "",
            ),
            client_id=payer.client_id,
            name=contact.name,
            language=contact.people[0][1] if contact.people else "en",
            available=credit.available,
            pending=credit.pending,
            is_stopped=_is_stopped(session, payer),
            cards=tuple(card_view(card, now) for card in live_cards(session, payer)),
            waiting=tuple(p for p in payments if p.status is PaymentStatus.ACTION_REQUIRED),
            under_way=any(p.status not in _STILL for p in payments),
            newest=payments[0] if payments else None,
            invoices=_invoices(session, payer),
            renewal=self._renewal(session, payer),
            details=_details(session, payer),
            expires_at=at.link.expires_at,
        )

    def _renewal(self, session: Session, payer: Payer) -> RenewalState:
        threshold, top_up = self._renewals.figures_of(session, payer)
        found = select(Renewal).where(
            Renewal.partner_id == payer.partner_id, Renewal.client_id == payer.client_id
        )
        known = session.exec(found).first()
        stopped = known is not None and known.stopped_at is not None
        return RenewalState(
            is_on=not stopped and not (known and known.is_paused),
            threshold=threshold,
            top_up=top_up,
            stopped_itself=stopped,
            failures=known.failures if known else 0,
        )


_STILL = FINAL | {PaymentStatus.ACTION_REQUIRED}


def _payments(session: Session, payer: Payer) -> list[PaymentView]:
    found = select(Payment).where(
        Payment.partner_id == payer.partner_id, Payment.client_id == payer.client_id
    )
    newest_first = found.order_by(col(Payment.created_at).desc(), col(Payment.id))
    return [view_of(payment) for payment in session.exec(newest_first.limit(_PAYMENTS))]


def _own_payment(session: Session, payer: Payer, payment_id: str) -> None:
    payment = session.get(Payment, payment_id)
    if payment is None or payment.payer != payer:
        raise NotFound(payment_id=payment_id)


def _invoices(session: Session, payer: Payer) -> tuple[Invoice, ...]:
    query = InvoiceQuery(client_id=payer.client_id, size=_INVOICES)
    return tuple(listing.page(session, payer.partner_id, query)[0])


def _is_stopped(session: Session, payer: Payer) -> bool:
    found = select(OutboundStop.client_id).where(
        OutboundStop.partner_id == payer.partner_id, OutboundStop.client_id == payer.client_id
    )
    return session.exec(found.limit(1)).first() is not None


def _details(session: Session, payer: Payer) -> DetailsForm | None:
    known = newest(session, payer)
    if known is None:
        return None
    return DetailsForm(**{name: getattr(known, name) for name in DetailsForm.__dataclass_fields__})
