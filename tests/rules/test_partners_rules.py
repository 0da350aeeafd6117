"""Which addresses are the same, where a login may lead, when a session is over."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.partners.rules import normalise_email, safe_next, session_has_ended

CORPUS = json.loads((Path(__file__).parents[1] / "corpora/next_param.json").read_text())
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("path", CORPUS["reject"], ids=lambda path: repr(path)[:40])
def test_a_next_that_could_leave_the_hub_or_do_something_leads_home(path: str) -> None:
    assert safe_next(path) == "/"


@pytest.mark.parametrize("path", CORPUS["accept"])
def test_a_next_that_names_a_page_is_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/%2e%2e//evil.example",
            "/a/../../b",
            "/a%5c%5cevil",
            "/LOGIN",
            "/login/callback?code=1",
        ),
        *("/switch", "/api/v2/token", "/webhooks/meta", "/accounts\u200b", "/\ud800", None, ""),
        *("/accounts?q=a b", "/dashboard/app/f167CmPA", "/_nicegui_ws/socket.io", "/" + "a" * 2001),
    ],
    ids=lambda path: repr(path)[:30],
)
def test_more_ways_out_lead_home(path: str | None) -> None:
    assert safe_next(path) == "/"


def test_a_next_fits_into_a_header() -> None:
    assert safe_next("/accounts?q=Müller#top") == "/accounts?q=M%C3%BCller"


@pytest.mark.parametrize("spelling", ["Owner@X.com", " owner@x.com\n", "OWNER@X.COM"])
def test_case_and_blanks_around_do_not_make_another_address(spelling: str) -> None:
    assert normalise_email(spelling) == "owner@x.com"


@pytest.mark.parametrize(
    "other",
    [
        *("owner+hub@x.com", "o.wner@x.com", "owner@х.com", "ownеr@x.com"),  # Cyrillic х and е
        *("owner@xn--x-0mb.com", "ｏwner@x.com", "o\N{COMBINING ACUTE ACCENT}wner@x.com"),
    ],
)
def test_look_alikes_and_tags_are_other_addresses(other: str) -> None:
    assert normalise_email(other) != "owner@x.com"


def test_the_kelvin_sign_does_not_become_a_k() -> None:
    assert normalise_email("\N{KELVIN SIGN}im@x.com") != "kim@x.com"


@pytest.mark.parametrize(
    "text",
    [
        *("", "owner", "@x.com", "owner@", "a@b@x.com", "owner@x.com.", "owner@.x.com"),
        *("owner@x..com", "ow ner@x.com", "owner@x.com\0", "o\N{ZERO WIDTH SPACE}wner@x.com"),
        "a" * 320 + "@x.com",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalise_email(text)
    assert refused.value.about["field"] == "email"


@pytest.mark.parametrize(
    ("seen_ago", "left", "is_revoked", "has_ended"),
    [
        (timedelta(0), timedelta(days=1), False, False),
        (timedelta(hours=11, minutes=59), timedelta(days=1), False, False),
        (timedelta(hours=12), timedelta(days=1), False, True),
        (timedelta(0), timedelta(0), False, True),
        (timedelta(0), timedelta(days=1), True, True),
    ],
)
def test_a_session_ends_idle_at_its_limit_or_revoked(
    seen_ago: timedelta, left: timedelta, is_revoked: bool, has_ended: bool
) -> None:
    assert has_ended is session_has_ended(
        NOW,
        last_seen_at=NOW - seen_ago,
        expires_at=NOW + left,
        revoked_at=NOW if is_revoked else None,
        idle=timedelta(hours=12),
    )
