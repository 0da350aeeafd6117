"""What the operator does at a person's own wish: tell everything, forget everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from core.errors import Conflict, HubError, NotFound
from core.personal.service import Erased, Personal
from ui.operator import Opened, tried

_ASKED = "An e-mail address, or the id of a person or client."
_STILL_READ = (
    "The database's journal (the -wal file) may hold old bytes until readers are done: restart"
    " the hub."
)


class PersonCommands:
    """`person export` and `person erase`; one sentence ends the process if it cannot be done."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Opened]]) -> None:
        self._opened = opened

    def add_to(self, commands: typer.Typer) -> None:
        group = typer.Typer(no_args_is_help=True, help="What is held about one person.")
        group.command()(self.export)
        group.command()(self.erase)
        commands.add_typer(group, name="person")

    def export(self, who: Annotated[str, typer.Argument(help=_ASKED)]) -> None:
        """Everything held about somebody, as one JSON object by table; no secrets."""
        with self._opened() as opened:
            personal = Personal(opened.database, opened.hub.clock)
            told = tried(lambda: personal.export(who), _said)
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))

    def erase(
        self,
        who: Annotated[str, typer.Argument(help=_ASKED)],
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> None:
        """Forget somebody for good; what the law wants kept is kept, and listed."""
        if not yes:
            typer.confirm(f"Erase everything about {who}? It cannot be undone.", abort=True)
        with self._opened() as opened:
            personal = Personal(opened.database, opened.hub.clock)
            erased = tried(lambda: personal.erase(who), _said)
            is_emptied = opened.database.empty_journal()
        typer.echo("\n".join(_report(erased)))
        if not is_emptied:
            typer.echo(_STILL_READ)


def _said(error: OSError | HubError) -> str:
    if isinstance(error, NotFound):
        return "Nobody is known by that."
    if isinstance(error, Conflict) and error.code == "last_owner":
        return "They are the last owner of a partner: let it have another one first."
    return str(error)


def _report(erased: Erased) -> list[str]:
    lines = [
        f"Erased. Where the name stood, there is now {erased.pseudonym!r}.",
        f"Rewritten: {_counts(erased.rewritten)}.",
        f"Removed: {_counts(erased.removed)}.",
        f"Kept because the law wants the books kept: {_counts(erased.kept)}.",
    ]
    if erased.files:
        lines.append(f"Look yourself: {erased.files} files that they sent to support are kept.")
    return [
        *lines,
        "Not in here: your OpenID provider, your payment provider, mails that were sent, backups.",
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} × {table}" for table, number in sorted(counts.items())) or "nothing"
