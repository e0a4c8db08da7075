import doctest
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.parts import quantities


def test_examples_give_what_they_show():
    done = doctest.testmod(quantities)
    assert (done.attempted, done.failed) == (2, 0)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Berlin", "2026-07-01 14:00:00"), (None, "2026-07-01 12:00:00")],
)
def test_times_are_those_where_the_visitor_is(monkeypatch, zone, expected):
    monkeypatch.setattr(quantities.st, "context", type("Context", (), {"timezone": zone}))
    assert quantities.clock(1_782_907_200.0) == expected
    at = quantities.moment(1_782_907_200.0)
    assert at.utcoffset() == (at.astimezone(ZoneInfo(zone)).utcoffset() if zone else timedelta(0))


def test_what_never_was_has_no_time():
    assert (quantities.moment(0.0), quantities.clock(0.0)) == (None, "")
