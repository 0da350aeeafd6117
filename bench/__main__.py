"""`python -m bench [NAME ...] [--json]`: run, print one table, fail on ratios far over the goal."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import inspect
import json
import logging
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

import structlog

from bench.report import Line, machine, table
from bench.stage import Stage, stage

# Run by name only: of interest when a setting is chosen, not at every change.
BY_NAME = ("loops",)
NAMES = (
    "push",
    "page",
    "open_pages",
    "pauses",
    "intake",
    "listing",
    "metering",
    "sustained",
    "deliveries",
    "api",
    "balance",
    "invoices",
)


def main() -> int:
    arguments = _arguments()
    # What is measured in this process would otherwise write a line for every transaction.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    about = machine()
    lines, seconds = asyncio.run(_run(arguments.names or _present()))
    failed = [line for line in lines if line.fails]
    if arguments.json:
        told = {"machine": about, "seconds": seconds, "lines": [line.as_json() for line in lines]}
        print(json.dumps(told, indent=2))
    else:
        print(table(lines))
        print(
            f"\n{about['date']}, {about['cpus']} CPUs, load {about['load']:.1f} at start, "
            f"{sum(seconds.values()):.0f} s. CAPITALS: over the goal by more than twice."
        )
    return 1 if failed else 0


async def _run(names: Sequence[str]) -> tuple[list[Line], dict[str, float]]:
    lines: list[Line] = []
    seconds = {}
    async with stage() as shared:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            started = time.monotonic()
            try:
                lines += await _measured(name, shared)
            except Exception:  # the others shall still be seen; a figure that is missing fails
                traceback.print_exc()
                lines.append(Line(what=f"{name}: broke", ours=1, unit="", goal=0, counts=True))
            seconds[name] = round(time.monotonic() - started, 1)
    return lines, seconds


async def _measured(name: str, shared: Stage) -> list[Line]:
    run = importlib.import_module(f"bench.{name}").run
    if inspect.iscoroutinefunction(run):
        return list(await run(shared))
    return list(await asyncio.to_thread(run))  # needs neither hub nor browser


def _present() -> list[str]:
    return [name for name in NAMES if Path(__file__).with_name(f"{name}.py").exists()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join((*NAMES, *BY_NAME))}"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - {*_present(), *BY_NAME}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
