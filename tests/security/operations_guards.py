"""The guards of what operators' machines read, and of copies, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, returning

OPERATIONS: tuple[Guard, ...] = (
    Guard(
        name="metrics are for near machines",
        target="ui.api.health:is_near",
        off=returning(True),
        test="test_operations.py::test_the_figures_are_not_there_for_strangers",
    ),
    Guard(
        name="a proxy is nobody near by",
        target="ui.guards.requests:was_forwarded",
        off=returning(False),
        test="test_operations.py::test_what_came_through_a_proxy_on_this_machine_is_a_stranger",
    ),
    Guard(
        name="a copy calls nobody",
        target="core.operations.way_out:WayOut.require_open",
        off=never_refusing,
        test="test_operations.py::test_every_way_out_is_shut_while_the_copy_is_held",
    ),
    Guard(
        name="a copy does no work",
        target="core.operations.holding:Holding.state",
        off=returning(None),
        test="test_operations.py::test_no_work_begins_while_the_copy_is_held",
    ),
    Guard(
        name="request ids from the proxy only",
        target="ui.guards.requests:Requests._is_believed",
        off=returning(True),
        test="test_requests.py::test_a_stranger_does_not_choose_the_id",
    ),
    Guard(
        name="one series for all unknown addresses",
        target="ui.guards.requests:template_of",
        off=lambda _was: lambda scope: scope["path"],
        test="test_requests.py::test_unknown_addresses_are_one_route",
    ),
)
