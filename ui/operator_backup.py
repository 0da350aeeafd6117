"""Backup, restore, release of a copy, new keys: what an operator does at a prompt."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from core.operations.resealing import reseal
from ui.operator import Opened, tried

_KEYS = "Keep HUB_VAULT_KEYS and the other settings apart from it: they are not inside."


class Told(Protocol):
    """What a backup says about itself."""

    @property
    def created_at(self) -> str: ...

    @property
    def schema(self) -> str: ...

    @property
    def members(self) -> dict[str, Any]: ...


class BackupCommands:
    """`back_up` and `restore` know where this hub keeps what it has."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Opened]],
        back_up: Callable[[Path], Told],
        restore: Callable[[Path, bool], Told],
    ) -> None:
        self._opened = opened
        self._back_up = back_up
        self._restore = restore

    def add_to(self, commands: typer.Typer) -> None:
        for command in (self.backup, self.restore, self.release, self.rotate_keys):
            commands.command()(command)

    def backup(
        self, file: Annotated[Path, typer.Argument(help="A new file; nothing is replaced.")]
    ) -> None:
        """Write database and files into one file, as they are at this moment; the hub may run."""
        told = tried(lambda: self._back_up(file))
        typer.echo(f"{file}: {len(told.members)} members, schema {told.schema}.\n{_KEYS}")

    def restore(
        self,
        file: Annotated[Path, typer.Argument(help="Written by `backup`.")],
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace a database that holds partners.")
        ] = False,
    ) -> None:
        """Put a backup in place; the copy is held: it sends nothing until `release`."""
        told = tried(lambda: self._restore(file, overwrite))
        typer.echo(
            f"Restored what was backed up at {told.created_at}.\n"
            "It is held: no mails, webhooks, payments or calls to Meta, and no jobs. Start it and\n"
            "look around; `python main.py release` lets what is due go, once the hub that the\n"
            "backup was made of is gone for good."
        )

    def release(self) -> None:
        """Let a restored copy act: what is due is sent now, by workers that run within a second."""
        with self._opened() as opened:
            released = tried(opened.operations.holding.release)
        if released is None:
            typer.echo("Nothing is held.")
        else:
            typer.echo(f"Released: {released.reason}. Jobs, webhooks and mails go out from now on.")

    def rotate_keys(self) -> None:
        """Seal all secrets anew with the first key of HUB_VAULT_KEYS; the hub may run."""
        with self._opened() as opened:
            told = tried(partial(reseal, opened.database, opened.vault))
        typer.echo(f"{told.done} secrets are sealed by the first key now.")
        if told.lost:
            sys.exit(f"{told.lost} could not be read with any key of HUB_VAULT_KEYS.")
