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
)
