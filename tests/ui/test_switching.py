"""Two partners: who may switch sees how, links to the other's things offer it, no one else does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from core.access import Permission
from core.errors import NotFound
from core.ports import Notice
from core.whereabouts import Thing
from tests.ui.conftest import Browser, Serve, until
from tests.ui.fake_hub import ACME, BETA, fake_hub, principal
from ui.frame_parts import Chrome
from ui.places import counterpart, sections

THEIRS = "BetaCH"


async def _missing(page: Any, channel_id: str) -> None:
    raise NotFound(channel_id=channel_id)


def _list(page: Any) -> None:
    pass


PLACES = sections({"/accounts": _list, "/accounts/{channel_id}": _missing})


def hub_with_beta() -> Any:
    """Beta's number is found by whoever works for both."""
    hub = fake_hub()

    def elsewhere(_who: Any, thing: Thing, id_: str, needed: Permission) -> Any:
        assert (thing, needed) == (Thing.CHANNEL, Permission.ACCOUNTS)
        return BETA if id_ == THEIRS else None

    hub.whereabouts = SimpleNamespace(elsewhere=elsewhere)
    return hub


def seen(user: Browser) -> list[tuple[str, str]]:
    """Every element and text of the page."""
    return [(e.tag, getattr(e, "text", "")) for e in user.page.elements.values()]


def value_of(user: Browser, name: str) -> str:
    """What the form of the page sends under this name."""
    (found,) = [e for e in user.page.elements.values() if e.props.get("name") == name]
    return str(found.props["value"])


async def test_a_link_to_the_other_partners_number_offers_to_switch(serve: Serve) -> None:
    async with serve(PLACES, hub_with_beta()) as site:
        user = site.browser("both")
        assert await user.open_any(f"/accounts/{THEIRS}?tab=x") == 409
        await user.should_see("This belongs to Beta Connect")
        await user.should_see("Switch to Beta Connect")
        assert value_of(user, "partner_id") == BETA.id
        assert value_of(user, "next") == f"/accounts/{THEIRS}?tab=x"
        assert value_of(user, "page") == user.page.id


async def test_for_others_a_strangers_number_and_an_unknown_one_are_the_same(serve: Serve) -> None:
    async with serve(PLACES, hub_with_beta()) as site:
        pages = []
        for who, id_ in (("owner", THEIRS), ("owner", "nobody"), ("both", "nobody")):
            user = site.browser(who)
            assert await user.open_any(f"/accounts/{id_}") == 404
            await user.should_see("There is nothing at this address")
            pages.append(seen(user))
        assert pages[0] == pages[1] == pages[2]


async def test_the_menu_tells_the_roles(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser("both")
        await user.open("/accounts")
        (chrome,) = user.find(kind=Chrome).elements
        assert chrome.props["role"] == "owner"
        assert [(each["name"], each["role"]) for each in chrome.props["others"]] == [
            ("Beta Connect", "owner")
        ]


async def test_a_new_name_is_in_the_top_bar_of_every_page(serve: Serve) -> None:
    async with serve(PLACES) as site:
        user = site.browser()
        await user.open("/accounts")
        (chrome,) = user.find(kind=Chrome).elements
        who, (partner,) = site.hub.sign_in.people["owner"]
        renamed = type(partner)(id=partner.id, brand_name="Söhne", logo_hash="b" * 64)
        site.hub.sign_in.people["owner"] = (who, [renamed])
        site.hub.feed.publish([Notice(ACME.id, "profile_changed", "profile", ACME.id)])
        await until(lambda: chrome.props["partner"]["name"] == "Söhne")
        assert chrome.props["partner"]["logo"] == f"/logos/{'b' * 64}"


@pytest.mark.parametrize(
    ("path", "for_owner", "for_member"),
    [
        ("/accounts", "/accounts", "/accounts"),
        ("/accounts/Acm001CH", "/accounts", "/accounts"),
        ("/onboarding-runs/x", "/onboarding-runs", "/onboarding-runs"),
        ("/billing/invoices", "/billing/invoices", "/accounts"),
        ("/billing/invoices/x", "/billing/invoices", "/accounts"),
        ("/billing/payments", "/billing/payments", "/accounts"),
        ("/integration/webhooks/deliveries/7", "/integration/webhooks/deliveries", "/accounts"),
        ("/support/abc", "/support", "/accounts"),
        ("/desk", "/accounts", "/accounts"),
        ("//evil.example", "/accounts", "/accounts"),
        ("/accountsX", "/accounts", "/accounts"),
        ("", "/accounts", "/accounts"),
    ],
)
def test_a_switch_stays_in_the_section_where_the_role_allows_it(
    path: str, for_owner: str, for_member: str
) -> None:
    assert counterpart(path, principal("owner")) == for_owner
    assert counterpart(path, principal("member")) == for_member
