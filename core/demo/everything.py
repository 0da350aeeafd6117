"""Plants the whole demo world, part by part; what is there already stays as it is."""

from __future__ import annotations

from core.billing.balance.ports import Numbers
from core.billing.invoices.ports import PayerBook
from core.billing.invoices.terms import terms_of
from core.billing.ports import UsageBook
from core.demo.invited import plant_invited
from core.demo.money import plant_money
from core.demo.plant import plant
from core.demo.programs import plant_programs
from core.demo.sales import Sales
from core.demo.support import plant_support
from core.demo.webhooks import plant_webhooks
from core.hub import Hub
from core.ports import Database, Vault


def plant_everything(
    database: Database,
    hub: Hub,
    vault: Vault,
    books: tuple[UsageBook, Numbers, PayerBook],
) -> None:
    """Accounts, money, conversations, programs and webhooks; sandbox mode only."""
    settings, clock = hub.settings, hub.clock
    usage, numbers, payers = books
    outside = settings.meta_graph_base
    redirect = f"{outside}/partner-site/redirect"
    plant(database, clock, vault, issuer=settings.oidc_issuer, redirect=redirect)
    room, terms = hub.billing.payments.room, terms_of(settings)
    plant_money(
        database,
        clock,
        usage,
        numbers,
        lambda past, watch: Sales(past, watch, room, payers, terms),
    )
    plant_support(hub.support.room)
    plant_invited(database, clock, settings.invitation_lifetime)
    plant_programs(database, clock)
    plant_webhooks(database, clock, vault, receivers=f"{outside}/receiver")
