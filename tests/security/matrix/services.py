"""Finds every verb of the hub's services by looking at them, and what each is called with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from core.access import Principal
from core.hub import Hub
from tests.security.matrix.verbs import ROOMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb of one service; `parameters` are those after who acts."""

    name: str
    act: Callable[..., Any]
    parameters: tuple[inspect.Parameter, ...]


def verbs_of(hub: Hub) -> dict[str, Verb]:
    """Every public method that takes `who` first, by the way that leads to it from the hub."""
    return {verb.name: verb for verb in _below(hub, "", set())}


def _below(holder: Any, path: str, seen: set[int]) -> Iterator[Verb]:
    seen.add(id(holder))
    for name in _public(holder):
        value = getattr(holder, name)
        if inspect.ismethod(value):
            if parameters := _parameters(value):
                yield Verb(name=path + name, act=value, parameters=parameters[1:])
        elif _is_service(value) and id(value) not in seen:
            yield from _below(value, f"{path}{name}.", seen)


def _public(holder: Any) -> list[str]:
    own = {*dir(type(holder)), *getattr(holder, "__dict__", ())}
    return sorted(name for name in own if not name.startswith("_") and name not in ROOMS)


def _is_service(value: Any) -> bool:
    kind = type(value)
    return kind.__module__.startswith("core.") and not issubclass(kind, str | Principal | BaseModel)


def _parameters(method: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    names = list(inspect.signature(method).parameters)
    if names[:1] != ["who"]:
        return ()
    return tuple(inspect.signature(method, eval_str=True).parameters.values())
