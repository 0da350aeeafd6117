"""The guards around the integration's settings, for the register."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import Any

from core.access import Permission
from core.partners.entities import Role
from tests.security.guard import Guard, returning, value

_EVERYBODY = {role: frozenset(Permission) for role in Role}


def _for_ever(was: Any) -> Any:
    """Takes the secret before as if no time had passed."""
    return lambda partner, vault, _now: was(partner, vault, datetime(2000, 1, 1, tzinfo=UTC))


def _whatever_the_client_says(_was: Any) -> Any:
    return importlib.import_module("core.integration.outbound.forwarding")._OF_NUMBERS


INTEGRATION: tuple[Guard, ...] = (
    Guard(
        name="redirect URLs lead to partners' public pages",
        target="core.integration.settings.rules:registration_fault",
        off=returning(None),
        test="test_integration.py::test_clients_are_sent_to_no_address_that_is_not_the_partners",
    ),
    Guard(
        name="extra origins are origins",
        target="core.integration.settings.rules:RedirectRules.origin_fault",
        off=returning(""),
        test="test_integration.py::test_an_extra_origin_is_no_page_and_no_foreign_scheme",
    ),
    Guard(
        name="integration is for owners",
        target="core.access:_ALLOWED",
        off=value(_EVERYBODY),
        test="test_integration.py::test_a_member_neither_sees_nor_changes_the_platform_secret",
    ),
    Guard(
        name="the platform secret before ends with its overlap",
        target="core.partners.platform_secret:current_secrets",
        off=_for_ever,
        test="test_integration.py::test_an_old_platform_secret_is_good_for_its_overlap_only",
    ),
    Guard(
        name="the test of a redirect URL dials public addresses only",
        target="core.gateways.guarded_network:is_public",
        off=returning(True),
        test="test_integration.py::test_the_test_of_a_redirect_url_reaches_nothing_inside",
    ),
    Guard(
        name="what customers write needs their business's permission",
        target="core.integration.outbound.forwarding:_WANTED",
        off=_whatever_the_client_says,
        test="test_integration.py::test_what_customers_write_is_the_partners_with_permission_only",
    ),
)
