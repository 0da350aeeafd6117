"""The guards around how programs get in, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, returning

CREDENTIALS: tuple[Guard, ...] = (
    Guard(
        name="a program's key is read at every act",
        target="core.access:refusal_of",
        off=returning(None),
        test="test_credentials.py::test_a_key_that_was_revoked_a_moment_ago_is_refused",
    ),
    Guard(
        name="scopes of a program",
        target="core.programs:_allow",
        off=returning(True),
        test="test_credentials.py::test_a_program_does_what_its_scopes_say",
    ),
    Guard(
        name="a path belongs to its partner",
        target="ui.api.partner.call:require_own_path",
        also=("ui.api.partner.once:require_own_path",),
        off=never_refusing,
        test="test_credentials.py::test_another_partners_path_is_not_there",
    ),
    Guard(
        name="passwords of system users",
        target="core.integration.credentials.secret_forms:is_password",
        off=returning(True),
        test="test_credentials.py::test_a_wrong_password_brings_no_token",
    ),
    Guard(
        name="disabled users and switched-off logins",
        target="core.integration.credentials.door:ApiDoor._require_allowed",
        off=never_refusing,
        test="test_credentials.py::test_a_switched_off_login_gives_no_token",
    ),
    Guard(
        name="wrong token logins are few",
        target="ui.api.partner.rates:Rates.require_few_wrong",
        off=never_refusing,
        test="test_credentials.py::test_passwords_are_not_tried_without_end",
    ),
    Guard(
        name="calls of a partner's programs",
        target="ui.api.partner.rates:Rates.count_call",
        off=never_refusing,
        test="test_credentials.py::test_calls_have_an_end",
    ),
    Guard(
        name="a kept answer is for a key that is good",
        target="core.integration.api.writes:Writes._require_known",
        off=never_refusing,
        test="test_credentials.py::test_a_revoked_key_is_told_no_kept_answer",
    ),
    Guard(
        name="no key for a number before permission",
        target="core.integration.api.channel_keys:require_granted",
        off=never_refusing,
        test="test_credentials.py::test_a_number_without_permission_has_no_key",
    ),
    Guard(
        name="a number is cancelled through its own client",
        target="core.integration.api.channels:Channels._require_of",
        off=never_refusing,
        test="test_credentials.py::test_a_number_is_not_cancelled_through_another_client",
    ),
)
