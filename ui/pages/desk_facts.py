"""The partner beside the chat: plan, money, numbers, people, as they are now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.subscriptions.states import SubscriptionState
from core.support.views import PartnerContext
from ui import format as words
from ui.components import button, note, tag
from ui.context import PageContext
from ui.lists import Fact, definition_list
from ui.pages import support_words

_MODELS = {"partner_paid": "Partner pays", "direct_paid": "Clients pay"}


class PartnerFacts:
    """One pane; `only` shows what else this partner has written."""

    def __init__(self, page: PageContext, only: Callable[[str], Awaitable[None]]) -> None:
        self._page = page
        self._only = only
        self._shown: PartnerContext | None = None
        self._room = tag("div", classes="stack")
        with self._room:
            tag("p", "Here stands who writes, once a conversation is open.", "quiet small")

    async def show(self, conversation_id: str) -> None:
        """The partner of the conversation; drawn again only when something is another."""
        found = await self._page.call(self._page.hub.desk.context, conversation_id)
        if found == self._shown:
            return
        self._shown = found
        self._room.clear()
        with self._room:
            self._draw(found)

    def _draw(self, it: PartnerContext) -> None:
        tag("h2", it.name)
        if it.is_blocked:
            note("ban", "This partner is blocked.", "danger")
        if it.is_plan_unpaid:
            note("alert", "The plan is unpaid: no new clients meanwhile.", "warning")
        definition_list([*_plan(it), *_money(it)])
        tag("h3", "Numbers")
        definition_list(_numbers(it))
        tag("h3", "People")
        definition_list([_person(each) for each in it.people])
        conversations = words.count(it.conversations, "conversation")
        button(f"Show {conversations}", lambda: self._only(it.partner_id))


def _plan(it: PartnerContext) -> list[Fact]:
    plan = support_words.PLANS.get(it.plan or "", "None")
    hint = {
        SubscriptionState.CANCELLING: "Cancelled; ends at its day",
        SubscriptionState.ENDED: "Ended",
    }.get(it.plan_state or SubscriptionState.ACTIVE, "")
    if it.next_plan:
        hint = f"Then {support_words.PLANS[it.next_plan]}"
    return [
        Fact(label="Partner ID", value=it.partner_id, mono=True, copy=it.partner_id),
        Fact(label="Plan", value=plan, hint=hint),
        Fact(label="Since", value=words.day(it.since)),
        Fact(label="Country", value=it.country or "Unknown"),
        Fact(
            label="Clients of other partners",
            value="Taken unasked" if it.takes_partner_changes else "Ask first",
        ),
    ]


def _money(it: PartnerContext) -> list[Fact]:
    model = _MODELS.get(it.billing_model, it.billing_model)
    facts = [Fact(label="Billing", value=f"{model}, {it.currency}")]
    if it.available is not None:
        facts.append(Fact(label="Balance", value=words.money(it.available)))
    hint = words.money(it.open_sum) if it.open_invoices else ""
    facts.append(Fact(label="Open invoices", value=words.number(it.open_invoices), hint=hint))
    return facts


def _numbers(it: PartnerContext) -> list[Fact]:
    if not it.numbers:
        return [Fact(label="None yet", value="0")]
    return [Fact(label=_state(raw), value=words.number(count)) for raw, count in it.numbers]


def _state(raw: str) -> str:
    """The raw status, readable; one that Meta invents later, too."""
    return raw.replace("_", " ").capitalize() or "Unknown"


def _person(each: object) -> Fact:
    name, role, email = (str(getattr(each, key)) for key in ("name", "role", "email"))
    return Fact(label=name, value=support_words.ROLES.get(role, role), hint=email)
