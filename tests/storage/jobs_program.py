"""A worker process for the tests: counts what it does in a file, is killed and started again.

`python jobs_program.py URL LOG [SLOTS]`: works until it is killed; each step appends a line.
"""

import os
import sys
import threading
from datetime import timedelta
from pathlib import Path

from core.ports import Steps
from storage.jobs import DbosJobs

HANG = threading.Event()


def note(line: str) -> str:
    """One more line in the log, whole, even when several processes write."""
    with Path(sys.argv[2]).open("a") as log:
        log.write(f"{line} {os.getpid()}\n")
    return line


def hang_once(key: str) -> str:
    """The first time it never returns; afterwards it does."""
    flag = Path(f"{sys.argv[2]}.{key}.hung")
    if not flag.exists():
        flag.touch()
        note(f"hang {key}")
        HANG.wait()
    return note(f"second {key}")


def two_steps(steps: Steps, key: str) -> None:
    steps.run("first", note, f"first {key}")
    steps.run("second", hang_once, key)
    steps.run("third", note, f"third {key}")


def napping(steps: Steps, key: str) -> None:
    steps.run("before", note, f"before {key}")
    _durable_wait(steps, 60)
    steps.run("after", note, f"after {key}")


def _durable_wait(steps: Steps, seconds: float) -> None:
    wait = steps.sleep  # of the workflow, not of the test
    wait(seconds)


def build(url: str, slots: int) -> DbosJobs:
    jobs = DbosJobs(url, slots=slots)
    jobs.register("two_steps", two_steps)
    jobs.register("napping", napping)
    jobs.schedule("tick", timedelta(seconds=0.1), lambda: note("tick"))
    return jobs


if __name__ == "__main__":
    build(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 1).start()
    note("started")
    threading.Event().wait()
