"""The guards around calls to partners' addresses, for the register."""

from __future__ import annotations

from tests.security.guard import Guard, never_refusing, returning, value

OUTGOING: tuple[Guard, ...] = (
    Guard(
        name="only public addresses are dialled",
        target="core.gateways.guarded_network:is_public",
        off=returning(True),
        test="test_outgoing.py::test_a_name_is_not_dialled_unless_all_its_addresses_are_public",
    ),
    Guard(
        name="only public names are called",
        target="core.target_urls:_check_name",
        off=never_refusing,
        test="test_outgoing.py::test_what_may_not_be_called_is_not_even_saved",
    ),
    Guard(
        name="this machine is for the sandbox",
        target="core.settings:Settings.local_names",
        off=value(frozenset({"localhost"})),
        test="test_outgoing.py::test_production_calls_this_machine_by_no_name",
    ),
    Guard(
        name="most bytes of an answer",
        target="core.gateways.outgoing:MOST_BYTES",
        off=value(1 << 20),
        test="test_outgoing.py::test_an_endless_body_is_read_for_64_kib",
    ),
    Guard(
        name="total time of a call",
        target="core.gateways.outgoing:GuardedOutgoing.total",
        off=value(3.0),
        test="test_outgoing.py::test_a_slow_answer_ends_at_the_total_time_whatever_trickles",
    ),
    Guard(
        name="headers that are ours",
        target="core.integration.outbound.headers:_OURS",
        off=value(frozenset()),
        test="test_webhooks_out.py::test_a_partners_headers_replace_none_of_ours_and_move_no_request",
    ),
    Guard(
        name="values of partners' headers stay hidden",
        target="core.integration.outbound.posting:Envelope.shown",
        off=returning({"X-Token": "t0ken"}),
        test="test_webhooks_out.py::test_the_log_keeps_no_secret_and_little_of_the_answer",
    ),
    Guard(
        name="most of an answer that is kept",
        target="core.integration.outbound.posting:_EXCERPT",
        off=value(1 << 20),
        test="test_webhooks_out.py::test_the_log_keeps_no_secret_and_little_of_the_answer",
    ),
)
