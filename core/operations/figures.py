"""Figures that are read when somebody asks, and what the database can tell an operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value of one series; figures of a name have the same labels, in the same order."""

    name: str
    about: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    only_grows: bool = False


class Backlog(Protocol):
    """What waits in the database and how the connections to it are doing."""

    def figures(self, now: datetime) -> Iterable[Figure]:
        """Raises Unavailable when the database does not answer."""
        ...

    def connections(self) -> Iterable[Figure]:
        """Without asking the database."""
        ...

    def revisions(self) -> tuple[str, str]:
        """The schema's revision in the database, and the one this version needs."""
        ...
