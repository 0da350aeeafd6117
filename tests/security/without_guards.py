"""Runs each guard's test with the guard switched off and prints what came of it as JSON.

A program of its own: everything heavy is imported once, each guard gets a fork of that. Nothing
but imports has happened before the fork, so there is no thread or loop to lose.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
import tempfile
from importlib.metadata import entry_points
from multiprocessing import get_context
from pathlib import Path

import nicegui.testing.general  # noqa: F401
import pytest

import sandbox.app  # noqa: F401
import ui.login  # noqa: F401
from storage.migrate import migrate
from tests.conftest import MIGRATED
from tests.security.guard_page import table
from tests.security.register import GUARDS, WITHOUT, Guard

HERE = Path(__file__).parent
AT_ONCE = 2  # of all; a share has neighbours that take the other core
CRASHED = 70
# What a guard in there does is in the file of a database.
_IN_FILE = "storage.migrations."
# A test that neither passes nor ends without its guard is stopped then, and counts as no failure.
LONGEST_SECONDS = 90


def main() -> None:
    """Prints `{guard: [pytest's code, end of its output]}`; with `--table` for people to read."""
    wanted = [each for each in sys.argv[1:] if each != "--table"]
    waiting, running, outcomes = (
        [g for g in GUARDS if not wanted or g.name in wanted],
        dict[int, tuple[Guard, Path]](),
        dict[str, tuple[int, str]](),
    )
    with tempfile.TemporaryDirectory() as folder:
        migrated = _prepared(Path(folder))
        while waiting or running:
            while waiting and len(running) < (1 if wanted else AT_ONCE):
                guard = waiting.pop()
                output = Path(folder) / f"{len(waiting)}.txt"
                running[_started(guard, output, migrated)] = guard, output
            pid, status = os.wait()
            guard, output = running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            outcomes[guard.name] = code, output.read_text(errors="replace")
    if "--table" in sys.argv:
        sys.stdout.write(table(outcomes))
        return
    ends = {name: (code, told[-2000:]) for name, (code, told) in outcomes.items()}
    sys.stdout.write(json.dumps(ends))


def _prepared(folder: Path) -> Path:
    """What every run would do for itself: pytest's plugins are loaded, a database is migrated."""
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    gc.collect()
    gc.freeze()
    path = folder / "hub.sqlite3"
    # In a process of its own: whoever migrates has threads.
    migrating = get_context("fork").Process(target=migrate, args=(f"sqlite:///{path}",))
    migrating.start()
    migrating.join()
    if migrating.exitcode:
        raise RuntimeError("the database of the runs was not migrated")
    return path


def _started(guard: Guard, output: Path, migrated: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = CRASHED
    try:
        file = os.open(output, os.O_WRONLY | os.O_CREAT, 0o600)
        for stream in (1, 2):
            os.dup2(file, stream)
        os.environ[WITHOUT] = guard.name
        if not guard.target.startswith(_IN_FILE):
            os.environ[MIGRATED] = str(migrated)
        # Tells where it hangs and ends the process with 1, which is pytest's code for a failure.
        faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
        arguments = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
        arguments += ["--timeout=20", "--assert=plain"]
        code = int(pytest.main([*arguments, str(HERE / guard.test)]))
    finally:
        # Whatever happened: what the parent will clean up is not the child's to clean.
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
