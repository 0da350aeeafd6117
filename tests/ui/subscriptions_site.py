"""The money pages with a subscription on top: two owners, a card, a number that is licensed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from nicegui import ui
from sqlmodel import Session, select

from core.access import Gate
from core.accounts.leaving import LEAVE_JOB
from core.partners.entities import Partner
from core.subscriptions.entities import Licence, PlanChange, Subscription
from core.subscriptions.service import Subscriptions
from core.subscriptions.states import CancelReason, PlanName, SubscriptionState
from tests import factories
from tests.ui.conftest import Browser
from tests.ui.money_site import MoneySite, money_site, until

PATH = "/billing/subscriptions"
PATIENCE = 200  # looks at the page until something has come
_LOOKED = 1.1  # seconds; a sum that replaced another can be paid then


@contextmanager
def subscriptions_site(
    folder: Path, *, with_card: bool = True, **settings: Any
) -> Iterator[MoneySite]:
    """On Growth since today, 22 November; cookie `second` is another owner of `partner`.

    With a card the first invoice is paid; `settings` are the hub's.
    """
    with money_site(folder) as site:
        hub = site.hub
        hub.settings = hub.settings.model_copy(update=settings)
        hub.support.asked = lambda _who, _kind: {}
        hub.subscriptions = Subscriptions(
            gate=Gate(site.database, site.clock),
            database=site.database,
            clock=site.clock,
            jobs=site.jobs,
            settings=hub.settings,
            issuing=site.billing.invoices.issuing,
            payments=site.billing.payments,
        )
        site.jobs.register(LEAVE_JOB, lambda *_: None)  # Meta is another test's
        _add_owner(site)
        site.do(site.billing.renewal.pause)  # it would top up beside what is tested
        if with_card:
            site.card(last4="4242")
        site.tick("subscriptions")
        yield site


def _add_owner(site: MoneySite) -> None:
    def add(session: Session) -> Any:
        partner = session.get_one(Partner, site.partner.id)
        person = factories.make_person(session)
        factories.make_membership(session, partner, person)
        # Outlives the months that tests let pass.
        until = site.clock.now() + timedelta(days=3_000)
        return factories.make_login(session, partner, person, clock=site.clock, expires_at=until)

    people = site.hub.sign_in.people
    site.people["second"] = who = site.write(add)
    people["second"] = (who, people["owner"][1])


def upgrade(site: MoneySite, *, who: str = "owner") -> None:
    """Somebody has confirmed; `work` charges it."""
    subscriptions = site.hub.subscriptions
    quote = site.do(subscriptions.quote_upgrade, PlanName.PREMIUM, who=who)
    site.do(subscriptions.upgrade, quote.token, quote.card.id, who=who)


def cancel(site: MoneySite, *, who: str = "owner") -> None:
    """Somebody has cancelled."""
    subscriptions = site.hub.subscriptions
    preview = site.do(subscriptions.preview_cancel, who=who)
    site.do(
        subscriptions.cancel,
        token=preview.token,
        reason=CancelReason.OTHER,
        knows_numbers=True,
        who=who,
    )


def subscription(site: MoneySite) -> Subscription:
    """The row as it is now."""
    found = select(Subscription).where(Subscription.partner_id == site.partner.id)
    return site.write(lambda session: session.exec(found).one())


def plan(site: MoneySite) -> str:
    return subscription(site).plan


def state(site: MoneySite) -> SubscriptionState:
    return SubscriptionState(subscription(site).state)


def licence(site: MoneySite) -> Licence:
    """The one number's."""
    found = select(Licence).where(Licence.partner_id == site.partner.id, Licence.until == None)  # noqa: E711
    return site.write(lambda session: session.exec(found).one())


def upgrades(site: MoneySite) -> list[str]:
    """How each upgrade stands, the oldest first."""
    found = select(PlanChange.status).where(PlanChange.kind == "upgrade").order_by(PlanChange.at)
    return site.write(lambda session: list(session.exec(found)))


def add_number(site: MoneySite) -> None:
    """Another number goes live and is licensed."""

    def add(session: Session) -> None:
        partner = session.get_one(Partner, site.partner.id)
        factories.make_number(session, partner, live_at=site.clock.now())

    site.write(add)
    site.tick("subscriptions")


def pass_time(site: MoneySite, **by: int) -> None:
    site.clock.advance(timedelta(**by))


def pay_button(user: Browser) -> ui.button | None:
    """`Pay … and upgrade` of the open page."""
    found = [e for e in user.page.elements.values() if isinstance(e, ui.button)]
    return next((e for e in found if e.text.endswith("and upgrade")), None)


async def at_quote(user: Browser) -> ui.button:
    """The open upgrade page shows its preview; the button that confirms it."""
    await until(lambda: (found := pay_button(user)) is not None and found.text != "Pay")
    button = pay_button(user)
    assert button is not None
    return button


def button_named(user: Browser, text: str) -> ui.button | None:
    """The newest visible button with this text."""
    found = [
        e
        for e in user.page.elements.values()
        if isinstance(e, ui.button) and e.text == text and e.visible
    ]
    return found[-1] if found else None
