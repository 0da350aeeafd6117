"""Calendar months and days of the billing zone; pure. A period is a month, or the rest of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """The month that begins on `first`."""

    first: date

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.replace(day=1))

    @property
    def next(self) -> Month:
        return Month.of(self.first + timedelta(days=32))

    @property
    def last(self) -> date:
        """Included."""
        return self.next.first - DAY

    @property
    def days(self) -> int:
        return (self.next.first - self.first).days

    @property
    def name(self) -> str:
        """Such as 2026-06."""
        return f"{self.first:%Y-%m}"

    def left_from(self, day: date) -> int:
        """Days of the month from this one on, itself included."""
        return (self.next.first - day).days


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Which day it is in the zone."""
    return moment.astimezone(zone).date()


def start_of(day: date, zone: tzinfo) -> datetime:
    """The day's first moment in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def span_in_words(first: date, last: date) -> str:
    """Such as 16 June 2026 to 30 June 2026, as it stands on invoices."""
    return f"{_in_words(first)} to {_in_words(last)}"


def _in_words(day: date) -> str:
    # Not strftime: its names of months are the machine's language.
    return f"{day.day} {_NAMES[day.month - 1]} {day.year}"


_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
