"""The partner's brand on clients' pages: readable, and changed in place while they type."""

from dataclasses import replace

import pytest

from core.onboarding.entities import RunStep
from core.partners.profile.service import SUBJECT
from core.ports import Notice
from tests.ui.conftest import Browser, until
from tests.ui.fake_onboarding import PARTNER
from tests.ui.onboarding_site import field, onboarding_site, opened, put
from ui.pages.onboarding.brand import style


def test_a_readable_colour_is_used_in_both_modes() -> None:
    assert style("#E4002B") == (
        "--brand-light:#E4002B;--on-brand-light:#FFFFFF;--brand-dark:#E4002B;--on-brand-dark:#FFFFFF"
    )


def test_a_colour_that_drowns_in_one_mode_is_used_in_the_other_only() -> None:
    assert "light" in style("#0000AA")
    assert "dark" not in style("#0000AA")
    assert "light" not in style("#FFD400")
    assert "--on-brand-dark:#101820" in style("#FFD400")


@pytest.mark.parametrize("color", ["", "red", "#FFF", "#GGGGGG", "#000000;background:url(x)"])
def test_nothing_but_a_plain_colour_reaches_the_page(color: str) -> None:
    assert style(color) == ""


def texts_of(user: Browser) -> list[str]:
    return [getattr(e, "text", "") for e in user.page.elements.values()]


async def test_a_new_brand_is_on_the_open_page_and_what_was_typed_stays() -> None:
    async with onboarding_site(step=RunStep.CODE) as (site, service):
        user = await opened(site)
        put(user, code="12")
        typed = field(user, "code")
        brand = replace(service.view.brand, name="Söhne", logo_hash="a" * 64, color="#E4002B")
        service.view = replace(service.view, brand=brand)
        service.feed.publish([Notice(PARTNER, "profile_changed", SUBJECT, PARTNER)])
        await until(lambda: "Söhne" in texts_of(user))
        assert user.page.title == "Connect WhatsApp · Söhne"
        (logo,) = [e for e in user.page.elements.values() if "ob-logo" in e.classes]
        assert logo.props["src"] == f"/logos/{'a' * 64}"
        assert field(user, "code") is typed  # not drawn anew: the cursor stays where it is
        assert typed.value == "12"


async def test_a_new_name_is_in_every_sentence_that_names_the_partner() -> None:
    async with onboarding_site(step=RunStep.META) as (site, service):
        user = await opened(site)
        before = service.view.brand.name
        assert [text for text in texts_of(user) if f"allow {before} to use it" in text]
        service.view = replace(service.view, brand=replace(service.view.brand, name="{x} Söhne"))
        service.feed.publish([Notice(PARTNER, "profile_changed", SUBJECT, PARTNER)])
        await until(lambda: any("allow {x} Söhne to use it" in text for text in texts_of(user)))
        assert not [text for text in texts_of(user) if before in text]
