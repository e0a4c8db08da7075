"""Whatever ends in the middle of a job, the results are those of an undisturbed run."""

import os
import signal

from pipeline.engine import engine_pid, ensure_running
from pipeline.planning import coverage
from pipeline.request import ComparisonRequest
from tests.pipeline.engine.conftest import SLOW


def done(store):
    return sum(1 for _ in store.find("embedding"))


def started(queue, request, folder):
    job = queue.submit("comparison", request.as_dict(), "ada")
    ensure_running(folder)
    return job


def kill_workers(engine, workers):
    found = workers(engine)
    for worker in found:
        worker.kill()
    return found


def test_a_worker_that_is_killed_five_times_is_replaced_and_the_job_goes_on(
    engine_home, opened, workers, ended, wait_until, is_as_undisturbed
):
    store, queue = opened()
    job = started(queue, SLOW, engine_home)
    for number in range(5):
        wait_until(lambda least=number: done(store) > 8 * least, "something more is embedded")
        wait_until(lambda: workers(engine_pid(engine_home)), "there is a worker")
        killed = kill_workers(engine_pid(engine_home), workers)
        wait_until(lambda: not any(each.is_running() for each in killed), "it is gone")  # noqa: B023 - called at once
        assert queue.find(job.digest).is_active
    job = ended(queue, job)
    assert (job.state, job.total, job.done, job.failed) == ("done", 80, 80, 0)
    is_as_undisturbed(store, SLOW)


def test_a_killed_engine_with_its_scheduler_goes_on_where_it_was(
    engine_home, opened, ended, wait_until, is_as_undisturbed
):
    store, queue = opened()
    job = started(queue, SLOW, engine_home)
    wait_until(lambda: done(store) > 10, "something is embedded")
    os.kill(engine_pid(engine_home), signal.SIGKILL)
    wait_until(lambda: engine_pid(engine_home) is None, "the engine is gone")
    kept = {entry.digest: entry.stored_at_s for entry in store.find("embedding")}
    assert 0 < len(kept) < 80
    assert queue.find(job.digest).is_active
    job = ended(queue, job)
    now = {entry.digest: entry.stored_at_s for entry in store.find("embedding")}
    assert {digest: now[digest] for digest in kept} == kept
    assert (job.state, job.done) == ("done", 80)
    assert "waits again: its engine ended" in [line.text for line in queue.log_of(job.digest)]
    is_as_undisturbed(store, SLOW)


def test_an_utterance_that_kills_its_worker_is_left_out_and_the_others_are_not(
    engine_home, few, opened, ended, monkeypatch
):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    request = ComparisonRequest(corpus, "python:fault_models:deadly", "control:onehot")
    store, queue = opened()
    job = ended(queue, started(queue, request, engine_home))
    assert (job.state, job.total, job.done, job.failed) == ("done", 4, 3, 1)
    (failure,) = coverage(request.plan(store).a, store).failed.items()
    assert failure[0] == "1-2-0002"
    assert "1-2-0002.flac: the process that computed it ended each time" in failure[1]
    log = [line.text for line in queue.log_of(job.digest)]
    assert any("utterance 1-2-0002 left out" in line for line in log)


def test_an_error_that_a_model_should_not_raise_fails_one_utterance(
    engine_home, few, opened, ended, monkeypatch
):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    request = ComparisonRequest(corpus, "python:fault_models:odd", "control:onehot")
    store, queue = opened()
    job = ended(queue, started(queue, request, engine_home))
    assert (job.state, job.done, job.failed) == ("done", 3, 1)
    failed = coverage(request.plan(store).a, store).failed
    assert list(failed) == ["1-2-0002"]
    assert "LookupError('this is odd')" in failed["1-2-0002"]
