"""The frame: where one can go, what the address shows, and what stands in for what is not there."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import Conflict, Forbidden, NotFound, NotSignedIn, Unavailable
from tests.ui.conftest import Browser, Serve, Site, until
from tests.ui.fake_hub import fake_hub
from ui.components import button, page_header
from ui.context import PageContext
from ui.frame_parts import Chrome, Palette
from ui.places import sections


async def accounts(page: PageContext) -> None:
    page_header("WhatsApp Accounts", "Every number.")


async def account(page: PageContext, channel_id: str) -> None:
    if channel_id == "unknown":
        raise NotFound
    if channel_id == "broken":
        raise ValueError("a secret detail")
    if channel_id == "down":
        raise Unavailable
    page_header(f"Number {channel_id}")


PLACES = sections({"/accounts": accounts, "/accounts/{channel_id}": account})


def chrome(user: Browser) -> dict[str, Any]:
    """What the top bar and the side navigation show."""
    (element,) = user.find(kind=Chrome).elements
    return element.props


def places(user: Browser) -> list[str]:
    return [place["word"] for group in chrome(user)["groups"] for place in group["places"]]


def messages(user: Browser) -> list[tuple[str, dict[str, Any]]]:
    """What the hub tells this browser from now on, instead of telling it."""
    sent: list[tuple[str, dict[str, Any]]] = []
    outbox = user.page.outbox
    outbox.enqueue_message = lambda kind, data, _: sent.append((kind, data))  # type: ignore[method-assign]
    return sent


async def test_an_owner_sees_every_place(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser("owner")
        await user.open("/accounts")
        assert places(user) == [
            *("Accounts", "Onboarding", "Integration", "Users", "Profile"),
            *("Balance", "Payment methods", "Invoices", "Subscriptions", "Support", "Audit"),
        ]
        assert [group["name"] for group in chrome(user)["groups"]][:3] == [
            *("WhatsApp", "Settings", "Billing")
        ]


async def test_a_member_sees_accounts_only_and_is_refused_the_rest(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser("member")
        await user.open("/accounts")
        assert places(user) == ["Accounts", "Onboarding"]
        assert chrome(user)["support"] == ""
        assert await user.open_any("/users") == 403
        await user.should_see("Your role does not allow this.")


async def test_the_start_page_is_accounts(serve: Serve) -> None:
    async with serve(PLACES) as site:
        answer = await site.browser().look("/")
        assert answer.headers["location"] == "/accounts"


async def test_title_and_current_place_follow_the_section(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts")
        assert user.page.title == "WhatsApp Accounts · Partner Hub"
        assert chrome(user)["current"] == "/accounts"
        await user.go("/users")
        await user.should_see("This page is not there yet")
        assert user.page.title == "Users · Partner Hub"
        assert chrome(user)["current"] == "/users"


async def test_a_page_below_a_list_keeps_the_list_as_the_current_place(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts/CH1")
        await user.should_see("Number CH1")
        assert chrome(user)["current"] == "/accounts"


async def test_an_unknown_address_is_a_404_in_the_frame(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        assert await user.open_any("/nowhere/at/all") == 404
        await user.should_see("There is nothing at this address")
        assert "Integration" in places(user)
        assert chrome(user)["current"] == ""


async def test_an_unknown_thing_is_a_404_too(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        assert await user.open_any("/accounts/unknown") == 404
        await user.should_see("There is nothing at this address")


async def test_a_fault_shows_its_reference_and_no_detail_and_is_logged_once(
    serve: Serve, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        assert await user.open_any("/accounts/broken") == 500
        await user.should_see("This did not work because of a fault in the hub.")
        await user.should_not_see("a secret detail")
        (code,) = (e for e in user.page.elements.values() if e.tag == "code")
        printed = capsys.readouterr().out
        assert printed.count("page_failed") == 1
        assert code.text in printed
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_part_that_is_down_is_a_503(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        assert await user.open_any("/accounts/down") == 503
        await user.should_see("Everything saved so far is kept.")


async def test_a_database_that_is_gone_is_a_503_with_a_time_to_come_back(serve: Serve) -> None:
    async with serve(PLACES) as site:
        site.hub.sign_in.is_down = True
        answer = await site.browser().look("/accounts")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"


async def test_a_failing_handler_says_so_in_plain_words(serve: Serve) -> None:
    async def refuses(page: PageContext) -> None:
        def act() -> None:
            raise Conflict

        button("Do it", act)

    async with serve(sections({"/accounts": refuses})) as site:
        user = site.browser()
        await user.open("/accounts")
        user.find("Do it").click()
        await user.should_see("This is not possible right now.")


async def test_a_session_that_ended_leads_to_sign_in_and_back(serve: Serve) -> None:
    async def ends(page: PageContext) -> None:
        def act() -> None:
            raise NotSignedIn

        button("Do it", act)

    async with serve(sections({"/accounts": ends})) as site:
        user = site.browser()
        await user.open("/accounts")
        sent = messages(user)
        user.find("Do it").click()
        assert ("open", "/login?next=/accounts") in [
            (kind, data.get("path")) for kind, data in sent
        ]


async def test_a_link_to_a_plain_route_leaves_the_single_page(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts")
        sent = messages(user)
        await user.go("/healthz?x=1")
        assert ("open", "/healthz?x=1") in [(kind, data.get("path")) for kind, data in sent]
        await user.should_not_see("There is nothing at this address")


async def test_strangers_are_sent_to_sign_in_from_places_and_told_404_elsewhere(
    serve: Serve,
) -> None:
    async with serve(PLACES) as site:
        stranger = site.browser("")
        answer = await stranger.look("/accounts/CH1?tab=x")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2Faccounts%2FCH1%3Ftab%3Dx"
        assert (await stranger.look("/nowhere")).status_code == 404
        assert (await stranger.http_client.post("/accounts")).status_code == 404


async def test_only_people_with_two_partners_can_switch(serve: Serve) -> None:
    async with serve(PLACES) as site:
        one, two = site.browser("owner"), site.browser("both")
        await one.open("/accounts")
        assert not chrome(one)["others"]
        await two.open("/accounts")
        assert chrome(two)["partner"]["name"] == "Acme Messaging"
        assert [other["name"] for other in chrome(two)["others"]] == ["Beta Connect"]


async def test_the_sandbox_says_so_and_production_does_not(serve: Serve) -> None:
    async with serve(PLACES, sandbox_url="http://localhost:8083") as site:
        user = site.browser()
        await user.open("/accounts")
        assert chrome(user)["sandbox"] == "http://localhost:8083"
    async with serve(PLACES, hub=fake_hub()) as site:
        user = site.browser()
        await user.open("/accounts")
        assert chrome(user)["sandbox"] == ""


async def test_a_held_copy_says_so_on_every_page(serve: Serve) -> None:
    hub = fake_hub()
    async with serve(PLACES, hub=hub) as site:
        hub.operations = SimpleNamespace(holding=SimpleNamespace(is_held=lambda: True))
        user = site.browser()
        await user.open("/accounts")
        assert chrome(user)["held"]
        hub.operations = None
        await user.open("/accounts")
        assert not chrome(user)["held"]


async def test_the_navigation_comes_before_the_content(
    serve: Serve,
) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts")
        order = [child.tag for child in user.page.layout.default_slot.children]
        assert order[:2] == ["nicegui-hub_chrome", "q-page-container"]


def palette(user: Browser) -> tuple[Palette, list[Any]]:
    """The search, and what it is told to show from now on."""
    shown: list[Any] = []
    (element,) = user.find(kind=Palette).elements
    element.run_method = lambda *call: shown.append(call)  # type: ignore[method-assign]
    return element, shown


def stock(site: Site) -> None:
    """A number, its client and an invoice that fit any text of four letters."""
    number = SimpleNamespace(
        id="CH1", phone_number="4915112345678", name="Bakery Sun", client_name="Sun GmbH"
    )
    client = SimpleNamespace(id="CL1", name="Sun GmbH", organisation="Sun GmbH")
    invoice = SimpleNamespace(id="IN1", number="2026-000021", buyer_name="Acme")
    site.hub.accounts.search = lambda _who, _text: [number]
    site.hub.accounts.search_clients = lambda _who, _text: [client]
    site.hub.billing.invoices.search = lambda _who, _text: [invoice]


async def test_the_palette_finds_numbers_clients_and_invoices(serve: Serve) -> None:
    async with serve(PLACES) as site:
        stock(site)
        user = site.browser()
        await user.open("/accounts")
        _, shown = palette(user)
        user.find(kind=Palette).trigger("search", "4915")
        await until(lambda: bool(shown))
        name, text, hits = shown[0]
        assert (name, text) == ("show", "4915")
        assert [(hit["group"], hit["word"], hit["href"]) for hit in hits] == [
            ("Numbers", "+49 1511 2345678", "/accounts/CH1"),
            ("Clients", "Sun GmbH", "/accounts?client=CL1"),
            ("Invoices", "2026-000021", "/billing/invoices/IN1"),
        ]


async def test_the_palette_asks_no_invoices_for_a_member_nor_for_one_who_became_it(
    serve: Serve,
) -> None:
    def refuse(_who: Any, _text: str) -> list[Any]:
        raise Forbidden

    async with serve(PLACES) as site:
        stock(site)
        for role in ("member", "owner"):
            if role == "owner":
                site.hub.billing.invoices.search = refuse
            user = site.browser(role)
            await user.open("/accounts")
            _, shown = palette(user)
            user.find(kind=Palette).trigger("search", "4915")
            await until(lambda shown=shown: bool(shown))
            assert [hit["group"] for hit in shown[0][2]] == ["Numbers", "Clients"]


async def test_the_palette_has_every_place_that_its_person_can_open(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts")
        (element,) = user.find(kind=Palette).elements
        pages = {page["href"]: page for page in element.props["pages"]}
        assert set(pages) == {each.path for each in PLACES if "{" not in each.path}
        webhooks, renewal = pages["/integration/webhooks"], pages["/billing/auto-renewal"]
        assert (webhooks["word"], webhooks["more"]) == ("Webhooks", "Integration")
        assert (renewal["word"], renewal["more"]) == ("Auto-renewal", "Billing")
        assert [page["word"] for page in pages.values() if page["first"]][:2] == [
            *("WhatsApp Accounts", "Onboarding")
        ]
        assert all(page["icon"] for page in pages.values())
        assert element.props["hint"] == "Number, client, invoice, page"
        member = site.browser("member")
        await member.open("/accounts")
        (element,) = member.find(kind=Palette).elements
        assert {page["href"] for page in element.props["pages"]} == {
            *("/accounts", "/onboarding-runs", "/me")
        }
        assert element.props["hint"] == "Number, client, page"


async def test_the_page_stays_within_its_budget_of_elements(serve: Serve) -> None:
    async with serve(PLACES, sandbox_url="http://localhost:8083") as site:
        user = site.browser("both")
        await user.open("/accounts")
        # 150 a page; the frame leaves nearly all of them to its sections.
        assert len(user.page.elements) <= 20
