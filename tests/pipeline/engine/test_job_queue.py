import json
import subprocess
import sys
import threading

import pytest

from pipeline.configuration import home as home_folder
from pipeline.engine.job_queue import JobQueue, find_job, open_queue
from pipeline.engine.jobs import Job
from pipeline.errors import EngineError

TASK = {"of": ["a", "b"]}


@pytest.fixture
def queue(tmp_path):
    with JobQueue(tmp_path / "jobs.db") as opened:
        yield opened


def running(queue, task=TASK):
    job = queue.submit("comparison", task, "ada")
    assert queue.claim(job)
    return queue.find(job.digest)


def test_the_same_work_is_one_job_until_it_ends(queue):
    first = queue.submit("comparison", TASK, "ada")
    again = queue.submit("comparison", TASK, "ben")
    other = queue.submit("comparison", {"of": ["a", "c"]})
    assert again == first
    assert (first.asked_by, first.state, first.attempt) == ("ada", "queued", 1)
    assert [job.task for job in queue.active()] == [TASK, other.task]
    assert queue.claim(first)
    assert queue.submit("comparison", TASK).state == "running"
    assert queue.finish(first)
    assert [job.task for job in queue.active()] == [other.task]
    anew = queue.submit("comparison", TASK, "ben")
    assert (anew.state, anew.asked_by, anew.attempt) == ("queued", "ben", 2)


def test_a_job_that_is_queued_again_starts_from_nothing(queue):
    job = running(queue)
    queue.count(job, total=9, done=4, failed=2, at_start=1)
    queue.finish(job, "the model broke")
    found = find_job(queue, "comparison", TASK)
    assert (found.state, found.error, found.total, found.done) == (
        "failed",
        "the model broke",
        9,
        4,
    )
    assert found.finished_at_s >= found.started_at_s >= found.submitted_at_s > 0
    anew = queue.submit("comparison", TASK)
    expected = Job("comparison", TASK, attempt=2, submitted_at_s=anew.submitted_at_s)
    assert anew == expected


def test_what_was_done_for_an_earlier_attempt_does_not_count(queue):
    old = running(queue)
    assert queue.cancel(old)
    new = queue.submit("comparison", TASK)
    assert queue.claim(new)
    assert not queue.finish(old)
    assert not queue.count(old, total=1, done=1, failed=0, at_start=0)
    assert not queue.requeue(old, "late")
    assert not queue.cancel(old)
    found = queue.find(new.digest)
    assert (found.state, found.total) == ("running", 0)


def test_what_ended_last_comes_first_and_may_be_asked_for_by_state_and_kind(queue):
    jobs = [running(queue, {"n": n}) for n in range(3)]
    page = queue.submit("view", {})
    waiting = queue.submit("view", {"n": 9})
    queue.finish(jobs[1])
    queue.finish(jobs[0], "the model broke")
    queue.cancel(page)

    def tasks(*arguments, **chosen):
        return [job.task for job in queue.ended(*arguments, **chosen)]

    assert tasks(10) == [{}, {"n": 0}, {"n": 1}]
    assert tasks(2) == [{}, {"n": 0}]
    assert tasks(10, states=["done", "failed"]) == [{"n": 0}, {"n": 1}]
    assert tasks(10, kinds=["view"]) == [{}]
    assert tasks(10, states=["failed"], kinds=["view"]) == tasks(10, states=[]) == []
    assert {job.digest for job in queue.active()} == {jobs[2].digest, waiting.digest}


def test_each_change_is_made_once(queue):
    job = queue.submit("view", {})
    assert queue.cancel(job, "ben")
    assert not queue.cancel(job)
    assert not queue.claim(job)
    assert not queue.finish(job)
    assert queue.find(job.digest).state == "cancelled"
    assert [line.text for line in queue.log_of(job.digest)] == [
        "asked for by local",
        "cancelled by ben",
    ]


def test_a_running_job_can_wait_again(queue):
    job = running(queue)
    assert queue.requeue(job, "the engine ended")
    assert queue.find(job.digest).state == "queued"
    assert not queue.requeue(job, "again")
    assert queue.log_of(job.digest)[-1].text == "waits again: the engine ended"


def test_a_job_is_found_by_the_start_of_its_digest(queue):
    jobs = [queue.submit("view", {"number": number}) for number in range(20)]
    assert queue.by_id(jobs[3].id) == jobs[3]
    with pytest.raises(EngineError, match="there is no job that starts with 'x'"):
        queue.by_id("x")
    # Of twenty digests, two start with the same of sixteen digits.
    digits = [job.digest[0] for job in jobs]
    common = next(digit for digit in digits if digits.count(digit) > 1)
    for prefix in (common, ""):
        with pytest.raises(EngineError, match="several jobs start with"):
            queue.by_id(prefix)


@pytest.mark.parametrize("prefix", ["%", "_", "' OR 1=1 --", "\0"])
def test_a_prefix_is_no_pattern_and_no_statement(queue, prefix):
    queue.submit("view", {})
    with pytest.raises(EngineError, match="there is no job"):
        queue.by_id(prefix)


def test_the_latest_jobs_come_first(queue):
    jobs = [queue.submit("view", {"number": number}) for number in range(3)]
    assert [job.task for job in queue.latest()] == [job.task for job in reversed(jobs)]
    assert queue.latest(1) == [jobs[2]]


def test_old_jobs_are_forgotten_unless_they_are_active(queue):
    ended, active = running(queue), queue.submit("view", {})
    queue.finish(ended)
    ended_at_s = queue.find(ended.digest).finished_at_s
    queue.forget_ended(ended_at_s)
    assert queue.find(ended.digest) is not None
    queue.forget_ended(ended_at_s + 1)
    assert queue.find(ended.digest) is None
    assert queue.log_of(ended.digest) == []
    assert queue.latest() == [active]


def test_of_many_threads_one_wins(queue):
    job = queue.submit("view", {})
    barrier, wins = threading.Barrier(8), []

    def race(change):
        barrier.wait()
        if change(job):
            wins.append(change)

    threads = [
        threading.Thread(target=race, args=[change]) for change in [queue.cancel, queue.claim] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A claimed job can still be cancelled, a cancelled one not be claimed.
    assert wins in ([queue.cancel], [queue.claim, queue.cancel])


SUBMIT = """
import sys
from pipeline.engine.job_queue import open_queue
print("ready", flush=True)
sys.stdin.readline()
with open_queue() as queue:
    for number in range(20):
        print(queue.submit("view", {"number": number}, sys.argv[1]).attempt)
"""


def test_processes_that_ask_for_the_same_at_once_share_the_jobs(home):
    """The table itself is made by whoever comes first."""
    processes = [
        subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", SUBMIT, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("ada", "ben", "eva")
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert out.split() == ["1"] * 20
    assert home_folder() == home.resolve()
    with open_queue() as queue:
        assert len(queue.latest()) == 20
        logs = [queue.log_of(job.digest) for job in queue.latest()]
    assert [len(log) for log in logs] == [1] * 20


def test_the_table_is_the_user_s_own_and_holds_json(tmp_path):
    path = tmp_path / "jobs.db"
    with JobQueue(path) as queue:
        queue.submit("view", {"name": "ä"})
        (row,) = queue._rows("SELECT task FROM jobs")  # noqa: SLF001 - what lies in the file
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(row[0]) == {"name": "ä"}
