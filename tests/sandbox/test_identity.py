"""The identity provider enforces what a strict real one does, and misbehaves when told to."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.app import create_app
from sandbox.identity.faults import FAULTS
from sandbox.settings import SandboxSettings

HUB = "http://localhost:8082"
CALLBACK = f"{HUB}/login/callback"
ISSUER = "http://localhost:8083/identity"
SECRET = "a-secret/with+signs"
ADA = {"sub": "ada", "email": "ada@acme.example", "name": "Ada Owner", "email_verified": True}
BEN = {"sub": "ben", "email": "ben@beta.example", "name": "Ben Member", "email_verified": False}
VERIFIER = "v" * 43


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(SandboxSettings(oidc_client_secret=SECRET), {"people": [ADA, BEN]})
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8083") as client:
        yield client


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorize_url(**changes: str | None) -> str:
    asked = {
        "response_type": "code",
        "client_id": "partner-hub",
        "redirect_uri": CALLBACK,
        "scope": "openid email profile",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    } | changes
    return "/identity/authorize?" + urlencode({k: v for k, v in asked.items() if v is not None})


def ticket_in(page: httpx.Response) -> str:
    found = re.search(r'name="request" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def answer_of(redirect: httpx.Response) -> dict[str, str]:
    assert redirect.status_code == 303, redirect.text
    query = parse_qs(urlsplit(redirect.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def sign_in(web: httpx.AsyncClient, sub: str = "ada", **changes: str | None) -> str:
    """The code that the hub gets after this person was chosen on the page."""
    page = await web.get(authorize_url(**changes))
    form = {"request": ticket_in(page), "sub": sub}
    return answer_of(await web.post("/identity/sign-in", data=form))["code"]


async def exchange(web: httpx.AsyncClient, code: str, **changes: str | None) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": "partner-hub",
        "client_secret": SECRET,
    } | changes
    data = {name: value for name, value in form.items() if value is not None}
    return await web.post("/identity/token", data=data)


async def id_token(web: httpx.AsyncClient) -> str:
    answer = await exchange(web, await sign_in(web, prompt="login"))
    return str(answer.json()["id_token"])


async def verified_claims(web: httpx.AsyncClient, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set((await web.get("/identity/jwks")).json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


def read_part(token: str, index: int) -> dict[str, Any]:
    part = token.split(".")[index]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


async def behave(web: httpx.AsyncClient, *faults: str, **more: object) -> None:
    answer = await web.post("/control/identity/behaviour", json={"faults": list(faults), **more})
    answer.raise_for_status()


async def move_clock(web: httpx.AsyncClient, seconds: int) -> None:
    (await web.post("/control/clock", json={"advance_seconds": seconds})).raise_for_status()


# -- the honest path


async def test_a_sign_in_gives_a_signed_id_token_with_the_persons_claims(
    web: httpx.AsyncClient,
) -> None:
    answer = (await exchange(web, await sign_in(web))).json()
    claims = await verified_claims(web, answer["id_token"])
    assert {key: claims[key] for key in ("iss", "sub", "aud", "nonce")} == {
        "iss": ISSUER,
        "sub": "ada",
        "aud": "partner-hub",
        "nonce": "the-nonce",
    }
    assert claims["email"] == ADA["email"]
    assert claims["email_verified"] is True
    assert claims["name"] == "Ada Owner"
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    userinfo = (await web.get("/identity/userinfo", headers=bearer)).json()
    assert userinfo == {key: ADA[key] for key in ("sub", "email", "email_verified", "name")}


async def test_an_independent_client_library_completes_the_flow() -> None:
    # authlib sends the secret as it is, so this one needs no form encoding.
    settings = SandboxSettings(oidc_client_secret="plain-secret")
    app = create_app(settings, {"people": [ADA]})
    async with AsyncOAuth2Client(
        "partner-hub",
        settings.oidc_client_secret,
        scope="openid email",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
        transport=httpx.ASGITransport(app=app),
    ) as client:
        discovery = f"{ISSUER}/.well-known/openid-configuration"
        metadata = (await client.request("GET", discovery, withhold_token=True)).json()
        verifier = secrets.token_urlsafe(48)
        url, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier
        )
        page = await client.request("GET", url, withhold_token=True)
        chosen = await client.request(
            "POST",
            f"{ISSUER}/sign-in",
            data={"request": ticket_in(page), "sub": "ada"},
            withhold_token=True,
        )
        token = await client.fetch_token(
            metadata["token_endpoint"],
            authorization_response=chosen.headers["location"],
            code_verifier=verifier,
        )
        assert read_part(token["id_token"], 1)["email"] == ADA["email"]


async def test_the_answer_carries_state_and_issuer(web: httpx.AsyncClient) -> None:
    page = await web.get(authorize_url())
    answer = answer_of(
        await web.post("/identity/sign-in", data={"request": ticket_in(page), "sub": "ada"})
    )
    assert answer["state"] == "the-state"
    assert answer["iss"] == ISSUER


async def test_claims_follow_the_granted_scopes(web: httpx.AsyncClient) -> None:
    answer = (await exchange(web, await sign_in(web, scope="openid"))).json()
    assert not {"email", "name"} & set(read_part(answer["id_token"], 1))


# -- the page


async def test_the_hinted_person_comes_first(web: httpx.AsyncClient) -> None:
    page = (await web.get(authorize_url(login_hint="BEN@beta.example"))).text
    assert page.index("Ben Member") < page.index("Ada Owner")
    assert 'class="person hinted" name="sub" value="ben" autofocus' in page


async def test_names_are_shown_as_text(web: httpx.AsyncClient) -> None:
    person = {"email": "e@x.example", "name": "<script>alert(1)</script>"}
    await web.put("/control/identity/people/evil", json=person)
    page = (await web.get(authorize_url(login_hint='"><img src=x>@'))).text
    assert "<script>alert" not in page
    assert "<img" not in page


async def test_deny_answers_access_denied(web: httpx.AsyncClient) -> None:
    page = await web.get(authorize_url())
    form = {"request": ticket_in(page), "deny": "1"}
    answer = answer_of(await web.post("/identity/sign-in", data=form))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "the-state"
    assert answer["iss"] == ISSUER


async def test_anybody_can_sign_in_but_never_as_a_seeded_person(web: httpx.AsyncClient) -> None:
    page = await web.get(authorize_url())
    form = {"request": ticket_in(page), "name": "Eve", "email": str(ADA["email"])}
    code = answer_of(await web.post("/identity/sign-in", data=form))["code"]
    claims = read_part((await exchange(web, code)).json()["id_token"], 1)
    assert claims["email"] == ADA["email"]
    assert claims["email_verified"] is False
    assert claims["sub"].startswith("guest-")


async def test_a_sign_in_page_works_once(web: httpx.AsyncClient) -> None:
    form = {"request": ticket_in(await web.get(authorize_url())), "sub": "ada"}
    assert (await web.post("/identity/sign-in", data=form)).status_code == 303
    assert (await web.post("/identity/sign-in", data=form)).status_code == 400


# -- what a request may ask


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?a=b"},
        {"redirect_uri": "https://evil.example/login/callback"},
        {"redirect_uri": None},
    ],
)
async def test_nothing_is_redirected_to_an_unregistered_place(
    web: httpx.AsyncClient, changes: dict[str, str | None]
) -> None:
    page = await web.get(authorize_url(**changes))
    assert page.status_code == 400
    assert "location" not in page.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_wrong_request_is_refused_at_the_redirect_uri(
    web: httpx.AsyncClient, changes: dict[str, str | None], error: str
) -> None:
    answer = answer_of(await web.get(authorize_url(**changes)))
    assert answer["error"] == error
    assert answer["state"] == "the-state"
    assert answer["iss"] == ISSUER


async def test_a_repeated_parameter_is_refused(web: httpx.AsyncClient) -> None:
    answer = answer_of(await web.get(authorize_url() + "&nonce=second"))
    assert answer["error"] == "invalid_request"


# -- who is asked again


async def test_a_signed_in_person_is_not_asked_again(web: httpx.AsyncClient) -> None:
    await sign_in(web)
    assert "code" in answer_of(await web.get(authorize_url()))
    assert "code" in answer_of(await web.get(authorize_url(prompt="none")))


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "login"}, {"prompt": "select_account"}, {"login_hint": str(BEN["email"])}],
)
async def test_a_signed_in_person_is_asked_when_the_client_wants_it(
    web: httpx.AsyncClient, changes: dict[str, str]
) -> None:
    await sign_in(web)
    assert "Someone else" in (await web.get(authorize_url(**changes))).text


async def test_max_age_asks_again_and_auth_time_moves(web: httpx.AsyncClient) -> None:
    first = read_part((await exchange(web, await sign_in(web))).json()["id_token"], 1)
    await move_clock(web, 300)
    assert "code" in answer_of(await web.get(authorize_url(max_age="600")))
    await move_clock(web, 600)
    answer = answer_of(await web.get(authorize_url(max_age="600", prompt="none")))
    assert answer["error"] == "login_required"
    code = await sign_in(web, max_age="600")
    second = read_part((await exchange(web, code)).json()["id_token"], 1)
    assert second["auth_time"] >= first["auth_time"] + 900


# -- codes and secrets


async def test_a_code_works_once_and_a_replay_takes_the_tokens_with_it(
    web: httpx.AsyncClient,
) -> None:
    code = await sign_in(web)
    first = await exchange(web, code)
    bearer = {"Authorization": f"Bearer {first.json()['access_token']}"}
    again = await exchange(web, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await web.get("/identity/userinfo", headers=bearer)).status_code == 401


async def test_a_code_dies_after_a_minute(web: httpx.AsyncClient) -> None:
    code = await sign_in(web)
    await move_clock(web, 60)
    assert (await exchange(web, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code_verifier": "v" * 42}, 400, "invalid_grant"),
        ({"redirect_uri": f"{HUB}/other"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_a_code_is_bound_to_client_verifier_and_redirect_uri(
    web: httpx.AsyncClient, changes: dict[str, str | None], status: int, error: str
) -> None:
    answer = await exchange(web, await sign_in(web), **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_basic_credentials_are_form_decoded(web: httpx.AsyncClient) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": await sign_in(web),
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    basic = base64.b64encode(b"partner-hub:a-secret%2Fwith%2Bsigns").decode()
    headers = {"Authorization": f"Basic {basic}"}
    answer = await web.post("/identity/token", data=form, headers=headers)
    assert answer.status_code == 200


# -- signing out


async def test_logout_with_the_persons_id_token_ends_the_session_and_returns(
    web: httpx.AsyncClient,
) -> None:
    token = await id_token(web)
    query = {"id_token_hint": token, "post_logout_redirect_uri": f"{HUB}/", "state": "s"}
    answer = await web.get("/identity/logout", params=query)
    assert answer.headers["location"] == f"{HUB}/?state=s"
    assert answer_of(await web.get(authorize_url(prompt="none")))["error"] == "login_required"


async def test_logout_without_a_hint_asks_first(web: httpx.AsyncClient) -> None:
    await sign_in(web)
    query = {"client_id": "partner-hub", "post_logout_redirect_uri": f"{HUB}/"}
    page = await web.get("/identity/logout", params=query)
    assert "Sign out?" in page.text
    assert "code" in answer_of(await web.get(authorize_url(prompt="none")))
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    done = await web.post("/identity/logout/confirm", data=fields)
    assert done.headers["location"] == f"{HUB}/"
    assert answer_of(await web.get(authorize_url(prompt="none")))["error"] == "login_required"


async def test_the_sign_out_form_of_another_page_is_refused(web: httpx.AsyncClient) -> None:
    await sign_in(web)
    forged = await web.post("/identity/logout/confirm", data={"form_token": "guess"})
    assert forged.status_code == 400
    assert "code" in answer_of(await web.get(authorize_url(prompt="none")))


@pytest.mark.parametrize("target", [HUB, f"{HUB}/other", "https://evil.example/"])
async def test_logout_returns_only_to_registered_addresses(
    web: httpx.AsyncClient, target: str
) -> None:
    query = {"id_token_hint": await id_token(web), "post_logout_redirect_uri": target}
    answer = await web.get("/identity/logout", params=query)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_forged_hint_signs_nobody_out(web: httpx.AsyncClient) -> None:
    await sign_in(web)
    await behave(web, "bad_signature")
    answer = await web.get("/identity/logout", params={"id_token_hint": await id_token(web)})
    assert answer.status_code == 400


# -- faults


CLAIM_FAULTS: dict[str, tuple[str, object]] = {
    "missing_nonce": ("nonce", None),
    "wrong_nonce": ("nonce", "nonce-of-another-login"),
    "wrong_iss": ("iss", "https://evil.example/identity"),
    "wrong_aud": ("aud", "another-client"),
    "aud_list_wrong_azp": ("azp", "another-client"),
    "email_unverified": ("email_verified", False),
    "claims_only_in_userinfo": ("email", None),
}


@pytest.mark.parametrize("fault", CLAIM_FAULTS)
async def test_a_claim_fault_is_signed_properly(web: httpx.AsyncClient, fault: str) -> None:
    await behave(web, fault, times=1)
    claims = await verified_claims(web, await id_token(web))
    name, value = CLAIM_FAULTS[fault]
    assert claims.get(name) == value
    honest = await verified_claims(web, await id_token(web))
    assert honest.get(name) != value


async def test_time_faults_are_beyond_any_leeway(web: httpx.AsyncClient) -> None:
    faults = ["expired", "iat_future", "nbf_future"]
    expired, iat_future, nbf_future = [await _claims_under(web, fault) for fault in faults]
    honest = await verified_claims(web, await id_token(web))
    assert expired["exp"] < honest["iat"] - 300
    assert iat_future["iat"] > honest["iat"] + 3_600
    assert nbf_future["nbf"] > honest["iat"] + 3_600


async def _claims_under(web: httpx.AsyncClient, fault: str) -> dict[str, Any]:
    await behave(web, fault, times=1)
    return await verified_claims(web, await id_token(web))


@pytest.mark.parametrize(
    "fault",
    [
        *("alg_none", "alg_hs256", "bad_signature", "unknown_kid"),
        *("embedded_jwk", "jku_header", "x5u_header", "unknown_crit"),
    ],
)
async def test_a_forged_signature_does_not_verify(web: httpx.AsyncClient, fault: str) -> None:
    await behave(web, fault)
    token = await id_token(web)
    with pytest.raises((JoseError, ValueError)):
        await verified_claims(web, token)


async def test_hs256_is_keyed_with_the_public_key(web: httpx.AsyncClient) -> None:
    """Otherwise a client with the classic confusion would pass the test by luck."""
    await behave(web, "alg_hs256")
    signed, _, signature = (await id_token(web)).rpartition(".")
    keys = KeySet.import_key_set((await web.get("/identity/jwks")).json())
    digest = hmac.new(keys.keys[0].as_pem(private=False), signed.encode(), "sha256").digest()
    assert signature == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def test_the_token_endpoint_fails_in_every_wished_way(web: httpx.AsyncClient) -> None:
    await behave(web, "token_500", times=1)
    assert (await exchange(web, "x")).status_code == 500
    await behave(web, "token_garbage", times=1)
    with pytest.raises(ValueError, match=r".*"):
        (await exchange(web, "x")).json()
    await behave(web, "token_huge", times=1)
    assert len((await exchange(web, "x")).content) > 10_000_000
    await behave(web, "token_slow", times=1, seconds=0.01)
    assert (await exchange(web, "x")).status_code == 400
    await behave(web, "missing_id_token", times=1)
    assert "id_token" not in (await exchange(web, await sign_in(web))).json()


DISCOVERY_FAULTS = {
    "discovery_wrong_issuer": ("issuer", "https://evil.example/identity"),
    "discovery_without_pkce": ("code_challenge_methods_supported", None),
    "discovery_plain_pkce": ("code_challenge_methods_supported", ["plain"]),
    "discovery_weak_algorithms": ("id_token_signing_alg_values_supported", ["none", "HS256"]),
    "discovery_private_token_endpoint": ("token_endpoint", "http://169.254.169.254/token"),
    "discovery_private_authorize_endpoint": (
        "authorization_endpoint",
        "http://10.0.0.1/authorize",
    ),
}


@pytest.mark.parametrize("fault", DISCOVERY_FAULTS)
async def test_metadata_can_lie(web: httpx.AsyncClient, fault: str) -> None:
    await behave(web, fault, times=1)
    name, value = DISCOVERY_FAULTS[fault]
    path = "/identity/.well-known/openid-configuration"
    assert (await web.get(path)).json().get(name) == value
    assert (await web.get(path)).json()["issuer"] == ISSUER


async def test_endpoints_can_be_down(web: httpx.AsyncClient) -> None:
    await behave(web, "discovery_down", "jwks_down", "userinfo_down")
    for path in ("/identity/.well-known/openid-configuration", "/identity/jwks"):
        assert (await web.get(path)).status_code == 503
    assert (await web.get("/identity/userinfo")).status_code == 503


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("answer_wrong_iss", "iss", "https://evil.example/identity"),
        ("answer_without_iss", "iss", None),
        ("answer_wrong_state", "state", "another-state"),
        ("answer_without_state", "state", None),
        ("answer_html_error", "error_description", "<img src=x onerror=alert(1)>"),
    ],
)
async def test_the_answer_to_the_browser_can_lie(
    web: httpx.AsyncClient, fault: str, name: str, value: str | None
) -> None:
    await sign_in(web)
    await behave(web, fault)
    assert answer_of(await web.get(authorize_url())).get(name) == value


async def test_userinfo_can_answer_for_somebody_else(web: httpx.AsyncClient) -> None:
    await behave(web, "userinfo_wrong_sub")
    token = (await exchange(web, await sign_in(web))).json()["access_token"]
    answer = await web.get("/identity/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["sub"] == "somebody-else"


async def test_an_unknown_fault_is_refused(web: httpx.AsyncClient) -> None:
    wrong = await web.post("/control/identity/behaviour", json={"faults": ["tired"]})
    assert wrong.status_code == 422
    known = (await web.get("/control/identity/behaviour")).json()["known"]
    assert known == FAULTS


# -- keys, people, counters


async def test_rotated_keys_verify_until_they_are_withdrawn(web: httpx.AsyncClient) -> None:
    before = await id_token(web)
    await web.post("/control/identity/rotate-keys", json={"keep_old": True})
    assert (await verified_claims(web, before))["sub"] == "ada"
    after = await id_token(web)
    assert read_part(after, 0)["kid"] != read_part(before, 0)["kid"]
    await web.post("/control/identity/rotate-keys", json={"keep_old": False})
    with pytest.raises((JoseError, ValueError)):
        await verified_claims(web, after)


async def test_an_email_can_change_and_the_sub_stays(web: httpx.AsyncClient) -> None:
    change = {"email": "victim@acme.example", "name": "Ben"}
    await web.put("/control/identity/people/ben", json=change)
    claims = read_part((await exchange(web, await sign_in(web, "ben"))).json()["id_token"], 1)
    assert (claims["sub"], claims["email"]) == ("ben", "victim@acme.example")


async def test_calls_are_counted_without_secrets(web: httpx.AsyncClient) -> None:
    await id_token(web)
    calls = (await web.get("/control/identity/calls")).json()
    assert calls["count"] == {"authorize": 1, "token": 1}
    assert SECRET not in json.dumps(calls)
    await web.delete("/control/identity/calls")
    assert (await web.get("/control/identity/calls")).json()["count"] == {}
