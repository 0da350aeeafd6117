"""Webhooks, deliveries and keys: every control does what it says, here and on the other's page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import NameNotFound
from core.integration.outbound.entities import Delivery, DeliveryAttempt
from core.integration.outbound.views import EndpointView
from core.ports import OutgoingAnswer
from tests.services.integration_world import TEST
from tests.ui.conftest import Browser, Serve, until
from tests.ui.integration_site import (
    NOON,
    PLACES,
    IntegrationSite,
    column_of,
    field,
    integration_site,
    press,
    pressable,
    table_of,
    texts,
    type_into,
)

PATH = "/integration/webhooks"
LOG = f"{PATH}/deliveries"
HOOK = "https://api.example.com/hook?tenant=1"
OTHER = "https://warehouse.example.com/hook"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[IntegrationSite]:
    with integration_site(tmp_path) as site:
        yield site


@pytest.fixture
def main(world: IntegrationSite) -> EndpointView:
    """The partner has a webhook URL."""
    saved = world.do(world.hub.webhooks.set_main, HOOK)
    assert saved is not None
    return saved.endpoint


def deliver(world: IntegrationSite, endpoint_id: str, **values: object) -> int:
    """A row of the log."""
    given = {
        "partner_id": world.partner.id,
        "endpoint_id": endpoint_id,
        "event_key": "evt1",
        "event": "channel_live",
        "body": b'{"id":"evt1"}',
        "state": "gave_up",
        "attempts": 10,
        "last_status": 500,
        "next_try_at": NOON,
        "created_at": NOON,
        "closed_at": NOON,
    } | values

    def write(_who: object) -> int:
        with world.world.database.transaction(TEST) as session:
            row = Delivery(**given)
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

    return world.do(write)


def attempt(world: IntegrationSite, endpoint_id: str, delivery_id: int, number: int) -> None:
    """A call that failed."""

    def write(_who: object) -> None:
        with world.world.database.transaction(TEST) as session:
            session.add(
                DeliveryAttempt(
                    partner_id=world.partner.id,
                    delivery_id=delivery_id,
                    endpoint_id=endpoint_id,
                    number=number,
                    at=NOON,
                    millis=5,
                    url=HOOK,
                    status=500,
                )
            )

    world.do(write)


async def test_the_webhook_url_is_set_where_there_is_none(
    serve: Serve, world: IntegrationSite
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        await user.should_see("No webhook URL is set")
        typed = type_into(user, "Webhook URL", "https://10.0.0.1/hook")
        assert typed.error == "The hub calls names only, not IP addresses."
        type_into(user, "Webhook URL", HOOK)
        press(user, "Save Webhook URL")
        for page in (user, second):
            await until(lambda page=page: pressable(page, "Send test") is not None)
            assert field(page, "URL").value == HOOK
            await page.should_not_see("No webhook URL is set")


async def test_a_test_shows_what_was_sent_and_what_came_back(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    world.do(world.hub.integration.generate_secret)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        with user.page:
            field(user, "Event").value = "client_created"
        press(user, "Send test")
        await user.should_see("Your server answered 200.")
        request, answer = (text for text in texts(user) if text.startswith(("POST ", "HTTP 200\n")))
        assert request.startswith(f"POST {HOOK}\n")
        assert "x-360dialog-signature: " in request
        assert '"event":"client_created"' in request
        assert answer.endswith("<p>back")
        world.world.outgoing.answer = NameNotFound()
        await until(lambda: (b := pressable(user, "Send test")) is not None and b.enabled)
        press(user, "Send test")
        await user.should_see("Nobody knows this name: the DNS has no address for it.")
        await user.open(LOG)
        assert column_of(user, "Deliveries", "answer") == ["Name not found", "HTTP 200"]


async def test_an_endpoint_is_added_with_events_and_headers_of_its_own(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "Add an endpoint")
        await user.should_see("Add it")
        type_into(user, "Name (optional)", "Warehouse")
        type_into(user, "Headers (optional)", "no colon")
        newest(user, "URL").value = OTHER
        newest(user, "Events").value = ["channel_live"]
        press(user, "Add it")
        await until(lambda: bool(field(user, "Headers (optional)").error))
        assert "no colon" in field(user, "Headers (optional)").error
        type_into(user, "Headers (optional)", "Authorization: Bearer s3cret\nX-Tenant: 7")
        press(user, "Add it")
        await until(lambda: column_of(user, "Endpoints", "name") == ["Webhook URL", "Warehouse"])
        assert column_of(user, "Endpoints", "events") == ["All events", "1 event"]
        await user.should_see("Authorization, X-Tenant")
        assert not [text for text in texts(user) if "s3cret" in text]


def newest(user: Browser, label: str) -> object:
    """The field of this label that was drawn last."""
    labels = [
        e
        for e in user.page.elements.values()
        if e.tag == "label" and getattr(e, "text", "") == label
    ]
    wanted = labels[-1].props["for"]
    return next(
        e
        for e in user.page.elements.values()
        if e.props.get("for") == wanted and e is not labels[-1]
    )


async def test_paused_resumed_switched_off_and_on_on_both_owners_pages(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    async with serve(PLACES, world.hub) as site:
        user, second = site.browser(), site.browser("second")
        await user.open(PATH)
        await second.open(PATH)
        press(user, "Pause")
        await second.should_see("What happens collects until you resume.")
        press(second, "Resume")
        await until(lambda: pressable(user, "Switch off") is not None)
        press(user, "Switch off")
        await user.should_see("Switch Webhook URL off?")
        press(user, "Switch it off")
        await second.should_see("Somebody here has switched it off.")
        press(second, "Switch on")
        await until(lambda: pressable(user, "Pause") is not None)
        press(user, "Remove")
        await user.should_see("Remove Webhook URL?")
        press(user, "Remove it")
        await second.should_see("No webhook URL is set")
        await second.should_see("Somebody else removed the endpoint that was open here.")
        await user.should_not_see("Somebody else removed the endpoint")


async def test_headers_are_replaced_and_their_values_never_shown(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    world.do(world.hub.webhooks.change_endpoint, main.id, headers={"X-Old": "hidden-value"})
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(PATH)
        press(user, "Change headers")
        await user.should_see("These replace the ones that are set: X-Old.")
        type_into(user, "Headers (optional)", "X-New: 1\nContent-Type: text/plain")
        press(user, "Save the headers")
        await user.should_see("X-New (not sent: Content-Type)")
        await user.should_see("The hub writes these itself: Content-Type.")
        assert not [text for text in texts(user) if "hidden-value" in text]


async def test_the_log_is_filtered_by_its_address_and_replayed(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    failed = deliver(world, main.id)
    deliver(world, main.id, event="client_created", state="delivered", last_status=200)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{LOG}?state=gave_up")
        assert column_of(user, "Deliveries", "event") == ["channel_live"]
        row = table_of(user, "Deliveries").rows[0]
        assert row["href"] == f"{LOG}/{failed}"
        press(user, "Replay these")
        await user.should_see("Replay all of these?")
        press(user, "Replay them")
        await user.should_see("1 delivery goes out once more.")
        await user.should_see("No match")
        await user.open(f"{LOG}?event=client_created")
        assert column_of(user, "Deliveries", "state") == ["Delivered"]
        await user.open(f"{LOG}?state=waiting")
        assert column_of(user, "Deliveries", "state") == ["Waiting"]


async def test_an_endpoint_added_while_the_log_is_open_has_its_name_there(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    deliver(world, main.id)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(LOG)
        added = world.do(world.hub.webhooks.add_endpoint, OTHER, name="Warehouse")
        deliver(world, added.endpoint.id)
        world.do(world.hub.webhooks.pause_endpoint, added.endpoint.id)
        await until(lambda: "Warehouse" in column_of(user, "Deliveries", "endpoint"))


async def test_one_delivery_shows_its_attempts_and_goes_out_again(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    world.world.outgoing.answer = OutgoingAnswer(
        status=503, headers={"retry-after": "60"}, body=b"busy", seconds=0.2
    )
    result = world.do(world.hub.webhooks.test_endpoint, main.id, "channel_live")
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{LOG}/{result.delivery_id}")
        await user.should_see("Your server answered 503. The hub has stopped after 1 attempt.")
        assert [text for text in texts(user) if text.startswith("HTTP 503\n") and "busy" in text]
        press(user, "Replay")
        await user.should_see("It goes out once more, with the same bytes and the same id.")
        await user.should_see("Waiting")
        assert await user.open_any(f"{LOG}/999999") == 404
        assert await user.open_any(f"{LOG}/abc") == 404
        assert await site.browser("stranger").open_any(f"{LOG}/{result.delivery_id}") == 404


async def test_an_empty_log_says_what_will_be_there(serve: Serve, world: IntegrationSite) -> None:
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(LOG)
        await user.should_see("Nothing was sent yet")
        await user.open(f"{LOG}?event=plan_changed")
        await user.should_see("No match")


async def test_a_long_body_is_shown_once_and_in_part(
    serve: Serve, world: IntegrationSite, main: EndpointView
) -> None:
    body = b'{"id":"' + b"x" * 300_000 + b'"}'
    delivery = deliver(world, main.id, body=body, attempts=0)
    for number in range(1, 4):
        attempt(world, main.id, delivery, number)
    async with serve(PLACES, world.hub) as site:
        user = site.browser()
        await user.open(f"{LOG}/{delivery}")
        await user.should_see("The copy button takes all of it.")
        await user.should_see("The whole body is shown once on this page.")
        assert sum(map(len, texts(user))) < 50_000
