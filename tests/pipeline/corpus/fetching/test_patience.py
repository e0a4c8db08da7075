import pytest

from pipeline.corpus.fetching.patience import Patience, asked_wait_s


def test_pauses_double_up_to_the_longest():
    pauses = []
    patience = Patience(first_pause_s=2.0, longest_pause_s=10.0, sleep=pauses.append)
    for vain in range(6):
        patience.pause(vain, None)
    assert pauses == [2.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_server_is_left_alone_for_as_long_as_it_asks():
    pauses = []
    Patience(sleep=pauses.append).pause(1, 0.0)
    Patience(sleep=pauses.append).pause(5, 100.0)
    assert pauses == [0.0, 100.0]


@pytest.mark.parametrize(
    ("asked", "date", "wait_s"),
    [
        ("0", None, 0.0),
        ("120", None, 120.0),
        ("Sat, 01 Feb 2025 10:02:00 GMT", "Sat, 01 Feb 2025 10:00:00 GMT", 120.0),
        ("Sat, 01 Feb 2025 09:00:00 GMT", "Sat, 01 Feb 2025 10:00:00 GMT", 0.0),
        ("Sat, 01 Feb 2025 10:02:00 GMT", None, None),
        ("Sat, 01 Feb 2025 10:02:00 GMT", "now", None),
        ("Sat, 01 Feb 2025 10:02:00 GMT", "Sat, 01 Feb 2025 10:00:00 -0000", None),
        ("", None, None),
        ("soon", "Sat, 01 Feb 2025 10:00:00 GMT", None),
        ("-5", None, None),
        ("²", None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_on_the_servers_clock(asked, date, wait_s):
    headers = {"Retry-After": asked} | ({} if date is None else {"Date": date})
    assert asked_wait_s(headers) == wait_s


def test_a_server_may_ask_for_nothing():
    assert asked_wait_s({}) is None
