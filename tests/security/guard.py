"""One guard: how it is switched off, and which test must miss it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One guard: `target` ("module:Class.attribute") is replaced by what `off` makes of it."""

    name: str
    target: str
    off: Callable[[Any], Any]
    test: str  # node id below tests/security
    also: tuple[str, ...] = ()  # more places that hold the same thing under their own name

    def switch_off(self) -> None:
        for target in (self.target, *self.also):
            module_name, _, path = target.partition(":")
            holder: Any = importlib.import_module(module_name)
            *parents, name = path.split(".")
            for parent in parents:
                holder = getattr(holder, parent)
            setattr(holder, name, self.off(getattr(holder, name)))


def returning(value: Any) -> Callable[[Any], Any]:
    """Replaces a function by one that always answers `value`."""
    return lambda _was: lambda *_args, **_kwargs: value


def value(new: Any) -> Callable[[Any], Any]:
    """Replaces a constant."""
    return lambda _was: new


def never_refusing(_was: Any) -> Any:
    """Replaces a check that raises."""
    return lambda *_args, **_kwargs: None
