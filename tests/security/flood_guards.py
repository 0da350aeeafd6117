"""The guards against too much of anything, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, returning, value

FLOODS: tuple[Guard, ...] = (
    Guard(
        name="pages of one address",
        target="ui.guards.floods:is_page",
        off=returning(False),
        test="test_floods.py::test_one_address_opens_only_so_many_pages",
    ),
    Guard(
        name="requests and sockets of one address",
        target="ui.guards.floods:Floods._has_room",
        off=returning(True),
        test="test_floods.py::test_one_address_has_only_so_many_requests_and_sockets_open",
    ),
    Guard(
        name="frames and bytes a second",
        target="ui.guards.transports:LimitedSocket._is_too_much",
        off=returning(False),
        test="test_floods.py::test_what_is_no_message_counts_as_well",
    ),
    Guard(
        name="largest frame",
        target="nicegui.core:sio.eio.max_http_buffer_size",
        off=value(1 << 40),
        test="test_floods.py::test_a_frame_that_is_too_large_ends_its_socket",
    ),
    Guard(
        name="largest head of a request",
        target="ui.http_limits:MOST_BYTES",
        off=value(1 << 40),
        test="test_floods.py::test_floods_of_headers_and_bodies_leave_memory_where_it_is",
    ),
    Guard(
        name="patience with a head",
        target="ui.http_limits:LimitedHttp._wait_for_head",
        off=never_refusing,
        test="test_floods.py::test_a_head_that_does_not_come_is_not_waited_for",
    ),
)
