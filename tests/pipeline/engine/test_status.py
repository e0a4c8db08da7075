import fcntl

import pytest

from pipeline.engine.lifecycle import UNREACHABLE, serving, tell_scheduler
from pipeline.engine.status import engine_status


def test_without_a_process_the_engine_is_idle_whatever_it_said_last(tmp_path):
    tell_scheduler(tmp_path, f"{UNREACHABLE} (refused)")
    status = engine_status(tmp_path)
    assert (status.state, status.pid, status.scheduler) == ("idle", None, "")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("", "starting"),
        ("tcp://h:1", "running"),
        (f"{UNREACHABLE} (refused); it is", "unreachable"),
    ],
)
def test_a_process_is_as_it_says_of_its_scheduler(tmp_path, said, state):
    with serving(tmp_path):
        tell_scheduler(tmp_path, said)
        status = engine_status(tmp_path)
    assert (status.state, status.scheduler) == (state, said)
    assert status.pid > 0


def test_a_process_that_starts_does_not_say_what_an_earlier_one_said(tmp_path):
    tell_scheduler(tmp_path, "tcp://h:1")
    with (tmp_path / "engine.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status = engine_status(tmp_path)
    assert (status.state, status.pid, status.scheduler) == ("starting", 0, "")
