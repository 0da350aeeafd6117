"""Structured logs: an event name and key-values, one line each; never a secret, never a local.

Control characters of what outsiders send are escaped, so that nobody writes lines of his own or
hides what stands there.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

Fields = MutableMapping[str, Any]


def set_up(*, as_json: bool, level: int = logging.INFO) -> None:
    """Configure the process's logs; JSON for machines, aligned text for people."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default prints the locals of every frame: tokens and codes would be among them.
            exception_formatter=_traceback,
        )
    )
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
    ]
    if as_json:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # What libraries tell comes in the same form, with the same ids.
    theirs = logging.StreamHandler(sys.stderr)
    theirs.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=processors,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[theirs])


def _traceback(out: TextIO, error: Any) -> None:
    """As Python prints it, without locals; what the error says makes no line of its own.

    Behind the bar no line can be taken for one of the log, whatever an outsider put into it.
    """
    told = io.StringIO()
    structlog.dev.plain_traceback(told, error)
    lines = told.getvalue().replace("\r", "\\r").split("\n")
    out.write("\n" + "\n".join(f"  | {_escaped(line)}" for line in lines if line))


def _escaped(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _one_line(_: Any, __: str, fields: Fields) -> Fields:
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = _escaped(value)
    return fields
