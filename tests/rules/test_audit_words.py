"""Every kind of event that is shown has a title and stands in one group."""

from __future__ import annotations

from core.audit.differences import Difference, differences, rest
from core.events import STAFF_ONLY, EventType
from ui.pages.audit_titles import GROUPS, TITLES
from ui.pages.event_words import EVENTS


def test_every_kind_has_a_title_and_one_group() -> None:
    shown = {each.value for each in EventType} - STAFF_ONLY
    assert shown - {str(each) for each in (*TITLES, *EVENTS)} == set()
    grouped = [each for group in GROUPS.values() for each in group.types]
    assert sorted(grouped) == sorted(each.value for each in EventType)


def test_before_and_after_are_read_however_they_were_told() -> None:
    change = {"change": {"role": {"previous": "owner", "current": "member"}}, "by": 1}
    assert differences(change) == (Difference(name="role", before="owner", after="member"),)
    assert rest(change) == {"by": 1}
    field = {"field": "url", "before": "", "after": "https://a"}
    assert differences(field) == (Difference(name="url", before="", after="https://a"),)
    pair = {"before_micros": 1, "micros": 2}
    assert differences(pair) == (Difference(name="micros", before=1, after=2),)
    assert rest(field) == rest(pair) == {}
    assert differences({"micros": 2}) == ()
