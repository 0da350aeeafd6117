"""The rules of webhooks: schedule, verdicts, signatures, order, headers, how an endpoint stands."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from core.errors import InvalidInput
from core.events import STAFF_ONLY, EventType
from core.integration.outbound.bearing import Bearing, after
from core.integration.outbound.bodies import _BUILDERS, Bodies
from core.integration.outbound.catalogue import CATALOGUE, NAMES, REVOKED_BY, SENT_TYPES
from core.integration.outbound.headers import checked_headers, ignored, own_headers
from core.integration.outbound.health import bars, percent, percentile
from core.integration.outbound.lanes import Due, Lanes
from core.integration.outbound.schedule import DELAYS, next_try
from core.integration.outbound.signatures import signature_headers, signing_secret
from core.integration.outbound.states import CLOSED, MOVES, OPEN, DeliveryState, may_become
from core.integration.outbound.verdicts import Verdict, judge, wish

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW, OLD = "the-new-platform-secret", "the-one-before"
BODY = '{"id":"e1","event":"channel_live","data":{"name":"Bäckerei"}}'.encode()
CONTRACT = (
    "client_created channel_created channel_submitted channel_permission_granted channel_ready"
    " channel_running channel_live channel_permission_revoked channel_status_changed"
    " phone_number_quality_changed messaging_limit_changed display_name_changed"
    " business_verification_changed cancellation_request cancellation_revoke"
    " cancellation_processed account_violation account_restriction account_disabled"
    " account_reinstated waba_template_status_changed waba_template_category_changed"
    " waba_template_quality_changed template_messaging_disabled template_messaging_enabled"
    " balance_low balance_exhausted auto_renewal_succeeded auto_renewal_failed invoice_issued"
    " invoice_paid invoice_payment_failed plan_changed"
).split()


def test_the_catalogue_is_the_contracts_table_and_nothing_else_is_sent() -> None:
    assert [entry.name for entry in CATALOGUE] == CONTRACT
    assert SENT_TYPES - {REVOKED_BY} == NAMES
    assert NAMES <= set(EventType)
    assert not SENT_TYPES & STAFF_ONLY
    assert not SENT_TYPES & {"onboarding_step", "signed_in", "balance_changed"}
    assert set(_BUILDERS) <= SENT_TYPES
    assert callable(Bodies._whole)  # the others are told with the whole channel


def test_no_example_has_an_event_in_its_data() -> None:
    for entry in CATALOGUE:
        assert "event" not in entry.example
        assert json.loads(json.dumps(entry.example)) == entry.example


def test_the_schedule_is_the_contracts_within_a_fifth() -> None:
    hours = [2, 5, 10, 14, 20, 24]
    wanted = [0, 5, 300, 1800, *(3600 * hour for hour in hours)]
    assert [delay.total_seconds() for delay in DELAYS] == wanted
    for tries, delay in enumerate(DELAYS):
        for chance, share in ((0.0, 0.8), (0.5, 1.0), (1.0, 1.2)):
            at = next_try(tries, NOW, chance=chance)
            assert at is not None
            assert abs(at - NOW - delay * share) < timedelta(microseconds=10)
    assert next_try(len(DELAYS), NOW, chance=0.5) is None


def verdict(status: int, retry_after: str = "", tries: int = 1) -> Verdict:
    return judge(status, retry_after, tries=tries, now=NOW, chance=0.5)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_a_receipt(status: int) -> None:
    assert verdict(status) == Verdict(state=DeliveryState.DELIVERED, next_try_at=None)


@pytest.mark.parametrize("status", [0, 199, 300, 301, 302, 307, 308, 400, 404, 500, 503])
def test_anything_else_is_a_failure_that_is_tried_again(status: int) -> None:
    seen = verdict(status)
    assert seen.state is DeliveryState.RETRYING
    assert seen.next_try_at == NOW + timedelta(seconds=5)
    assert (seen.is_gone, seen.slows) == (False, False)


def test_the_last_failure_ends_it() -> None:
    assert verdict(500, tries=10) == Verdict(state=DeliveryState.GAVE_UP, next_try_at=None)


def test_410_ends_it_and_the_endpoint() -> None:
    assert verdict(410).is_gone
    assert not verdict(410).is_open


@pytest.mark.parametrize("status", [429, 502, 504])
def test_who_is_overloaded_is_slowed_down(status: int) -> None:
    assert verdict(status).slows


def test_retry_after_is_obeyed_within_a_day() -> None:
    assert verdict(503, "120").next_try_at == NOW + timedelta(seconds=120)
    assert verdict(503, "120").wait == timedelta(seconds=120)
    assert verdict(500, "1").next_try_at == NOW + timedelta(seconds=5)
    date = format_datetime(NOW + timedelta(hours=1), usegmt=True)
    assert wish(date, NOW) == timedelta(hours=1)
    assert wish("99999999999999999999", NOW) == timedelta(hours=24)
    for nonsense in ("", "-5", "soon", "٣", "1e9", "Mon, 99 Foo 9999 99:99:99 GMT"):
        assert wish(nonsense, NOW) == timedelta()


STANDING = Bearing(
    failing_since=None, last_success_at=None, last_failure_at=None, slow_until=None, slowness=0
)


def test_an_endpoint_with_nothing_but_failures_for_120_hours_is_switched_off() -> None:
    fail = verdict(500)
    hours = [(NOW + timedelta(hours=hour), fail) for hour in range(0, 120)]
    assert after(STANDING, hours).off_reason == ""
    late = NOW + timedelta(hours=120)
    assert after(STANDING, [*hours, (late, fail)]).off_reason == "failing"
    taken = (NOW + timedelta(hours=60), verdict(200))
    spared = after(STANDING, [*hours, taken, (late, fail)])
    assert (spared.off_reason, spared.failing_since) == ("", late)


def test_an_endpoint_that_is_gone_is_switched_off_at_once() -> None:
    assert after(STANDING, [(NOW, verdict(410))]).off_reason == "gone"


def test_who_asks_for_less_again_and_again_is_left_alone_longer() -> None:
    pauses, bearing = [], STANDING
    for _ in range(10):
        bearing = after(bearing, [(NOW, verdict(429))])
        pauses.append(bearing.slow_until)
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[0] == NOW + timedelta(seconds=2)
    assert pauses[-1] == NOW + timedelta(minutes=5)
    assert after(bearing, [(NOW, verdict(200))]).slow_until is None


def test_signatures_are_judged_by_the_library_and_by_hand() -> None:
    at = int(datetime.now(UTC).timestamp())
    headers = signature_headers([NEW, OLD], "e1", at, BODY)
    by_hand = hmac.new(NEW.encode(), BODY, hashlib.sha256).hexdigest()
    assert headers["x-360dialog-signature"] == by_hand
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (NEW, OLD):
        assert Webhook(signing_secret(secret)).verify(BODY, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing_secret("another")).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing_secret(NEW)).verify(BODY + b" ", headers)


def test_without_a_secret_nothing_is_signed() -> None:
    assert signature_headers([], "e1", 1, BODY) == {"webhook-id": "e1", "webhook-timestamp": "1"}


def due(number: int, lane: str = "", tries: int = 0) -> Due:
    return Due(
        id=number,
        partner_id="p",
        endpoint_id="e",
        event_key=str(number),
        event="x",
        lane=lane,
        body=b"",
        tries=tries,
        attempts=tries,
    )


def test_within_a_lane_one_waits_for_the_one_before() -> None:
    lanes = Lanes()
    a1, a2, b1 = due(1, "a"), due(2, "a"), due(3, "b")
    assert lanes.add([a1, a2, b1]) == 3
    assert (lanes.take(), lanes.take(), lanes.take()) == (a1, b1, None)
    lanes.sent(a1)
    assert lanes.take() == a2


def test_nobody_waits_for_a_retry() -> None:
    lanes = Lanes()
    again, new = due(1, "a", tries=3), due(2, "a")
    lanes.add([again, new])
    assert (lanes.take(), lanes.take()) == (again, new)


def test_what_is_held_is_not_taken_twice() -> None:
    lanes = Lanes()
    first = due(1, "a")
    lanes.add([first])
    assert lanes.take() == first
    lanes.sent(first)
    assert lanes.add([first]) == 0, "sent, but the database does not know it yet"
    lanes.fetching()
    lanes.forget(first)
    assert lanes.add([first]) == 0, "read before it was recorded"
    lanes.fetching()
    assert lanes.add([first]) == 1
    lanes.drop_waiting()
    assert (lanes.waiting, lanes.held) == (0, 0)


def test_states_move_only_as_the_table_says() -> None:
    assert set(MOVES) == set(DeliveryState) == OPEN | CLOSED
    for closed in CLOSED:
        assert [state for state in DeliveryState if may_become(closed, state)] == ["waiting"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X Y": "a"},
        {"X:": "a"},
        {"": "a"},
        {"X": "a\r\nHost: b"},
        {"X": "ü"},
        {"X": "a", "x": "b"},
        {"X": "a" * 2001},
        {f"X{n}": "a" for n in range(21)},
    ],
)
def test_headers_that_could_break_a_request_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        checked_headers(headers)


def test_the_partners_headers_never_replace_ours() -> None:
    headers = {
        "Authorization": "Bearer x",
        "Host": "evil",
        "Webhook-Signature": "v1,forged",
        "X-360Dialog-Signature": "forged",
        "Transfer-Encoding": "chunked",
        "Content-Type": "text/plain",
    }
    assert own_headers(checked_headers(headers)) == {"Authorization": "Bearer x"}
    assert set(ignored(headers)) == set(headers) - {"Authorization"}


def test_figures_of_health() -> None:
    assert (percent(0, 0), percent(999, 1), percent(1000, 0)) == (None, 99, 100)
    assert (percentile([], 95), percentile([7], 95)) == (None, 7)
    assert percentile(list(range(1, 101)), 95) == 95
    hour = timedelta(hours=1)
    sums = [(NOW - 3 * hour, 1, 0), (NOW - hour, 2, 1), (NOW, 0, 4)]
    assert [(bar.delivered, bar.failed) for bar in bars(sums, NOW, hour, 3)] == [
        (0, 0),
        (2, 1),
        (0, 4),
    ]
