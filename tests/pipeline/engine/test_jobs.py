import pytest

from pipeline.engine.jobs import Job, job_digest


def test_time_left_follows_from_the_rate_since_the_start():
    job = Job("view", {}, "running", started_at_s=100.0, total=50, settled_at_start=10)
    assert job.rate(105.0, settled=20) == pytest.approx(2.0)
    assert job.seconds_left(105.0, settled=20) == pytest.approx(15.0)
    assert job.rate(105.0, settled=10) is None
    assert job.seconds_left(105.0, settled=10) is None
    assert Job("view", {}).seconds_left(1.0) is None


def test_before_the_engine_has_counted_nothing_is_said():
    job = Job("view", {}, "running", started_at_s=100.0)
    assert job.rate(105.0, settled=20) is None
    assert job.seconds_left(105.0, settled=20) is None


def test_failed_utterances_count_as_settled():
    job = Job("view", {}, "running", started_at_s=100.0, total=50, done=30, failed=10)
    assert job.settled == 40
    assert job.rate(110.0) == pytest.approx(4.0)
    assert job.seconds_left(110.0) == pytest.approx(2.5)


def test_the_rate_of_a_job_that_has_ended_stays_what_it_was():
    job = Job("view", {}, "done", started_at_s=100.0, finished_at_s=110.0, total=20, done=20)
    assert job.rate(500.0) == job.rate(110.0) == pytest.approx(2.0)


def test_how_long_a_job_ran_is_told_once_it_has_started():
    assert Job("view", {}).duration_s(5.0) is None
    assert Job("view", {}, "running", started_at_s=2.0).duration_s(5.0) == 3.0
    assert Job("view", {}, "done", started_at_s=2.0, finished_at_s=4.0).duration_s(5.0) == 2.0


@pytest.mark.parametrize(
    ("state", "failed", "expected"),
    [
        ("queued", 0, False),
        ("running", 1, False),
        ("done", 0, False),
        ("done", 1, True),
        ("failed", 0, True),
        ("cancelled", 0, True),
    ],
)
def test_what_ended_without_all_that_was_asked_for_can_be_retried(state, failed, expected):
    assert Job("view", {}, state, failed=failed).can_be_retried is expected


def test_the_kind_of_a_job_is_part_of_what_it_is():
    assert job_digest("view", {}) != job_digest("comparison", {})
    assert job_digest("view", {"a": 1, "b": 2}) == job_digest("view", {"b": 2, "a": 1})
    assert Job("view", {}).digest == job_digest("view", {})
    assert job_digest("view", {}).startswith(Job("view", {}).id)
