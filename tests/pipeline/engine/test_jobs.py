from dataclasses import replace

import pytest

from pipeline.engine.jobs import Job, active_jobs, find_job, finish, save, submit


def test_the_same_work_is_one_job_until_it_ends(store):
    first = submit(store, "comparison", {"of": ["a", "b"]})
    again = submit(store, "comparison", {"of": ["a", "b"]})
    other = submit(store, "comparison", {"of": ["a", "c"]})
    assert again == first
    assert [job.task for job in active_jobs(store)] == [first.task, other.task]
    finish(store, first, None)
    assert find_job(store, first.key).state == "done"
    assert [job.task for job in active_jobs(store)] == [other.task]
    assert submit(store, "comparison", {"of": ["a", "b"]}).state == "queued"


def test_a_running_job_is_not_queued_again(store):
    job = submit(store, "view", {"of": "a"})
    save(store, replace(job, state="running", started_at_s=5.0))
    assert submit(store, "view", {"of": "a"}).state == "running"


def test_a_failed_job_keeps_its_reason(store):
    job = submit(store, "view", {"of": "a"})
    finish(store, job, "no such thing")
    found = find_job(store, job.key)
    assert (found.state, found.error, found.is_active) == ("failed", "no such thing", False)


def test_time_left_follows_from_the_rate_since_the_start():
    job = Job("view", {}, "running", started_at_s=100.0, total=50, done_at_start=10)
    assert job.seconds_left(done=20, now_s=105.0) == pytest.approx(15.0)
    assert job.seconds_left(done=10, now_s=105.0) is None
    assert Job("view", {}).seconds_left(done=0, now_s=1.0) is None


def test_the_kind_of_a_job_is_part_of_what_it_is(store):
    assert submit(store, "view", {}).key != submit(store, "comparison", {}).key
