"""The operator's word on the audit: is the chain of events whole?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from core.audit.verifying import Broken, Fault, Verdict, Verifying
from ui.operator import Opened

_SAID = {
    Fault.CHANGED_EVENT: "event {event_id} was changed after it was sealed (link {seq})",
    Fault.DELETED_EVENT: "event {event_id} is gone, but was sealed (link {seq})",
    Fault.CHANGED_ORIGIN: "where event {event_id} came from was changed or removed (link {seq})",
    Fault.UNSEALED_EVENT: "event {event_id} should have been sealed long ago: it was put in behind"
    " the hub's back, or no worker has run",
    Fault.CHANGED_LINK: "link {seq} was changed",
    Fault.REMOVED_LINK: "link {seq} is gone",
    Fault.CUT_OFF: "the record ends before the newest membership, which is always told in it: its"
    " end was cut off, or it was emptied",
    Fault.LOST_HEAD: "the head that you noted is not in the chain: its end was cut off, or all of"
    " it was written anew",
}


class AuditCommands:
    """`audit verify`; exit code 1 when the chain does not hold."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Opened]]) -> None:
        self._opened = opened

    def add_to(self, commands: typer.Typer) -> None:
        group = typer.Typer(no_args_is_help=True, help="The chain that events are sealed into.")
        group.callback()(_only_a_group)
        group.command()(self.verify)
        commands.add_typer(group, name="audit")

    def verify(
        self,
        head: Annotated[str, typer.Option(help="A head noted earlier: is it still there?")] = "",
    ) -> None:
        """Work the chain out again; tell its head, to be noted where the hub cannot write."""
        with self._opened() as opened:
            verifying = Verifying(opened.database, opened.hub.clock)
            verdict = verifying.verify(head.strip().lower())
        typer.echo(_sum(verdict))
        if verdict.broken is not None:
            sys.exit(f"BROKEN: {_place(verdict.broken)}.")
        typer.echo("The chain holds." + (" The head that you noted is in it." if head else ""))


def _only_a_group() -> None:
    """Without it a single command would stand in the group's place."""


def _sum(verdict: Verdict) -> str:
    if verdict.sealed_at is None:
        return f"No event is sealed yet; {verdict.waiting} wait."
    at = verdict.sealed_at.isoformat(timespec="seconds")
    return (
        f"{verdict.links} events sealed up to {at}; {verdict.waiting} wait.\nHead: {verdict.head}"
    )


def _place(broken: Broken) -> str:
    return _SAID[broken.fault].format(seq=broken.seq, event_id=broken.event_id)
