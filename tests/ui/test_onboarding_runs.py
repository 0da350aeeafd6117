"""The partner's side: the list of onboardings, one run's flight record, the resume link."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.events import EventType
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.guidance import keys
from core.onboarding.moves import SYNC_TYPES, MoveKind
from core.onboarding.views import RUN_SUBJECT, LinkState, RunRow, Turn
from core.ports import Notice
from tests.ui.conftest import Browser, Site, until
from tests.ui.fake_hub import NOW
from tests.ui.fake_onboarding import PARTNER, RUN, FakeOnboarding, a_row, trouble
from tests.ui.onboarding_site import onboarding_site, sees
from ui.lists import Facts, Timeline
from ui.pages.onboarding_advice import known_keys
from ui.pages.onboarding_flight import call_name
from ui.pages.onboarding_runs import RunTable

STOPPED = a_row(
    "r-stopped",
    company="Blue Café",
    status=RunStatus.STOPPED,
    step=RunStep.REGISTER,
    turn=Turn.PARTNER,
    trouble=trouble("partner_verification", meta_code=2494091),
    updated_at=NOW - timedelta(minutes=5),
)
FINISHED = a_row(
    "r-done", company="Done Ltd", status=RunStatus.FINISHED, turn=Turn.NOBODY, may_resume=False
)
IDLE = a_row("r-idle", company="Idle Ltd", status=RunStatus.ABANDONED, turn=Turn.NOBODY)


async def on_list(site: Site, path: str = "") -> Browser:
    browser = site.browser("owner")
    await browser.open(f"/onboarding-runs{path}")
    return browser


def shown(browser: Browser) -> list[dict[str, Any]]:
    (table,) = browser.find(kind=RunTable).elements
    return list(table.props["rows"])


def patches(browser: Browser) -> list[Any]:
    """Rows that the table was told to change."""
    (table,) = browser.find(kind=RunTable).elements
    told: list[Any] = []
    table.run_method = lambda name, *args: told.append((name, *args))  # type: ignore[assignment,method-assign]
    return told


async def test_each_run_says_where_it_stands_and_whose_turn_it_is() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row(), STOPPED, FINISHED]
        rows = shown(await on_list(site))
        assert [(r["name"], r["word"], r["turn"]) for r in rows] == [
            ("Demo Bakery", "Before Meta", "Client"),
            ("Blue Café", "Your verification is missing", "You"),
            ("Done Ltd", "Done", ""),
        ]
        assert rows[1]["ago"] == "5 min ago"
        assert rows[1]["href"] == "/onboarding-runs/r-stopped"


async def test_filters_and_search_stay_in_the_address() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row(), STOPPED, FINISHED, IDLE]
        expected = {
            "?show=open": ["Demo Bakery", "Blue Café"],
            "?show=yours": ["Blue Café"],
            "?show=done": ["Done Ltd"],
            "?show=aside": ["Idle Ltd"],
            "?q=blue": ["Blue Café"],
            "?show=nonsense": ["Demo Bakery", "Blue Café", "Done Ltd", "Idle Ltd"],
        }
        for query, names in expected.items():
            assert [row["name"] for row in shown(await on_list(site, query))] == names


async def test_a_filter_without_a_match_is_told_apart_from_nothing_yet() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row()]
        browser = await on_list(site, "?show=yours")
        await sees(browser, "No match")
        browser.find("Show all").click()
        await until(lambda: bool(_tables(browser)))


async def test_nobody_yet_hands_out_the_link() -> None:
    async with onboarding_site() as (site, _):
        browser = await on_list(site)
        await sees(browser, "No client has begun yet")
        await sees(browser, "http://test/onboarding/PAacme")


async def test_a_link_that_does_not_work_says_why() -> None:
    async with onboarding_site() as (site, service):
        service.link = LinkState(url="http://test/x", reasons=("solution_inactive",))
        browser = await on_list(site)
        await sees(browser, "Your solution is not active at Meta")
        await browser.should_not_see("http://test/x")


async def test_a_list_is_read_page_by_page() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row(f"r{n}", company=f"Client {n}") for n in range(120)]
        browser = await on_list(site)
        assert len(shown(browser)) == 50
        browser.find("Older").click()
        await until(lambda: shown(browser)[0]["name"] == "Client 50")
        browser.find("Newest").click()
        await until(lambda: shown(browser)[0]["name"] == "Client 0")


async def test_a_change_patches_its_row_only() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row(), STOPPED]
        browser = await on_list(site)
        told = patches(browser)
        service.rows = [a_row(status=RunStatus.WORKING, step=RunStep.REGISTER), STOPPED]
        tell(service, RUN)
        await until(lambda: bool(told))
        (name, rows), *rest = told
        assert (name, [row["word"] for row in rows], rest) == ("patch", ["Setting up"], [])


async def test_a_new_client_appears_by_itself() -> None:
    async with onboarding_site() as (site, service):
        browser = await on_list(site)
        service.rows = [a_row()]
        tell(service, RUN)
        await until(lambda: bool(_tables(browser)))
        assert shown(browser)[0]["name"] == "Demo Bakery"


def _tables(browser: Browser) -> list[Any]:
    return [e for e in browser.page.elements.values() if isinstance(e, RunTable)]


def tell(service: FakeOnboarding, run_id: str) -> None:
    service.feed.publish([Notice(PARTNER, "onboarding_step", RUN_SUBJECT, run_id)])


async def on_run(site: Site, service: FakeOnboarding, row: RunRow) -> Browser:
    service.rows = [row]
    browser = site.browser("owner")
    await browser.open(f"/onboarding-runs/{row.run_id}")
    return browser


def entries(browser: Browser) -> list[tuple[str, str]]:
    (line,) = browser.find(kind=Timeline).elements
    return [(entry["what"], entry["more"]) for entry in line.props["entries"]]


async def test_the_flight_record_tells_each_call_and_each_error_newest_first() -> None:
    async with onboarding_site() as (site, service):
        service.add_flight(EventType.RUN_STARTED, language="de")
        service.add_flight(EventType.RUN_STEP, step="popup_opened", attempt=1)
        service.add_flight(EventType.RUN_META_CALL, call="exchange_code", ms=182, ok=True)
        service.add_flight(
            EventType.RUN_META_CALL, call="register", ms=431, ok=False, meta_code=133005,
            details="PIN mismatch", trace_id="AbC",
        )  # fmt: skip
        service.add_flight(
            EventType.RUN_ERROR, key="pin_mismatch", turn="client", meta_code=133005,
            meta_message="<b>no</b>", trace_id="AbC",
        )  # fmt: skip
        service.add_flight("something_new", odd=1)
        browser = await on_run(site, service, STOPPED)
        assert entries(browser) == [
            ("Something new", ""),
            (
                "Number has its own PIN (Meta’s code 133005)",
                "The client’s turn. The client enters it or switches two-step verification off. · "
                "Meta: “<b>no</b>” · trace AbC",
            ),
            ("Meta refused: Register the number, code 133005", "431 ms · PIN mismatch · trace AbC"),
            ("Exchange the code for a token", "Meta’s answer 200 · 182 ms"),
            ("Meta’s window opened", "attempt 1"),
            ("Link opened", "language de"),
        ]
        await sees(browser, "Finish your own business verification at Meta")


def test_every_call_of_meta_has_a_name_for_people() -> None:
    local = {
        *(MoveKind.RECALL, MoveKind.AWAIT_MESSAGE, MoveKind.TAKE_NUMBERS, MoveKind.MAKE_PIN),
        *(MoveKind.COMPLETE, MoveKind.STOP, MoveKind.SYNC_APP_DATA),
    }
    calls = {kind.value for kind in MoveKind} - local
    calls |= {"is_subscribed", "storage_region"} | {f"sync_app_data:{t}" for t in SYNC_TYPES}
    plain = {call.replace("_", " ").capitalize() for call in calls}
    assert not plain & {call_name(call) for call in calls}


async def test_a_row_that_leaves_the_filter_leaves_the_list() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row(), a_row("r2", company="Second")]
        browser = await on_list(site, "?show=open")
        service.rows = [a_row(status=RunStatus.FINISHED, turn=Turn.NOBODY), service.rows[1]]
        tell(service, RUN)
        await until(lambda: [row["name"] for row in shown(browser)] == ["Second"])


async def test_the_record_grows_while_somebody_looks() -> None:
    async with onboarding_site() as (site, service):
        browser = await on_run(site, service, a_row())
        service.add_flight(EventType.RUN_STEP, step="email_confirmed")
        service.rows = [replace(FINISHED, run_id=RUN)]
        tell(service, RUN)
        await until(lambda: entries(browser) == [("E-mail address confirmed", "")])
        await sees(browser, "Finished without a number.")
        await browser.should_not_see("Send resume link")


async def test_a_resume_link_is_sent_after_a_question_and_the_page_says_when() -> None:
    async with onboarding_site() as (site, service):
        browser = await on_run(site, service, a_row())
        browser.find("Send resume link").click()
        await sees(browser, "ada@demo-bakery.example gets a mail with a link")
        assert service.said == []
        browser.find("Send link").click()
        await until(lambda: service.said == [("send_resume_link", RUN)])
        await until(lambda: _fact(browser, "Resume link") == "Sent just now")


def _fact(browser: Browser, label: str) -> str:
    (facts,) = browser.find(kind=Facts).elements
    return str(next(item["value"] for item in facts.props["items"] if item["label"] == label))


async def test_an_unknown_run_is_not_found() -> None:
    async with onboarding_site() as (site, _):
        assert await site.browser("owner").open_any("/onboarding-runs/nope") == 404


async def test_a_member_may_look_and_a_stranger_may_not() -> None:
    async with onboarding_site() as (site, service):
        service.rows = [a_row()]
        member = site.browser("member")
        await member.open("/onboarding-runs")
        assert len(shown(member)) == 1
        answer = await site.browser("").look("/onboarding-runs")
        assert answer.status_code in (302, 303, 307)


def test_every_guidance_key_is_known_to_the_partner_s_page() -> None:
    assert keys() - known_keys() == set()
