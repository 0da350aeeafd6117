"""How clients get in: three paths, the mailed link, the clean address, the refusals."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace

import pytest

from core.errors import RateLimited
from core.onboarding.errors import OnboardingRefused
from core.onboarding.views import Brand
from core.operations.way_out import WayOut
from tests.ui.fake_onboarding import PARTNER, RUN, SECRET
from tests.ui.onboarding_site import RUN_PATH, client_of, onboarding_site
from ui.pages.onboarding.entry import ENTRY_PATHS
from ui.pages.onboarding.refusals import REFUSALS

ACME = Brand(partner_id=PARTNER, name="Acme <b>Messaging</b>", color="#0000AA")
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


async def test_every_entry_leads_to_the_clean_address_of_the_run() -> None:
    async with onboarding_site() as (site, _):
        for path in ENTRY_PATHS:
            asked = f"{path.format(partner_id=PARTNER)}?email=a%2Bb@x.example&io_signature=00"
            answer = await client_of(site, "").look(asked)
            assert (answer.status_code, answer.headers["location"]) == (303, RUN_PATH)


async def test_no_client_begins_at_a_held_copy() -> None:
    async with onboarding_site() as (site, service):
        held = WayOut(SimpleNamespace(is_held=lambda: True))
        site.hub.operations = SimpleNamespace(way_out=held)
        answer = await client_of(site, "").look(f"/onboarding/{PARTNER}")
        assert answer.status_code == 503
        assert service.said == []


async def test_a_slash_at_the_end_of_a_link_does_no_harm() -> None:
    async with onboarding_site() as (site, service):
        for path in ENTRY_PATHS:
            asked = f"{path.format(partner_id=PARTNER)}/?lang=de"
            answer = await client_of(site).look(asked)
            assert (answer.status_code, answer.headers["location"]) == (303, RUN_PATH)
            assert "cross-origin-opener-policy" not in answer.headers
        assert [said[:3] for said in service.said] == [("open_link", PARTNER, "lang=de")] * 3


async def test_the_query_reaches_the_service_as_it_stood_in_the_request() -> None:
    async with onboarding_site() as (site, service):
        query = "redirect_url=https://p.example/a?b=1&c=2&number=+49%20(30)'1'&lang=de"
        await client_of(site).look(f"/onboarding/{PARTNER}?{query}")
        said = str(service.said[0][2])
        assert "redirect_url=https://p.example/a?b=1&c=2&number=+49%20(30)" in said
        assert said.endswith("&lang=de")


async def test_a_link_without_a_language_begins_in_the_browser_s() -> None:
    async with onboarding_site() as (site, service):
        browser = client_of(site)
        browser.http_client.headers["accept-language"] = "pt-BR,en;q=0.5"
        await browser.look(f"/onboarding/{PARTNER}?number=1")
        assert service.said == [("open_link", PARTNER, "number=1", "pt_BR")]


async def test_the_browser_gets_a_cookie_of_its_own_that_works_in_a_popup() -> None:
    async with onboarding_site() as (site, service):
        answer = await client_of(site, "").look(f"/onboarding/{PARTNER}")
        cookie = next(c for c in answer.headers.get_list("set-cookie") if "hub_onboarding=" in c)
        assert f"hub_onboarding={service.secret}" in cookie
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        assert "hub_session" not in str(answer.headers)


async def test_a_browser_keeps_its_secret() -> None:
    async with onboarding_site() as (site, service):
        await client_of(site).look(f"/onboarding/{PARTNER}")
        assert service.secret == SECRET


async def test_an_unknown_partner_is_a_404_page() -> None:
    async with onboarding_site() as (site, _):
        for partner_id in ("PAnope", "x" * 65, "a'b"):
            answer = await client_of(site).look(f"/onboarding/{partner_id}")
            assert answer.status_code == 404
            assert "This link leads nowhere" in answer.text


async def test_every_refusal_says_whose_turn_it_is_in_the_link_s_language() -> None:
    async with onboarding_site() as (site, service):
        for code in REFUSALS.keys() - {"resume", "unavailable"}:
            service.refusal = OnboardingRefused(code, brand=ACME, language="de")
            answer = await client_of(site).look(f"/onboarding/{PARTNER}")
            assert answer.status_code == REFUSALS[code].status
            assert '<html lang="de">' in answer.text
            assert "Acme &lt;b&gt;Messaging" in answer.text
            assert "<b>Messaging" not in answer.text
            assert "dran:</strong>" in answer.text
            assert "--brand-light:#0000AA" in answer.text


async def test_a_code_that_nobody_listed_still_says_what_to_do() -> None:
    async with onboarding_site() as (site, service):
        service.refusal = OnboardingRefused("something_new", brand=ACME)
        answer = await client_of(site).look(f"/onboarding/{PARTNER}")
        assert answer.status_code == 409
        assert "something_new" in answer.text


async def test_the_database_being_away_is_a_503_that_says_when_to_come_back() -> None:
    async with onboarding_site() as (site, service):
        service.is_down = True
        for path in (f"/onboarding/{PARTNER}", RUN_PATH):
            answer = await client_of(site).look(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


async def test_a_mailed_link_does_nothing_before_its_button_is_pressed() -> None:
    async with onboarding_site() as (site, service):
        browser = client_of(site, "")
        answer = await browser.look("/onboarding/resume/to-ken")
        assert answer.status_code == 200
        assert 'method="post" action="/onboarding/resume/' in answer.text
        assert service.said == []


async def test_the_button_takes_the_run_into_this_browser() -> None:
    async with onboarding_site() as (site, service):
        browser = client_of(site, "")
        answer = await browser.http_client.post("/onboarding/resume/token", headers=SAME_ORIGIN)
        assert (answer.status_code, answer.headers["location"]) == (303, RUN_PATH)
        assert service.said == [("resume", "token")]
        assert (await browser.look(RUN_PATH)).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
async def test_another_site_cannot_press_the_button(headers: dict[str, str]) -> None:
    async with onboarding_site() as (site, service):
        answer = await client_of(site).http_client.post("/onboarding/resume/t", headers=headers)
        assert answer.status_code == 403
        assert service.said == []


async def test_a_dead_link_says_where_the_newest_is() -> None:
    async with onboarding_site() as (site, service):
        service.refusal = OnboardingRefused("link_unknown")
        browser = client_of(site)
        answer = await browser.http_client.post("/onboarding/resume/t", headers=SAME_ORIGIN)
        assert answer.status_code == 404
        assert "newest mail" in answer.text


async def test_a_guessed_run_and_a_foreign_one_look_the_same() -> None:
    async with onboarding_site() as (site, _):
        for secret, run in product(("", "g" * 43), (RUN, "run9999999999999")):
            answer = await client_of(site, secret).look(f"/onboarding/{PARTNER}/run/{run}")
            assert answer.status_code == 404
            assert "We cannot show this page here" in answer.text
            assert "Acme" not in answer.text


async def test_the_browser_before_is_told_and_can_have_a_link_mailed() -> None:
    async with onboarding_site(language="de") as (site, service):
        service.former = "f" * 43
        browser = client_of(site, service.former)
        answer = await browser.look(RUN_PATH)
        assert answer.status_code == 409
        assert "in einem anderen Browser" in answer.text
        assert "Acme Messaging" in answer.text
        action = f"/onboarding/elsewhere/{RUN}"
        assert f'action="{action}"' in answer.text

        answer = await browser.http_client.post(action, headers=SAME_ORIGIN)

        assert answer.status_code == 200
        assert "on its way" in answer.text
        assert service.said == [("mail_link",)]


async def test_a_second_press_within_a_minute_says_the_same() -> None:
    async with onboarding_site() as (site, service):
        service.former, service.mail_refusal = "f" * 43, RateLimited(retry_after=30)
        answer = await client_of(site, service.former).http_client.post(
            f"/onboarding/elsewhere/{RUN}", headers=SAME_ORIGIN
        )
        assert "on its way" in answer.text


async def test_nobody_else_can_have_a_link_mailed() -> None:
    async with onboarding_site() as (site, service):
        service.former = "f" * 43
        for secret, run in (("g" * 43, RUN), (SECRET, RUN), (service.former, "run9")):
            answer = await client_of(site, secret).http_client.post(
                f"/onboarding/elsewhere/{run}", headers=SAME_ORIGIN
            )
            assert answer.status_code == 404
        foreign = await client_of(site, service.former).http_client.post(
            f"/onboarding/elsewhere/{RUN}", headers={"sec-fetch-site": "cross-site"}
        )
        assert foreign.status_code == 403
        assert service.said == []


async def test_a_run_is_not_shown_under_another_partner_s_address() -> None:
    async with onboarding_site() as (site, _):
        answer = await client_of(site).look(f"/onboarding/PAbeta/run/{RUN}")
        assert answer.status_code == 404


async def test_pages_keep_their_opener_and_tell_nobody_their_address() -> None:
    async with onboarding_site() as (site, _):
        for path in (f"/onboarding/{PARTNER}", RUN_PATH, "/onboarding/resume/t"):
            headers = (await client_of(site).look(path)).headers
            assert "cross-origin-opener-policy" not in headers
            assert headers["referrer-policy"] == "no-referrer"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_flood_of_openings_from_one_address_is_held_off() -> None:
    async with onboarding_site() as (site, service):
        browser = client_of(site, "")
        statuses = [(await browser.look(f"/onboarding/{PARTNER}")).status_code for _ in range(250)]
        last = await browser.look(f"/onboarding/{PARTNER}")
        assert statuses[0] == 303
        assert last.status_code == 429
        assert last.headers["retry-after"] == "60"
        assert len(service.said) == 240
