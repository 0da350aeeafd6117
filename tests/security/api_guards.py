"""The guards around what programs ask of Meta, and of what happened, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, value

API: tuple[Guard, ...] = (
    Guard(
        name="a flow belongs to its account",
        target="core.accounts.meta_assets:MetaAssets._require_own",
        off=never_refusing,
        test="test_api.py::test_a_flow_is_reached_through_its_own_account_only",
    ),
    Guard(
        name="numbers are shared with the partner's own solution",
        target="core.onboarding.shared_numbers:_require_own_solution",
        off=never_refusing,
        test="test_api.py::test_another_solution_brings_nobodys_number",
    ),
    Guard(
        name="Meta names the solution of a shared account",
        target="core.onboarding.shared_numbers:_require_named",
        off=never_refusing,
        test="test_api.py::test_an_account_that_meta_does_not_name_as_shared_is_not_taken",
    ),
    Guard(
        name="sharing needs an active solution",
        target="core.onboarding.shared_numbers:require_taking",
        also=("core.onboarding.shared_clients:require_taking",),
        off=never_refusing,
        test="test_api.py::test_without_an_active_solution_nothing_is_shared",
    ),
    Guard(
        name="what staff note is no audit event",
        target="core.audit.trail:STAFF_ONLY",
        off=value(frozenset()),
        test="test_api.py::test_what_staff_note_is_not_told_to_programs",
    ),
)
