"""The attacks of the login corpus that come by way of the provider: every lie, every failure."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from core.errors import Unavailable
from tests.security.rig import ISSUER, Browser, Rig, query_of, running
from tests.security.tokens import (
    CLIENT_ID,
    NOW,
    claims_with,
    header_with,
    hs256_token,
    signed,
)
from ui.oidc import id_token
from ui.oidc.fetching import Wire
from ui.oidc.metadata import checked

# O11 to O17, O19, O22, O23: (fault, how often the code was exchanged).
FORGED = [
    *("missing_nonce", "wrong_nonce", "missing_id_token", "alg_none", "alg_hs256"),
    *("bad_signature", "embedded_jwk", "jku_header", "x5u_header", "unknown_crit", "wrong_iss"),
    *("wrong_aud", "aud_list_wrong_azp", "expired", "iat_future", "nbf_future", "unknown_kid"),
]


@pytest.mark.parametrize("fault", FORGED)
async def test_an_id_token_that_lies_signs_nobody_in(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    # O18: whatever the metadata lists, our own list of algorithms counts.
    rig.misbehave(fault, "discovery_weak_algorithms")
    answer = await visitor.sign_in()
    assert answer.status_code == 400
    assert "could not be confirmed" in answer.text
    assert visitor.session is None
    assert rig.identity.calls["token"] == 1
    assert not [name for name in rig.identity.calls if name.startswith("stranger")]


@pytest.mark.parametrize("fault", ["answer_wrong_iss", "answer_without_iss"])
async def test_o21_the_code_of_another_provider_is_not_sent_anywhere(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    rig.misbehave(fault)
    answer = await visitor.sign_in()
    assert answer.status_code == 400
    assert visitor.session is None
    assert rig.identity.calls["token"] == 0


@pytest.mark.parametrize("fault", ["answer_wrong_state", "answer_without_state"])
async def test_an_answer_with_another_state_is_refused(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    rig.misbehave(fault)
    assert (await visitor.sign_in()).status_code == 400
    assert rig.identity.calls["token"] == 0


@pytest.mark.parametrize("fault", ["discovery_without_pkce", "discovery_plain_pkce"])
async def test_o10_metadata_cannot_talk_us_out_of_s256(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    rig.misbehave(fault)
    assert query_of(await visitor.start())["code_challenge_method"] == "S256"
    assert (await visitor.sign_in()).status_code == 303


@pytest.mark.parametrize(
    "fault",
    [
        *("discovery_down", "discovery_wrong_issuer"),
        *("discovery_private_token_endpoint", "discovery_private_authorize_endpoint"),
    ],
)
async def test_o20_o32_metadata_that_cannot_be_trusted_stops_the_login(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    rig.misbehave(fault)
    page = await visitor.hub.get("/login")
    assert page.status_code == 502
    assert "not possible right now" in page.text
    assert (await visitor.post("/login/start")).headers["location"] == "/login?next=%2F"
    rig.misbehave()
    assert (await visitor.sign_in()).status_code == 303  # by itself, once the provider is well


@pytest.mark.parametrize("fault", ["token_500", "token_garbage", "token_huge", "jwks_down"])
async def test_o30_a_provider_that_fails_half_way_is_said_plainly(
    rig: Rig, visitor: Browser, fault: str
) -> None:
    rig.misbehave(fault)
    answer = await visitor.sign_in()
    assert answer.status_code == 502
    assert visitor.session is None
    rig.misbehave()
    assert (await visitor.sign_in()).status_code == 303


async def test_o30_a_slow_provider_costs_its_own_login_only(unbuilt: Rig) -> None:
    wire = Wire(httpx.ASGITransport(app=unbuilt.sandbox), seconds=2)
    async with running(unbuilt, wire) as rig:
        slow, other = rig.browser(), rig.browser()
        callback = await slow.authorize(await slow.start())
        rig.misbehave("token_slow")
        waiting = asyncio.ensure_future(slow.come_back(callback))
        assert (await other.hub.get("/login")).status_code == 200
        assert not waiting.done()
        assert (await waiting).status_code == 502
        assert slow.session is None


def test_o30_the_patience_is_ten_seconds() -> None:
    assert Wire().seconds <= 10


async def test_o31_rotated_keys_are_fetched_once_and_forged_key_ids_once_a_minute(
    rig: Rig, visitor: Browser
) -> None:
    await visitor.sign_in()
    assert rig.identity.calls["jwks"] == 1
    rig.identity.keys.rotate(keep_old=False)
    assert (await visitor.sign_in()).status_code == 303
    assert rig.identity.calls["jwks"] == 2
    rig.misbehave("unknown_kid")
    for _ in range(3):
        assert (await visitor.sign_in()).status_code == 400
    assert rig.identity.calls["jwks"] == 2
    rig.clock.offset += timedelta(seconds=61)
    rig.misbehave()
    rig.identity.keys.rotate(keep_old=False)
    # The provider's own clock stands where it stood: within the leeway of our rules.
    assert (await visitor.sign_in()).status_code == 303
    assert rig.identity.calls["jwks"] == 3


async def test_metadata_is_fetched_once_for_everybody(rig: Rig) -> None:
    browsers = [rig.browser() for _ in range(5)]
    await asyncio.gather(*(each.hub.get("/login") for each in browsers))
    assert rig.identity.calls["discovery"] == 1


async def test_a_strict_provider_tells_name_and_address_at_userinfo(
    rig: Rig, visitor: Browser
) -> None:
    rig.misbehave("claims_only_in_userinfo")
    assert (await visitor.sign_in()).status_code == 303


@pytest.mark.parametrize(("fault", "status"), [("userinfo_wrong_sub", 400), ("userinfo_down", 502)])
async def test_userinfo_of_somebody_else_or_of_nobody_signs_nobody_in(
    rig: Rig, visitor: Browser, fault: str, status: int
) -> None:
    rig.misbehave("claims_only_in_userinfo", fault)
    assert (await visitor.sign_in()).status_code == status
    assert visitor.session is None


# --- the rules behind it, at their edges ----------------------------------------------------------

RSA, EC, ED = (
    RSAKey.generate_key(2048, {"kid": "rsa"}),
    ECKey.generate_key("P-256", {"kid": "ec"}),
    OKPKey.generate_key("Ed25519", {"kid": "ed"}),
)
KEYS = {"keys": [key.as_dict(private=False) for key in (RSA, EC, ED)]}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(RSA, "RS256", id="RS256"),
        pytest.param(EC, "ES256", id="ES256"),
        pytest.param(ED, "Ed25519", id="EdDSA"),
    ],
)
def test_our_three_algorithms_are_understood(key: Any, algorithm: str) -> None:
    assert id_token.verified(signed(claims_with(), key, algorithm), KEYS)["sub"] == "ada"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "none", "HS256", "ES384"])
def test_any_other_algorithm_is_refused(algorithm: str) -> None:
    token = hs256_token(claims_with(), RSA, algorithm)
    with pytest.raises(id_token.IdTokenRefusedError, match="algorithm"):
        id_token.verified(token, KEYS)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "zip"])
def test_headers_that_bring_keys_or_rules_are_refused(name: str) -> None:
    good = signed(claims_with(), RSA, "RS256").partition(".")[2]
    with pytest.raises(id_token.IdTokenRefusedError, match=name):
        id_token.verified(f"{header_with(name, RSA)}.{good}", KEYS)


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "é.b.c", "bnVsbA.e30.x", "[" * 70_000, "W1tbW1s" * 9000 + ".e30.x"],
    ids=lambda token: token[:12],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(id_token.IdTokenRefusedError):
        id_token.verified(token, KEYS)


def test_a_key_is_used_only_for_its_own_kind_and_purpose() -> None:
    for keys in (
        {"keys": [RSA.as_dict(private=False) | {"use": "enc"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"}]},
        {"keys": [RSA.as_dict(private=False) | {"n": "9" * 171}]},  # 1,024 bits
        {"keys": [RSA.as_dict(private=False) | {"n": "9" * 20_000}]},
        {"keys": [RSA.as_dict(private=False)] * 2},
        {"keys": "nothing"},
        {},
    ):
        with pytest.raises(id_token.IdTokenRefusedError):
            id_token.verified(signed(claims_with(), RSA, "RS256"), keys)


@pytest.mark.parametrize(
    "changes",
    [
        *({"exp": NOW.timestamp() - 120}, {"iat": NOW.timestamp() + 121}, {"nbf": 1e12}),
        *({"exp": None}, {"iat": None}, {"exp": float("nan")}, {"exp": True}, {"exp": "2099"}),
        *({"sub": None}, {"sub": ""}, {"sub": "x" * 256}, {"sub": 7}, {"nonce": None}),
        *({"aud": []}, {"aud": ["other", CLIENT_ID]}, {"azp": "other"}, {"iss": ISSUER + "/"}),
    ],
    ids=str,
)
def test_claims_are_refused_at_their_edges(changes: dict[str, Any]) -> None:
    with pytest.raises(id_token.IdTokenRefusedError):
        check(claims_with(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        *({}, {"exp": NOW.timestamp() - 119}, {"iat": NOW.timestamp() + 120}),
        *({"aud": [CLIENT_ID]}, {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID}),
    ],
    ids=str,
)
def test_claims_within_the_leeway_are_taken(changes: dict[str, Any]) -> None:
    check(claims_with(**changes))


def check(claims: dict[str, Any]) -> None:
    id_token.check_claims(claims, issuer=ISSUER, client_id=CLIENT_ID, nonce="the-nonce", now=NOW)


@pytest.mark.parametrize(
    ("issuer", "endpoint"),
    [
        ("https://id.example", "http://id.example/token"),
        ("https://id.example", "https://10.0.0.1/token"),
        ("https://id.example", "https://[::1]/token"),
        ("https://id.example", "https://user@id.example/token"),
        ("https://id.example", "https:///token"),
        ("https://id.example", "https://id.example:bad/token"),
        ("https://id.example", "file:///etc/passwd"),
        ("https://id.example", ""),
        ("http://id.example", "http://id.example/token"),
        ("http://localhost:8083", "http://127.0.0.1:8083/token"),
        ("http://localhost:8083", "https://id.example/token"),
    ],
)
def test_o32_an_endpoint_that_is_not_safe_is_refused(issuer: str, endpoint: str) -> None:
    document = {
        "issuer": issuer,
        "authorization_endpoint": issuer,
        "jwks_uri": issuer,
        "token_endpoint": endpoint,
    }
    with pytest.raises(Unavailable, match="refused"):
        checked(document, issuer)


ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
HONEST = json.dumps({"issuer": ISSUER} | dict.fromkeys(ENDPOINTS, ISSUER)).encode()


async def test_the_honest_document_below_is_taken(unbuilt: Rig) -> None:
    wire = Wire(httpx.MockTransport(lambda _: httpx.Response(200, content=HONEST)))
    async with running(unbuilt, wire) as rig:
        assert (await rig.browser().hub.get("/login")).status_code == 200


Answer = Callable[[httpx.Request], httpx.Response]


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(302, headers={"location": "http://127.0.0.1/"}),
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, content=b""),
        lambda _: httpx.Response(200, content=b"[" * 500_000),
        lambda _: httpx.Response(200, content=json.dumps([1]).encode()),
        lambda _: httpx.Response(200, content=HONEST + b" " * 1_100_000),
    ],
    ids=["redirect", "compressed", "deep", "list", "large"],
)
async def test_an_answer_that_is_not_plain_json_is_no_answer(unbuilt: Rig, answer: Answer) -> None:
    async with running(unbuilt, Wire(httpx.MockTransport(answer))) as rig:
        assert (await rig.browser().hub.get("/login")).status_code == 502
