"""The link's query, its signature, and where a client may be sent at the end."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.onboarding.links import Link, io_signature, read_link, signature_fault
from core.onboarding.redirects import exit_url, may_redirect, origin_of, registration_fault

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)
CORPUS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "corpora" / "partner_redirects.json").read_text("utf-8")
)
# What the hub itself answers to; the corpus calls it so.
OWN = ("https://hub.test",)


@pytest.mark.parametrize(
    "raw",
    ["number=+49 151 234", "number=%2B49151234", 'number="49151234"', "number=%20%2249151234'"],
)
def test_a_number_loses_all_but_its_digits(raw: str) -> None:
    assert read_link(raw).number == "49151234"


def test_all_parameters_are_read_and_unknown_ones_ignored() -> None:
    link = read_link(
        "?email=a%2Bb@c.example&name=Anna+Sonne&state=x%20y&partner=p1&next=login&lang=pt"
        "&plan_selection=premium&flow=f&preverified_phone_number_id=77&client_id=abcCL"
        "&hosting_type=cloud&connect_client_user=1&unknown=1&__proto__=2"
    )
    assert (link.email, link.name, link.state) == ("a+b@c.example", "Anna Sonne", "x y")
    assert (link.partner_payload, link.logs_in, link.language) == ("p1", True, "pt_BR")
    assert set(link.others) == {
        "plan_selection",
        "flow",
        "preverified_phone_number_id",
        "client_id",
    }


def test_a_plus_in_an_address_that_nobody_encoded_stays() -> None:
    assert read_link("email=a+b@c.example").email == "a+b@c.example"


@pytest.mark.parametrize(
    ("lang", "language"),
    [
        *(("en", "en"), ("de", "de"), ("DE-at", "de"), ("es", "es"), ("pt", "pt_BR")),
        *(("pt-BR", "pt_BR"), ("pt_BR", "pt_BR"), ("fr", "en"), ("", "en"), ("xx%00", "en")),
    ],
)
def test_an_unknown_language_is_english(lang: str, language: str) -> None:
    assert read_link(f"lang={lang}").language == language


def test_a_redirect_url_that_broke_open_is_joined_again() -> None:
    link = read_link(
        "email=a@b.example&redirect_url=https://p.example/done?a=1&b=2&c=%20x&state=s&z=9"
    )
    assert link.redirect_url == "https://p.example/done?a=1&b=2&c=%20x"
    assert (link.state, link.email) == ("s", "a@b.example")


def test_unknown_keys_behind_an_encoded_redirect_url_are_not_part_of_it() -> None:
    target = "https://p.example/done?a=1&b=2"
    assert read_link(f"redirect_url={quote(target, safe='')}&z=9").redirect_url == target


def test_a_second_redirect_url_does_not_count() -> None:
    link = read_link("redirect_url=https://p.example/&redirect_url=https://evil.example/&x=1")
    assert link.redirect_url == "https://p.example/"


@given(st.text(max_size=300))
def test_any_query_gives_a_link(raw: str) -> None:
    link = read_link(raw)
    assert link.number == "" or link.number.isdigit()
    assert "\x00" not in link.state + link.email + link.name


def sign(at: datetime, secret: str = "secret", partner: str = "f167CmPA") -> Link:
    stamp = str(int(at.timestamp()))
    return Link(signature=io_signature(secret, partner, stamp), timestamp=stamp)


def fault(link: Link, *secrets: str) -> str | None:
    return signature_fault(secrets or ("secret",), "f167CmPA", link, now=NOW, lifetime=TEN_MINUTES)


def test_the_signature_is_the_contracts() -> None:
    # printf 'f167CmPA|1700000000' | openssl dgst -sha256 -hmac secret
    expected = "7d8ca898373dabfb9df6e625c1571fab92399721ce591552def136c795d77a9d"
    assert io_signature("secret", "f167CmPA", "1700000000") == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), None),
        (TEN_MINUTES, None),
        (TEN_MINUTES + timedelta(seconds=1), "signature_old"),
        (-timedelta(seconds=60), None),
        (-timedelta(seconds=61), "signature_old"),
    ],
)
def test_a_signature_is_good_for_ten_minutes(age: timedelta, expected: str | None) -> None:
    assert fault(sign(NOW - age)) == expected


def test_any_secret_in_force_opens_and_any_other_does_not() -> None:
    assert fault(sign(NOW), "new", "secret") is None
    assert fault(sign(NOW), "new") == "signature_bad"
    assert fault(sign(NOW, partner="otherPA")) == "signature_bad"
    assert fault(Link()) == "signature_missing"


@pytest.mark.parametrize("stamp", ["", "0", "-1", "1e9", "²" * 10, "99999999999999", "abc"])
def test_a_timestamp_that_is_none_opens_nothing(stamp: str) -> None:
    link = Link(signature=io_signature("secret", "f167CmPA", stamp), timestamp=stamp)
    assert fault(link) in ("signature_bad", "signature_missing", "signature_old")


def test_an_upper_case_or_foreign_script_signature_is_bad() -> None:
    link = sign(NOW)
    assert fault(Link(signature=link.signature.upper(), timestamp=link.timestamp)) is not None
    assert fault(Link(signature="ä" * 64, timestamp=link.timestamp)) == "signature_bad"


REGISTERED = "https://partner-ok.com/done"


@pytest.mark.parametrize("url", CORPUS["partner_redirect_registration"]["reject"])
def test_a_redirect_url_that_may_not_be_registered(url: str) -> None:
    assert registration_fault(url, own_origins=OWN) is not None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://Shop.example/done", "capitals"),
        ("https://ada:pw@shop.example/done", "credentials"),
        ("https://müller.example/done", "not_ascii"),
        ("https://shop.example/a b", "malformed"),
        ("https://*.shop.example", "malformed"),
        ("shop.example", "malformed"),
        ("https://", "malformed"),
    ],
)
def test_what_is_not_safe_to_compare_is_told_so_that_it_can_be_mended(url: str, fault: str) -> None:
    assert registration_fault(url, own_origins=OWN) == fault


@pytest.mark.parametrize("url", CORPUS["partner_redirect_registration"]["accept"])
def test_a_redirect_url_that_may_be_registered(url: str) -> None:
    assert registration_fault(url, own_origins=OWN) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://partner/x",
        "https://a.internal/x",
        "https://user@partner-ok.com/x",
        "https://hub.test:8443/x",
        "https://partner-ok.com/?revoked=1",
        "https://partner-ok.com/?a=1&CHANNELS=2&channels=3",
        "https://пример.рф/x",
    ],
)
def test_other_disguises_may_not_be_registered(url: str) -> None:
    assert registration_fault(url, own_origins=OWN) is not None


def test_loopback_may_be_registered_in_sandbox_mode_only_and_not_our_own() -> None:
    url, own = "http://localhost:8083/partner-site/done", ["http://localhost:8082"]
    assert registration_fault(url, own_origins=own) is not None
    assert registration_fault(url, own_origins=own, allow_loopback_http=True) is None
    ours = "http://localhost:8082/login"
    assert registration_fault(ours, own_origins=own, allow_loopback_http=True) == "own_host"
    plain = "http://partner-ok.com/"
    assert registration_fault(plain, own_origins=own, allow_loopback_http=True) == "not_https"


# The contract compares scheme, host and port; the corpus's other paths lie on the same origin.
SAME_ORIGIN = {
    "https://partner-ok.com/done/",
    "https://partner-ok.com/done#x",
    "https://partner-ok.com/done%2f..%2fevil",
    "https://partner-ok.com/done;a=b",
}


@pytest.mark.parametrize("url", CORPUS["exact_match"]["reject"])
def test_a_link_never_leads_to_another_origin(url: str) -> None:
    assert may_redirect(url, REGISTERED, []) is (url in SAME_ORIGIN)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://partner-ok.com/other?x=1", True),
        ("https://partner-ok.com:443/", True),
        ("https://partner-ok.com:8443/", False),
        ("https://shop.example:8443/x", True),
        ("https://shop.example/x", False),
        ("https://partner-ok.com.evil.example/", False),
        ("https://partner-ok.com@evil.example/", False),
        ("https://evil.example\\@partner-ok.com/", False),
        ("//partner-ok.com/", False),
        ("javascript:alert(1)//partner-ok.com", False),
        ("https:partner-ok.com/", False),
        ("", False),
    ],
)
def test_only_registered_and_listed_origins_count(url: str, allowed: bool) -> None:
    assert may_redirect(url, REGISTERED, ["https://shop.example:8443"]) is allowed


def test_nothing_registered_allows_nothing() -> None:
    assert may_redirect("", "", []) is False
    assert may_redirect("https://a.example/", "", ["not an origin"]) is False


@given(st.text(max_size=60))
def test_an_origin_is_what_a_browser_would_go_to(path: str) -> None:
    assert origin_of(f"https://a.example/{path}") in ("https://a.example", None)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://p.example/d", "https://p.example/d?client=abCL&channels=[c1CH,c2CH]&state=s"),
        (
            "https://p.example/d?a=1",
            "https://p.example/d?a=1&client=abCL&channels=[c1CH,c2CH]&state=s",
        ),
        ("https://p.example/d?", "https://p.example/d?client=abCL&channels=[c1CH,c2CH]&state=s"),
        (
            "https://p.example/#/done",
            "https://p.example/?client=abCL&channels=[c1CH,c2CH]&state=s#/done",
        ),
    ],
)
def test_the_exit_keeps_the_targets_query_and_fragment(target: str, expected: str) -> None:
    url = exit_url(target, client_id="abCL", channels=["c1CH", "c2CH"], revoked=[], state="s")
    assert url == expected


def test_channels_are_always_named_and_revoked_only_when_there_are() -> None:
    url = exit_url("https://p.example/d", client_id="abCL", channels=[], revoked=["c3CH"], state="")
    assert url == "https://p.example/d?client=abCL&channels=[]&revoked=[c3CH]"


@given(st.text(max_size=200))
def test_any_state_comes_back_as_it_came(state: str) -> None:
    url = exit_url("https://p.example/d", client_id="a", channels=[], revoked=[], state=state)
    assert not any(char in url for char in " \"'\r\n")
    back = parse_qs(urlsplit(url).query, keep_blank_values=True, encoding="utf-8")
    assert back.get("state", [""])[0] == state
