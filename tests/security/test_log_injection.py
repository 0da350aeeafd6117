"""Whatever outsiders send makes no line of its own in the log and hides nothing in it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

EVIL = "x\r\n2026-11-29T12:00:00Z [info] forged\x1b[2K\x1b[1A\u202egnp.exe\u2028\x00\x07\x9b"
_PROGRAM = """
import json, logging, os, sys
import structlog
from core.logs import set_up

if "TEST_WITHOUT_GUARD" in os.environ:
    from tests.security.register import obey_environment
    obey_environment()

evil, as_json = json.loads(sys.argv[1]), sys.argv[2] == "json"
set_up(as_json=as_json)
log = structlog.get_logger()
log.info("told", agent=evil, nested={"name": evil, evil: [evil]}, body=evil.encode())
log.info(evil)
logging.getLogger("library").warning("path %s", evil)
for tell in (log.exception, logging.getLogger("library").exception):
    try:
        raise ValueError(evil)
    except ValueError:
        tell("failed")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_nothing_that_is_logged_breaks_out_of_its_line(form: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(EVIL), form]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stderr.decode()
    assert "forged" in told
    assert [char for char in told if char != "\n" and not char.isprintable()] == []
    lines = told.split("\n")
    if form == "json":
        assert len([json.loads(line) for line in lines if line]) == 5
        return
    own = [line for line in lines if line and not line.startswith("  | ")]
    assert len(own) == 5
