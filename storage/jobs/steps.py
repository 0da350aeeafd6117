"""One step of a durable workflow: how it is tried, what is stored of it, how it comes back.

DBOS stores a failed step as a generic error, so a replay would raise something else than the first
run did. Here the hub's own errors travel as values and are raised again as what they were.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from core import errors
from core.errors import HubError, Unavailable

# Pauses between tries while something is unavailable, in *seconds*: half a minute bridges a
# restart of a database or of a gateway. What lasts longer is the workflow's to decide.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


class Stopping(BaseException):
    """The process ends: the workflow is left where it stands, for the next process.

    Not an Exception, so that neither a workflow nor DBOS takes it for a failure and stores it.
    """


def attempt(
    step: Callable[..., Any], args: Sequence[Any], stopping: Event, pauses: Sequence[float]
) -> dict[str, Any]:
    """The step's result or its refusal, as JSON; tried again while something is unavailable."""
    for pause in pauses:
        try:
            return _value(step(*args))
        except Unavailable:
            if stopping.wait(pause):
                raise Stopping from None
        except HubError as error:
            return _refusal(error)
    try:
        return _value(step(*args))
    except HubError as error:
        return _refusal(error)


def outcome(stored: dict[str, Any]) -> Any:
    """What `attempt` stored: the result, or the refusal raised as its own class."""
    if "value" in stored:
        return stored["value"]
    kind = getattr(errors, stored["error"])
    error = kind.__new__(kind)
    Exception.__init__(error, *stored["args"])
    error.__dict__.update(stored["state"])
    raise error


def plain(value: Any) -> Any:
    """The value as it looks after a restart; raises TypeError for what is not JSON."""
    return json.loads(json.dumps(value))


def _value(result: Any) -> dict[str, Any]:
    return {"value": plain(result)}


def _refusal(error: HubError) -> dict[str, Any]:
    # The nearest class of the tree: a slice's own subclass comes back as its base with its code.
    kind = next(cls for cls in type(error).__mro__ if getattr(errors, cls.__name__, None) is cls)
    state = json.loads(json.dumps(error.__dict__, default=str))
    return {"error": kind.__name__, "args": [str(error)], "state": state}
