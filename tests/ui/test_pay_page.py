"""A client's own page in its browser: the link, the forms, what others may not do."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from core.accounts.entities import Client
from tests import factories
from tests.ui.conftest import serving
from tests.ui.money_site import PLACES, MoneySite, money_site
from ui.pages import pay

OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[MoneySite]:
    with money_site(tmp_path, billing_model="direct_paid", brand_name="Acme <b>") as site:
        yield site


class Visitor:
    """A browser without any session of the hub's."""

    def __init__(self, world: MoneySite, browser: httpx.AsyncClient, mill: Client) -> None:
        self.world = world
        self.http = browser
        self.mill = mill
        self.page = ""  # the clean address
        self.text = ""  # of the last answer

    async def open_mail(self) -> httpx.Response:
        """The newest mail's button is pressed."""
        url = self.world.mailer.mails[-1].button_url
        answer = await self.http.get(url.removeprefix("http://test"))
        if answer.status_code == 303:
            self.page = answer.headers["location"]
        return answer

    async def look(self, more: str = "") -> str:
        answer = await self.http.get(f"{self.page}{more}")
        assert answer.status_code == 200
        self.text = html.unescape(answer.text)
        return self.text

    async def post(self, act: str, lang: str = "en", **form: str) -> httpx.Response:
        answer = await self.http.post(f"{self.page}/{act}?lang={lang}", data=form, headers=OURS)
        self.text = html.unescape(answer.text)
        return answer

    def hidden(self) -> dict[str, str]:
        """The fields of the form that pays what was quoted."""
        (form,) = re.findall(r"top-up\?lang.*?</form>", self.text, re.DOTALL)
        return dict(re.findall(r'name="([a-z]+)" value="([^"]*)"', form))

    async def card(self, **facts: Any) -> None:
        """Through the provider's page and back, as the client walks it."""
        await self.post("card")
        page = list(self.world.provider.pages)[-1]
        assert f"url=https://pay.test/{page}" in self.text
        self.world.provider.fill_card_page(page, **facts)
        back = self.world.provider._offered[page][1].removeprefix("http://test")
        answer = await self.http.get(back)
        assert "The card is saved." in html.unescape(answer.text)


@asynccontextmanager
async def visiting(world: MoneySite, *, opens: bool = True) -> AsyncIterator[Visitor]:
    def known(session: Any) -> Client:
        found = session.exec(select(Client).where(Client.name == "Mill")).one()
        session.expunge(found)
        return found  # type: ignore[no-any-return]

    mill = world.write(known)
    world.do(world.billing.client_page.send_client_link, mill.id)
    world.work()
    async with serving(PLACES, world.hub, installs=[pay.install]) as site:
        visitor = Visitor(world, site.browser("").http_client, mill)
        if opens:
            await visitor.open_mail()
        yield visitor


async def test_the_mailed_link_leads_to_an_address_without_a_secret(world: MoneySite) -> None:
    async with visiting(world, opens=False) as visitor:
        answer = await visitor.open_mail()
        assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
        token = world.mailer.mails[-1].button_url.rpartition("/")[2]
        assert token not in answer.headers["location"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        text = await visitor.look()
        assert "Your credit with Acme <b>" in text
        raw = (await visitor.http.get(visitor.page)).text
        assert "Acme <b>" not in raw
        assert token not in raw


async def test_a_dashboard_session_opens_nothing_and_none_is_needed(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        await visitor.look()
        visitor.http.cookies.delete("hub_pay")
        visitor.http.cookies.set("hub_session", "owner")
        answer = await visitor.http.get(visitor.page)
        assert answer.status_code == 404
        assert "This link does not work here" in answer.text


async def test_a_client_adds_a_card_tops_up_and_downloads_its_invoice(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        assert "Add a card first" in await visitor.look()
        await visitor.card()
        await visitor.post("renewal", on="0")
        (card,) = re.findall(r'<option value="(\w+)">Visa', await visitor.look())
        await visitor.post("quote", amount="100", card=card)
        assert "123.76 EUR" in visitor.text
        answer = await visitor.post("top-up", **visitor.hidden())
        assert answer.headers["location"].endswith("done=topped_up")
        assert "A payment is under way" in await visitor.look()
        assert 'http-equiv="refresh"' in visitor.text
        world.work()
        text = await visitor.look()
        assert "100.00 EUR" in text
        assert 'http-equiv="refresh"' not in text
        (file,) = re.findall(r'href="([^"]+/invoices/[^"]+)"', text)
        answer = await visitor.http.get(file)
        assert answer.headers["content-type"] == "application/pdf"
        assert "attachment" in answer.headers["content-disposition"]
        assert world.provider.charged == 123_760_000


@pytest.mark.parametrize("change", [{"net": "1000000"}, {"fee": "x"}, {"amount": "1"}])
async def test_a_sum_that_was_changed_in_the_page_is_not_charged(
    world: MoneySite, change: dict[str, str]
) -> None:
    async with visiting(world) as visitor:
        await visitor.card()
        (card,) = re.findall(r'<option value="(\w+)">Visa', await visitor.look())
        await visitor.post("quote", amount="100", card=card)
        answer = await visitor.post("top-up", **(visitor.hidden() | change))
        assert answer.status_code == 409
        assert world.provider.charged == 0


@pytest.mark.parametrize("amount", ["", "-5", "0", "1e3", "1.001", "999999999999999", "10 USD"])
async def test_a_bad_amount_is_answered_in_a_sentence(world: MoneySite, amount: str) -> None:
    async with visiting(world) as visitor:
        await visitor.card()
        answer = await visitor.post("quote", amount=amount, card="x")
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
        assert f'value="{amount}"' in visitor.text


async def test_what_the_bank_asks_is_confirmed_from_the_page(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        await visitor.card(asks=True)
        await visitor.post("renewal", on="0")
        (card,) = re.findall(r'<option value="(\w+)">Visa', await visitor.look())
        await visitor.post("quote", amount="100", card=card)
        await visitor.post("top-up", **visitor.hidden())
        world.work()
        assert "Your bank wants to know that it is you" in await visitor.look()
        (payment,) = re.findall(r'name="payment" value="(\w+)"', visitor.text)
        await visitor.post("confirm", payment=payment)
        charge = next(iter(world.provider.charges))
        assert f"https://pay.test/check/{charge}" in visitor.text
        world.provider.approve(charge)
        text = await visitor.look(f"?payment={payment}")
        assert "100.00 EUR" in text
        assert "Your bank wants to know" not in text


async def test_the_page_speaks_the_clients_language_or_the_chosen_one(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        for lang, title in (
            ("de", "Ihr Guthaben bei"),
            ("pt_BR", "O seu crédito com"),
            ("es", "Su crédito con"),
            ("xx", "Your credit with"),
        ):
            assert title in await visitor.look(f"?lang={lang}")
        answer = await visitor.post("renewal", lang="de", on="0")
        assert "lang=de" in answer.headers["location"]


async def test_billing_details_are_said_field_by_field(world: MoneySite) -> None:
    typed = {
        "legal_name": 'Mill "GmbH"',
        "email": "books@mill.example",
        "address": "Am Bach 1",
        "city": "",
        "country": "DE",
    }
    async with visiting(world) as visitor:
        answer = await visitor.post("details", **typed)
        assert answer.status_code == 409
        assert "This is needed." in visitor.text
        assert 'value="Mill &#34;GmbH&#34;"' in answer.text
        answer = await visitor.post("details", **(typed | {"city": "Berlin"}))
        assert answer.status_code == 303
        assert 'value="Berlin"' in await visitor.look("?done=details_saved")
        assert "Saved." in visitor.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_other_sites_change_nothing(world: MoneySite, site: str) -> None:
    async with visiting(world) as visitor:
        answer = await visitor.http.post(
            f"{visitor.page}/renewal", data={"on": "0"}, headers={"sec-fetch-site": site}
        )
        assert answer.status_code == 403
        assert "Switch off" in await visitor.look()


async def test_looking_changes_nothing_and_unknown_acts_are_not_found(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        for act in ("renewal", "card", "details", "top-up"):
            assert (await visitor.http.get(f"{visitor.page}/{act}")).status_code in (404, 405)
        assert (await visitor.post("everything")).status_code == 409
        assert "Switch off" in await visitor.look()


async def test_an_expired_link_offers_a_new_one_by_mail(world: MoneySite) -> None:
    async with visiting(world) as visitor:
        old = world.mailer.mails[-1].button_url.removeprefix("http://test")
        world.clock.advance(timedelta(days=15))
        assert (await visitor.http.get(visitor.page)).status_code == 410
        answer = await visitor.http.get(old)
        assert answer.status_code == 410
        assert f'action="{old}"' in answer.text
        count = len(world.mailer.mails)
        assert (await visitor.http.post(old, headers={"sec-fetch-site": "x"})).status_code == 403
        assert (await visitor.http.post(old, headers=OURS)).status_code == 200
        world.work()
        assert len(world.mailer.mails) == count + 1
        await visitor.open_mail()
        await visitor.look()


async def test_another_link_in_the_same_browser_does_not_pay_for_the_first_one(
    world: MoneySite,
) -> None:
    async with visiting(world) as visitor:
        first = visitor.page
        other = world.write(lambda session: factories.make_client(session, world.partner).id)
        world.do(world.billing.client_page.send_client_link, other)
        world.work()
        await visitor.open_mail()
        assert visitor.page != first
        assert (await visitor.http.get(first)).status_code == 404
