"""Every guard with the way to switch it off and the test that must fail then.

`TEST_WITHOUT_GUARD=<name>` runs the security tests with that guard off (`conftest` obeys it before
the first test); `test_register` does so for each of them. Guards of the web side stand here,
those of money in `money_guards`, of plans in `subscription_guards`, of support and of files in
`support_guards`, of calls to partners' addresses in `outgoing_guards`, of what programs ask for in
`api_guards`, of how they get in in `credential_guards`, of people in `users_guards`,
of brands and of switching in `profile_guards`.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from core.errors import InvalidInput
from core.partners.entities import LoginAttempt
from core.partners.sign_in import ClaimedLogin
from core.ports import Everything
from core.secret_hash import hash_secret
from tests.security.api_guards import API
from tests.security.audit_guards import AUDIT
from tests.security.credential_guards import CREDENTIALS
from tests.security.data_guards import DATA
from tests.security.flood_guards import FLOODS
from tests.security.guard import Guard, never_refusing, returning, value
from tests.security.integration_guards import INTEGRATION
from tests.security.money_guards import MONEY
from tests.security.operations_guards import OPERATIONS
from tests.security.outgoing_guards import OUTGOING
from tests.security.profile_guards import PROFILE
from tests.security.subscription_guards import SUBSCRIPTIONS
from tests.security.support_guards import SUPPORT
from tests.security.users_guards import USERS

WITHOUT = "TEST_WITHOUT_GUARD"


async def _true(*_args: Any) -> bool:
    return True


async def _nothing(*_args: Any, **_kwargs: Any) -> None:
    return None


def _middleware_off(_was: Any) -> Any:
    async def passed_on(self: Any, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    return passed_on


def _counting_only(_was: Any) -> Any:
    """Takes every frame as one of the socket's own page."""

    async def speaks_for(_self: Any, _sid: str, message: Any, is_well_formed: bool) -> bool:
        return is_well_formed

    return speaks_for


def _without_header(name: str) -> Callable[[Any], Any]:
    def off(was: Any) -> Any:
        return lambda *args: {k: v for k, v in was(*args).items() if k != name}

    return off


def _unfiltered(_was: Any) -> Any:
    return lambda scope, _cookies: scope


def _logging(_was: Any) -> Any:
    sockets = importlib.import_module("ui.guards.sockets")
    return lambda _self, sid, message=None: sockets._handlers["log"](sid, message)


def _by_state_alone(_was: Any) -> Any:
    """Takes an attempt from any browser, at any time, again and again."""

    def claim(self: Any, state: str, _browser: str) -> ClaimedLogin:
        with self._database.reading(Everything("test")) as session:
            attempt = session.get(LoginAttempt, hash_secret(state))
        if attempt is None:
            raise InvalidInput(code="login_not_open")
        return ClaimedLogin(
            nonce=attempt.nonce, verifier=attempt.verifier, next_path=attempt.next_path
        )

    return claim


SOCKETS = "ui.guards.sockets:SocketGuard"

GUARDS: tuple[Guard, ...] = (
    # --- 1: the websocket
    Guard(
        name="socket origin",
        target="ui.guards.sockets:allowed_origins",
        off=returning("*"),
        test="test_sockets.py::test_a_foreign_origin_gets_no_socket",
    ),
    Guard(
        name="socket session",
        target="ui.guards.sockets:browser_of",
        off=returning(""),
        test="test_sockets.py::test_a_socket_without_the_pages_session_is_refused",
    ),
    Guard(
        name="socket of onboarding",
        target="ui.guards.browsers:is_onboarding",
        off=returning(False),
        test="test_sockets.py::test_an_onboarding_page_belongs_to_the_browser_that_opened_it",
    ),
    Guard(
        name="socket speaks for its own page (event)",
        target=f"{SOCKETS}._speaks_for",
        off=_counting_only,
        test="test_sockets.py::test_a_browser_cannot_press_on_another_browsers_page",
    ),
    Guard(
        name="socket speaks for its own page (no handshake)",
        target=f"{SOCKETS}._speaks_for",
        off=_counting_only,
        test="test_sockets.py::test_a_socket_that_never_shook_hands_cannot_press",
    ),
    Guard(
        name="socket speaks for its own page (answers)",
        target=f"{SOCKETS}._speaks_for",
        off=_counting_only,
        test="test_sockets.py::test_a_browser_cannot_answer_for_another_page",
    ),
    Guard(
        name="socket speaks for its own page (acks)",
        target=f"{SOCKETS}._speaks_for",
        off=_counting_only,
        test="test_sockets.py::test_a_browser_cannot_make_another_page_forget_its_messages",
    ),
    Guard(
        name="log frames dropped",
        target=f"{SOCKETS}.log",
        off=_logging,
        test="test_sockets.py::test_a_browser_does_not_write_into_our_log",
    ),
    Guard(
        name="malformed frames counted",
        target=f"{SOCKETS}._count",
        off=value(_nothing),
        test="test_sockets.py::test_malformed_frames_are_counted_and_end_the_socket",
    ),
    Guard(
        name="shape of events",
        target="ui.guards.sockets:is_event",
        off=returning(True),
        test="test_sockets.py::test_malformed_frames_are_counted_and_end_the_socket",
    ),
    Guard(
        name="shape of handshakes",
        target="ui.guards.sockets:is_handshake",
        off=returning(True),
        test="test_sockets.py::test_a_handshake_that_lacks_its_parts_is_refused",
    ),
    Guard(
        name="binary frames",
        target="ui.guards.sockets:is_binary",
        off=returning(False),
        test="test_sockets.py::test_frames_that_cannot_be_read_end_the_socket_without_a_traceback",
    ),
    # --- 2: stale authority
    Guard(
        name="pages end with the session",
        target="ui.sessions:OpenPages._end",
        off=value(_nothing),
        test="test_open_pages.py::test_o33_signing_out_ends_every_open_page_of_the_session",
    ),
    Guard(
        name="pages of ended sessions stay dead",
        target="ui.sessions:OpenPages._remember",
        off=never_refusing,
        test="test_open_pages.py::test_a_page_fetched_before_the_sign_out_cannot_come_alive_after_it",
    ),
    Guard(
        name="pages follow the switch",
        target="ui.sessions:OpenPages.switch",
        off=value(_nothing),
        test="test_open_pages.py::test_switching_takes_every_tab_of_the_session_along",
    ),
    Guard(
        name="other processes are heard",
        target="ui.sessions:OpenPages._hear",
        off=never_refusing,
        test="test_open_pages.py::test_another_process_ends_the_pages_of_this_one",
    ),
    Guard(
        name="pages end with the membership",
        target="ui.sessions:OpenPages.end_member",
        off=value(_nothing),
        test="test_open_pages.py::test_o35_a_removed_or_demoted_members_pages_start_again",
    ),
    Guard(
        name="pages end with an expired session",
        target="ui.sessions:OpenPages.look_after",
        off=value(_nothing),
        test="test_open_pages.py::test_pages_of_a_session_that_ran_out_are_gone",
    ),
    Guard(
        name="pushes ask for authority",
        target="core.access:refused",
        off=returning({}),
        test="test_pushes.py::test_a_page_whose_person_may_not_any_more_gets_no_patch",
    ),
    # --- 3: the session
    Guard(
        name="cookie attributes",
        target="ui.door:set_cookie",
        off=lambda _was: lambda response, name, value, *_a, **_k: response.set_cookie(name, value),
        test="test_login_attacks.py::test_the_session_cookie_is_out_of_reach_of_scripts_and_other_hosts",
    ),
    Guard(
        name="old session ends at login",
        target="core.partners.sign_in:SignIn._end_replaced",
        off=never_refusing,
        test="test_login_attacks.py::test_o27_a_planted_session_is_worth_nothing_after_the_login",
    ),
    Guard(
        name="session ends",
        target="core.partners.sessions:session_has_ended",
        off=returning(False),
        test="test_login_attacks.py::test_o33_a_signed_out_cookie_is_dead",
    ),
    # --- 4: the login
    *(
        Guard(
            name=f"attempts {what}",
            target="core.partners.sign_in:SignIn.claim",
            off=_by_state_alone,
            test=f"test_login_attacks.py::{test}",
        )
        for what, test in (
            ("belong to a browser", "test_o03_a_callback_in_another_browser_signs_nobody_in"),
            ("work once", "test_o36_twenty_equal_answers_make_one_session_and_one_exchange"),
            ("are open for ten minutes", "test_o06_a_callback_is_too_late_after_ten_minutes"),
        )
    ),
    Guard(
        name="next is ours",
        target="core.partners.sign_in:safe_next",
        also=("ui.door:safe_next", "ui.login:safe_next"),
        off=lambda _was: lambda path: path or "/",
        test="test_login_attacks.py::test_o29_a_foreign_next_leads_home",
    ),
    Guard(
        name="iss of the answer",
        target="ui.oidc.provider:Provider.check_answer",
        off=value(_nothing),
        test="test_login_provider.py::test_o21_the_code_of_another_provider_is_not_sent_anywhere",
    ),
    Guard(
        name="claims of the id_token",
        target="ui.oidc.provider:check_claims",
        off=never_refusing,
        test="test_login_provider.py::test_an_id_token_that_lies_signs_nobody_in",
    ),
    Guard(
        name="headers of the id_token",
        target="ui.oidc.id_token:_FORBIDDEN_HEADERS",
        off=value(frozenset()),
        test="test_login_provider.py::test_headers_that_bring_keys_or_rules_are_refused",
    ),
    Guard(
        name="our own algorithms",
        target="ui.oidc.id_token:ALGORITHMS",
        off=lambda was: was | {"RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "ES384": "EC"},
        test="test_login_provider.py::test_any_other_algorithm_is_refused",
    ),
    Guard(
        name="metadata is checked",
        target="ui.oidc.metadata:_is_trusted",
        off=returning(True),
        test="test_login_provider.py::test_o20_o32_metadata_that_cannot_be_trusted_stops_the_login",
    ),
    Guard(
        name="size of the provider's answers",
        target="ui.oidc.fetching:MOST_BYTES",
        off=value(1 << 40),
        test="test_login_provider.py::test_an_answer_that_is_not_plain_json_is_no_answer",
    ),
    Guard(
        name="key sets are refetched rarely",
        target="ui.oidc.provider:_REFETCH_AFTER",
        off=lambda was: was * 0,
        test="test_login_provider.py::test_o31_rotated_keys_are_fetched_once_and_forged_key_ids_once_a_minute",
    ),
    Guard(
        name="starts are limited",
        target="ui.door:FixedWindowRateLimiter.hit",
        off=returning(True),
        test="test_login_attacks.py::test_a_flood_of_starts_is_slowed_down",
    ),
    # --- 5: bodies
    Guard(
        name="body limits",
        target="ui.guards.bodies:BodyLimits.__call__",
        off=_middleware_off,
        test="test_http_guards.py::test_a_body_is_taken_up_to_its_limit",
    ),
    Guard(
        name="chunked bodies are counted",
        target="ui.guards.bodies:_counted",
        off=lambda _was: lambda receive, _body: receive(),
        test="test_http_guards.py::test_a_body_is_taken_up_to_its_limit",
    ),
    Guard(
        name="uploads belong to a page",
        target="ui.guards.uploads:comes_from_its_page",
        off=returning(True),
        test="test_public_routes.py::test_an_upload_without_the_pages_session_is_refused",
    ),
    Guard(
        name="rate of public writes",
        target="ui.guards.rates:is_public_write",
        off=returning(False),
        test="test_public_routes.py::test_a_flood_of_posts_from_one_address_is_held_off",
    ),
    Guard(
        name="rate of public mails",
        target="ui.guards.rates:Rate.allows",
        off=returning(True),
        test="test_public_routes.py::test_one_address_has_only_so_many_codes_mailed",
    ),
    # --- 6: headers, hosts, forwarding
    Guard(
        name="uploaded files are inert",
        target="ui.guards.headers:_FILES",
        off=value("/nowhere/"),
        test="test_public_routes.py::test_a_logo_opened_as_a_page_can_do_nothing",
    ),
    Guard(
        name="host allow-list",
        target="ui.guards.hosts:AllowedHosts.allow",
        off=returning(True),
        test="test_http_guards.py::test_a_foreign_host_is_refused",
    ),
    Guard(
        name="forwarded headers stripped",
        target="ui.guards.hosts:_is_stripped",
        off=returning(False),
        test="test_http_guards.py::test_a_forwarded_prefix_does_not_move_the_scripts",
    ),
    Guard(
        name="forwarded headers from proxies only",
        target="ui.guards.hosts:HostGuard._comes_from_proxy",
        off=returning(True),
        test="test_http_guards.py::test_a_stranger_cannot_claim_another_address",
    ),
    Guard(
        name="nonces in the template",
        target="ui.guards:add_nonces_to_template",
        off=never_refusing,
        test="test_http_guards.py::test_every_script_of_a_page_carries_the_nonce_of_its_answer",
    ),
    *(
        Guard(
            name=f"header {name}",
            target="ui.guards.headers:headers_for",
            off=_without_header(name),
            test="test_http_guards.py::test_the_dashboards_headers",
        )
        for name in (
            *("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"),
            *("Cross-Origin-Opener-Policy", "Strict-Transport-Security", "Permissions-Policy"),
        )
    ),
    # --- 8: state changes
    Guard(
        name="forms of our own pages only",
        target="ui.door:is_own",
        off=returning(True),
        test="test_login_attacks.py::test_o34_foreign_sites_cannot_act",
    ),
    # --- 9: onboarding
    Guard(
        name="onboarding does not see the session",
        target="ui.guards.browsers:_with_cookies",
        off=_unfiltered,
        test="test_http_guards.py::test_onboarding_never_sees_the_dashboards_session",
    ),
    *MONEY,
    *SUBSCRIPTIONS,
    *SUPPORT,
    *OUTGOING,
    *FLOODS,
    *DATA,
    *API,
    *CREDENTIALS,
    *INTEGRATION,
    *USERS,
    *OPERATIONS,
    *AUDIT,
    *PROFILE,
)


def obey_environment() -> None:
    """Switch the guard off that the environment names."""
    wanted = os.environ.get(WITHOUT, "")
    for guard in GUARDS:
        if guard.name == wanted:
            guard.switch_off()
