"""Ids, times, logs: the small nouns that everything else stands on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import structlog
from sqlalchemy.dialects import postgresql, sqlite

from core import logs
from core.clock import FixedClock, OffsetClock
from core.columns import UtcDateTime, new_id, new_key

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_ids_are_short_and_begin_with_a_letter() -> None:
    ids = {new_id("CH") for _ in range(5_000)}
    assert len(ids) == 5_000
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{5}CH", each) for each in ids)


def test_keys_are_not_to_be_guessed() -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{22}", new_key())


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_a_naive_time_is_refused_at_the_column(dialect: object) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(naive, dialect)  # type: ignore[arg-type]


def test_times_come_back_as_utc() -> None:
    column, dialect = UtcDateTime(), sqlite.dialect()
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    stored = column.process_bind_param(berlin, dialect)
    assert stored is not None
    assert stored.tzinfo is None
    assert column.process_result_value(stored, dialect) == NOON


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(NOON)
    clock.advance(timedelta(days=-1))
    assert clock.now() == NOON - timedelta(days=1)


def test_an_offset_clock_follows_its_offset() -> None:
    clock = OffsetClock()
    clock.offset = timedelta(days=40)
    assert clock.now() - datetime.now(UTC) > timedelta(days=39)


def test_nobody_writes_log_lines_of_his_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=True)
    try:
        structlog.get_logger().info("mail", to="a@b.example\r\nlevel=critical\x1b[2J")
    finally:
        structlog.reset_defaults()
    (line,) = capsys.readouterr().err.splitlines()
    assert "\x1b" not in line
    assert r"\\r\\nlevel=critical" in line


def test_a_traceback_in_the_log_shows_no_locals(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(as_json=False)
    try:
        _fail_with("-".join(["EAA", "secret"]))
    except ZeroDivisionError:
        structlog.get_logger().exception("failed")
    finally:
        structlog.reset_defaults()
    text = capsys.readouterr().err
    assert "ZeroDivisionError" in text
    assert "EAA-secret" not in text


def _fail_with(token: str) -> float:
    return len(token) / 0
