"""The payment step of the fake onboarding: the same verbs, prices and sums without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from core.billing.invoices.details import DetailsForm, cleaned
from core.billing.payments.quoting import Bounds, Quote, amount_of
from core.billing.payments.states import PaymentStatus, Purpose
from core.billing.payments.views import PaymentView
from core.billing.price_list import PriceList, Step
from core.billing.prices import Category
from core.errors import HubError
from core.money import Money
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.views import PayStage, RunKey, RunView
from tests.ui.fake_hub import NOW

# The simulated browser opens pages of this app only: the provider sends it back at once.
AWAY = "/onboarding/PAacme/run/run0000000000001"


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


PRICES = PriceList(
    card="USD-2026-10-01-v1-example",
    currency="USD",
    effective_from=date(2026, 10, 1),
    day=date(2026, 11, 22),
    is_example=True,
    steps={
        ("Germany", Category.MARKETING): (Step(1, usd("0.12")),),
        ("Germany", Category.UTILITY): (Step(1, usd("0.05")), Step(100_001, usd("0.04"))),
        ("India", Category.MARKETING): (Step(1, usd("0.01")),),
    },
)


def a_credit(**values: Any) -> PaymentView:
    """The first top-up, on its way."""
    given: dict[str, Any] = {
        "id": "pay1",
        "client_id": "CL1",
        "purpose": Purpose.TOP_UP,
        "status": PaymentStatus.PROCESSING,
        "net": usd("250"),
        "fee": usd("10"),
        "tax": usd("0"),
        "gross": usd("260"),
        "refunded": usd("0"),
        "card_id": "card1",
        "decline_code": "",
        "invoice_id": "",
        "dispute": "",
        "created_at": NOW,
        "ended_at": None,
    }
    return PaymentView(**given | values)


class FakePaymentStep:
    """Mixed into `FakeOnboarding`."""

    view: RunView
    said: list[tuple[Any, ...]]
    price_list: PriceList | None = PRICES
    details: DetailsForm = DetailsForm(
        legal_name="Demo Bakery",
        email="ada@bakery.example",
        address="",
        postal_code="",
        city="",
        country="DE",
    )
    money_refusal: HubError | None = None  # of the next verb that asks the provider
    back: dict[str, Any]  # how the view changes when the browser comes back

    def prices(self, key: RunKey) -> PriceList | None:
        self._act(key)
        return self.price_list

    def accept_terms(self, key: RunKey, version: str, address: str) -> RunView:
        self.said.append(("accept_terms", version, bool(address)))
        return self._act(key, pay_stage=PayStage.DETAILS)

    def billing_details(self, key: RunKey) -> DetailsForm:
        self._act(key)
        return self.details

    def save_details(self, key: RunKey, form: DetailsForm) -> RunView:
        self.details = cleaned(form)
        self.said.append(("save_details", self.details))
        return self._act(key, pay_stage=PayStage.CARD)

    def open_card_page(self, key: RunKey) -> str:
        self.said.append(("open_card_page",))
        self._refuse()
        self._act(key, card_visited=True)
        return AWAY

    def came_back(self, key: RunKey, *, cancelled: bool = False) -> RunView:
        self.said.append(("came_back", cancelled))
        self._refuse()
        return self._act(key, **getattr(self, "back", {}))

    def renewal_figures(self, key: RunKey) -> tuple[Money, Money]:
        self._act(key)
        return usd("200"), usd("100")

    def quote_credit(self, key: RunKey, amount: str) -> Quote:
        net = amount_of(amount, "USD", Bounds(least=10, most=50_000))
        return Quote(net=net, fee=Money(net.micros // 25, "USD"), tax=usd("0"), token="t")

    def buy_credit(self, key: RunKey, amount: str, quote: Quote, *, renews: bool) -> RunView:
        self.said.append(("buy_credit", amount, quote.gross, renews))
        self._refuse()
        return self._act(key, credit=a_credit(), trouble=None)

    def confirm_credit(self, key: RunKey) -> str:
        self.said.append(("confirm_credit",))
        return AWAY

    def skip_credit(self, key: RunKey, *, renews: bool) -> RunView:
        self.said.append(("skip_credit", renews))
        values: dict[str, Any] = {"pay_stage": None, "step": RunStep.META}
        return self._act(key, status=RunStatus.OPEN, trouble=None, **values)

    def _refuse(self) -> None:
        refusal, self.money_refusal = self.money_refusal, None
        if refusal is not None:
            raise refusal

    def _act(self, key: RunKey, **values: Any) -> RunView:
        self.view = replace(self.view, **values)
        return self.view
