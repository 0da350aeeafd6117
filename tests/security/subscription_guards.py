"""The guards around plans and licences, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, returning

SUBSCRIPTIONS: tuple[Guard, ...] = (
    Guard(
        name="the quote of an upgrade is sealed",
        target="core.subscriptions.upgrading:is_sealed",
        off=returning(True),
        test="test_subscriptions.py::test_a_quote_that_was_changed_in_the_page_upgrades_nothing",
    ),
    Guard(
        name="the quote of an upgrade goes stale",
        target="core.subscriptions.upgrading:Upgrading._require_fresh",
        off=never_refusing,
        test="test_subscriptions.py::test_an_old_quote_upgrades_nothing",
    ),
    Guard(
        name="licences are those of the plan",
        target="core.subscriptions.tiers:_require_in_plan",
        off=never_refusing,
        test="test_subscriptions.py::test_a_licence_that_the_plan_does_not_have_is_not_to_be_had",
    ),
    Guard(
        name="numbers end with the plan",
        target="core.subscriptions.ending:end_now",
        off=returning(False),
        test="test_subscriptions.py::test_after_the_end_no_number_works_and_no_client_comes",
    ),
)
