"""The client's own page: shown by GET, changed by POST, each POST led back to the page.

One route takes all acts: it knows the client by its cookie, refuses what another site sends, and
says on the page itself why something was not done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from core.billing.client_page.views import ClientMoney, PageKey
from core.billing.invoices.details import DetailsForm
from core.billing.payments.quoting import Quote
from core.errors import Conflict, HubError, InvalidInput, NotFound, Unavailable
from core.hub import Hub
from core.money import Money
from core.onboarding.errors import OnboardingRefused
from ui.context import in_thread
from ui.i18n import LANGUAGES, Texts, texts
from ui.pages.onboarding import plain
from ui.pages.onboarding.origin import is_ours
from ui.pages.pay import words
from ui.pages.pay.doors import browser_texts, key_of, refusal
from ui.pages.pay.page import Said, leave, path_of, show

Form = dict[str, str]
_REFUSALS = (Conflict, InvalidInput, NotFound, Unavailable)


def install(app: FastAPI, hub: Hub) -> None:
    """Registers the page, its acts and its files."""
    desk, name = hub.billing.client_page, hub.settings.name

    @app.get("/pay/at/{link_id}", include_in_schema=False)
    async def look(link_id: str, request: Request) -> Response:
        key = key_of(request, link_id, hub)
        try:
            said = await _back(hub, key, request)
            money = await in_thread(desk.see, key)
        except HubError as error:
            return refusal(error, browser_texts(request), name)
        say = spoken(request, money)
        told = words.done(said or request.query_params.get("done", ""), say)
        return show(money, say, Said(told=told))

    @app.post("/pay/at/{link_id}/{act}", include_in_schema=False)
    async def act(link_id: str, act: str, request: Request) -> Response:
        say, key = browser_texts(request), key_of(request, link_id, hub)
        if not is_ours(request, hub.settings):
            return plain.refused(OnboardingRefused("not_from_here"), say, name)
        if act not in _ACTS:
            return refusal(NotFound(), say, name)
        form = {key: str(value)[:2000] for key, value in (await request.form()).items()}
        try:
            money = await in_thread(desk.see, key)
            return await _ACTS[act](Act(hub, key, money, spoken(request, money), form))
        except HubError as error:
            return refusal(error, say, name)

    @app.get("/pay/at/{link_id}/invoices/{invoice_id}", include_in_schema=False)
    async def file(link_id: str, invoice_id: str, request: Request) -> Response:
        key = key_of(request, link_id, hub)
        try:
            found = await in_thread(desk.pdf, key, invoice_id)
        except HubError as error:
            return refusal(error, browser_texts(request), name)
        headers = {
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Cache-Control": "no-store",
        }
        return Response(found.content, media_type="application/pdf", headers=headers)


async def _back(hub: Hub, key: PageKey, request: Request) -> str:
    """Back from the provider's page or the bank's: what came of it, as a word for the page."""
    desk, asked = hub.billing.client_page, request.query_params
    try:
        if payment := asked.get("payment"):
            await in_thread(desk.look, key, payment)
        if visit := asked.get("visit"):
            card = await in_thread(desk.came_back, key, visit)
            if card is not None:
                return "card_added"
            return "card_cancelled" if asked.get("cancelled") else "card_checked"
    except (NotFound, Unavailable) as error:
        if error.code == "link_unknown":
            raise
    return ""


def spoken(request: Request, money: ClientMoney) -> Texts:
    """In the language that was chosen on the page, or in the client's own."""
    asked = request.query_params.get("lang", "")
    return texts(asked if asked in LANGUAGES else money.language)


class Act:
    """One thing that the client wants done; `form` is what its browser sent."""

    def __init__(self, hub: Hub, key: PageKey, money: ClientMoney, say: Texts, form: Form) -> None:
        self.desk, self.key, self.money, self.say, self.form = (
            hub.billing.client_page,
            key,
            money,
            say,
            form,
        )

    @property
    def back(self) -> str:
        """What comes back with the browser from elsewhere."""
        return urlencode({"lang": self.say.language})

    async def do(self, verb: Callable[[], object], done: str) -> Response:
        """Do it and lead back to the page, or say on the page why not."""
        try:
            await in_thread(verb)
        except _REFUSALS as error:
            return self.wrong(error)
        return self.home(done)

    def home(self, done: str = "") -> Response:
        where = path_of(self.money.link_id, "", self.say) + (f"&done={done}" if done else "")
        return RedirectResponse(where, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})

    def wrong(self, error: HubError, form: DetailsForm | None = None) -> Response:
        said = Said(
            wrong=words.refused(error, self.say),
            amount=self.form.get("amount", ""),
            card_id=self.form.get("card", ""),
            form=form,
            faults=dict(error.about.get("faults", {})),
        )
        return show(self.money, self.say, said, HTTPStatus.CONFLICT)

    async def leave_to(self, verb: Callable[[], str], button: str) -> Response:
        """To the provider's page or the bank's, if there is one."""
        try:
            url = await in_thread(verb)
        except _REFUSALS as error:
            return self.wrong(error)
        return leave(self.money, self.say, url, button) if url else self.home()


async def _quote(act: Act) -> Response:
    amount = act.form.get("amount", "").strip()
    try:
        quote = await in_thread(act.desk.quote, act.key, amount)
    except _REFUSALS as error:
        return act.wrong(error)
    said = Said(amount=amount, card_id=act.form.get("card", ""), quote=quote)
    return show(act.money, act.say, said)


async def _top_up(act: Act) -> Response:
    form = act.form
    try:
        quote = _quoted(form)
    except ValueError:
        return act.wrong(Conflict(code="quote_changed"))
    amount, card = form.get("amount", ""), form.get("card", "")
    return await act.do(lambda: act.desk.top_up(act.key, amount, card, quote), "topped_up")


def _quoted(form: Form) -> Quote:
    """What the page showed; the service compares it with what it would say now."""
    net, fee, tax = (Money(int(form.get(n, "")), form.get("currency", "")) for n in _PARTS)
    return Quote(net=net, fee=fee, tax=tax, token=form.get("token", ""))


_PARTS = ("net", "fee", "tax")


async def _pay(act: Act) -> Response:
    invoice, card = act.form.get("invoice", ""), act.form.get("card", "")
    return await act.do(lambda: act.desk.pay_invoice(act.key, invoice, card), "paid")


async def _confirm(act: Act) -> Response:
    payment, label = act.form.get("payment", ""), act.say("Confirm at your bank")
    return await act.leave_to(lambda: act.desk.confirm(act.key, payment, act.back), label)


async def _card(act: Act) -> Response:
    label = act.say("Enter the card")
    return await act.leave_to(lambda: act.desk.open_card_page(act.key, act.back), label)


async def _first(act: Act) -> Response:
    card = act.form.get("card", "")
    return await act.do(lambda: act.desk.make_primary(act.key, card), "card_first")


async def _remove(act: Act) -> Response:
    card = act.form.get("card", "")
    return await act.do(lambda: act.desk.remove_card(act.key, card), "card_removed")


async def _renewal(act: Act) -> Response:
    is_on = act.form.get("on") == "1"
    done = "renewal_on" if is_on else "renewal_off"
    return await act.do(lambda: act.desk.renew(act.key, is_on=is_on), done)


async def _details(act: Act) -> Response:
    typed = {name: act.form.get(name, "") for name in DetailsForm.__dataclass_fields__}
    form = DetailsForm(**typed)
    try:
        await in_thread(act.desk.save_details, act.key, form)
    except InvalidInput as error:
        return act.wrong(error, form)
    return act.home("details_saved")


_ACTS: dict[str, Callable[[Act], Awaitable[Response]]] = {
    "quote": _quote,
    "top-up": _top_up,
    "pay": _pay,
    "confirm": _confirm,
    "card": _card,
    "first": _first,
    "remove": _remove,
    "renewal": _renewal,
    "details": _details,
}
