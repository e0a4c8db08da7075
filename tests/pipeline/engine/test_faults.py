"""Whatever ends in the middle of a job, the results are those of an undisturbed run."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from cache import SharedTier, Store
from pipeline.engine import engine_scheduler
from pipeline.planning import coverage
from pipeline.request import ComparisonRequest
from tests.pipeline.engine.conftest import SLOW

ROOT = Path(__file__).parents[3]


def why_the_second_is_left_out(engine, request):
    ((name, reason),) = coverage(request.plan(engine.store).a, engine.store).failed.items()
    assert name == "1-2-0002"
    return reason


def test_a_worker_that_is_killed_five_times_is_replaced_and_the_job_goes_on(
    engine, wait_until, is_as_undisturbed
):
    job = engine.start(SLOW)
    for _ in range(5):
        engine.embeds(more_than=len(engine.stored()))
        (worker,) = engine.workers()
        worker.kill()
        wait_until(lambda: not worker.is_running(), "it is gone")  # noqa: B023 - called at once
        assert engine.now(job).is_active
    job = engine.ended(job)
    assert (job.state, job.total, job.done, job.failed) == ("done", 80, 80, 0)
    is_as_undisturbed(engine.store, SLOW)


def test_a_killed_engine_with_its_scheduler_goes_on_where_it_was(
    engine, wait_until, is_as_undisturbed
):
    job = engine.start(SLOW)
    engine.embeds()
    os.kill(engine.pid, signal.SIGKILL)
    wait_until(lambda: engine.pid is None, "the engine is gone")
    kept = engine.stored()
    assert len(kept) < 80
    assert engine.now(job).is_active
    job = engine.ended(job)
    assert {digest: engine.stored()[digest] for digest in kept} == kept
    assert (job.state, job.done) == ("done", 80)
    assert "waits again: its engine ended" in engine.log_of(job)
    is_as_undisturbed(engine.store, SLOW)


def test_an_utterance_that_kills_its_worker_is_left_out_and_the_others_are_not(
    engine, few, monkeypatch
):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    request = ComparisonRequest(corpus, "python:fault_models:deadly", "control:onehot")
    job = engine.ended(engine.start(request))
    assert (job.state, job.total, job.done, job.failed) == ("done", 4, 3, 1)
    reason = why_the_second_is_left_out(engine, request)
    assert "1-2-0002.flac: the process that computed it ended each time" in reason
    assert any("utterance 1-2-0002 left out" in line for line in engine.log_of(job))


def test_an_error_that_a_model_should_not_raise_fails_one_utterance(engine, few, monkeypatch):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    request = ComparisonRequest(corpus, "python:fault_models:odd", "control:onehot")
    job = engine.ended(engine.start(request))
    assert (job.state, job.done, job.failed) == ("done", 3, 1)
    reason = why_the_second_is_left_out(engine, request)
    assert "LookupError('this is odd')" in reason


def test_an_utterance_that_takes_longer_than_a_task_may_is_left_out_and_its_worker_is_free_again(
    engine, few, monkeypatch, is_as_undisturbed
):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    # A new worker takes some of it to load torch.
    monkeypatch.setenv("LAYERSCOPE_TASK_MINUTES", "0.6")
    request = ComparisonRequest(corpus, "python:fault_models:stuck", "control:onehot")
    job = engine.ended(engine.start(request))
    assert (job.state, job.total, job.done, job.failed) == ("done", 4, 3, 1)
    reason = why_the_second_is_left_out(engine, request)
    assert "1-2-0002.flac: a task took longer than 0.6 minutes" in reason
    assert "LAYERSCOPE_TASK_MINUTES" in reason
    other = ComparisonRequest("demo", "control:lookup", "control:onehot")
    assert engine.ended(engine.start(other)).state == "done"
    is_as_undisturbed(engine.store, other)


def test_an_utterance_that_takes_more_memory_than_a_worker_may_is_left_out(
    engine, few, monkeypatch
):
    corpus, samples = few
    monkeypatch.setenv("FATAL_SAMPLES", str(samples))
    monkeypatch.setenv("LAYERSCOPE_WORKER_MEMORY", "2GB")
    request = ComparisonRequest(corpus, "python:fault_models:hungry", "control:onehot")
    job = engine.ended(engine.start(request))
    assert (job.state, job.done, job.failed) == ("done", 3, 1)
    reason = why_the_second_is_left_out(engine, request)
    assert "perhaps for lack of memory" in reason


def test_a_job_cancelled_by_another_process_stops_and_goes_on_when_it_is_asked_for_again(
    engine, is_as_undisturbed
):
    job = engine.start(SLOW)
    engine.embeds()
    command = [sys.executable, "-m", "pipeline", "jobs", "cancel", job.id]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    assert engine.now(job).state == "cancelled"
    # Another job shows that the engine lives, and has nothing left of the first.
    other = ComparisonRequest("demo", "control:onehot", "control:lookup")
    assert engine.ended(engine.start(other)).state == "done"
    kept = engine.stored()
    assert len(kept) < 80
    assert engine.store.verify(orphan_age_s=0.0).damaged == ()
    job = engine.ended(engine.start(SLOW))
    assert {digest: engine.stored()[digest] for digest in kept} == kept
    assert (job.state, job.attempt, job.settled_at_start) == ("done", 2, len(kept))
    is_as_undisturbed(engine.store, SLOW)


def test_a_full_disk_fails_the_job_and_not_the_engine(engine, wait_until, is_as_undisturbed):
    """No process of the engine may write a file beyond a few bytes, until there is room again."""
    job = engine.start(SLOW)
    engine.embeds()
    pid, log = engine.pid, engine.home / "engine.log"
    (worker,) = [each.pid for each in engine.workers()]
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    os.truncate(log, 0)
    # The log has room for what the engine says, after what the worker says.
    for each, limit_bytes in ((pid, 4000), (worker, 2000)):
        resource.prlimit(each, resource.RLIMIT_FSIZE, (limit_bytes, most))
    wait_until(lambda: "table of jobs cannot be written" in log.read_text(), "it is noticed")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
    job = engine.ended(job)
    assert job.state == "failed"
    assert "a record cannot be written" in job.error
    assert "prune the store or free space" in job.error
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (most, most))
    assert engine.ended(engine.start(SLOW)).state == "done"
    assert engine.pid == pid
    is_as_undisturbed(engine.store, SLOW)


def test_a_scheduler_elsewhere_that_is_killed_and_started_again_is_found_again(
    engine, wait_until, is_as_undisturbed, monkeypatch, dask_cluster
):
    dask_cluster.start()
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", dask_cluster.address)
    job = engine.start(SLOW)
    engine.embeds()
    dask_cluster.kill()
    wait_until(lambda: engine.now(job).state == "queued", "the job waits again")
    wait_until(lambda: "cannot be reached" in engine_scheduler(engine.home), "it is told")
    assert len(engine.stored()) < 80
    dask_cluster.start()
    job = engine.ended(job)
    assert (job.state, job.attempt, job.done) == ("done", 1, 80)
    assert engine_scheduler(engine.home) == dask_cluster.address
    log = engine.log_of(job)
    assert "waits again: the connection to the scheduler is lost" in log
    assert any("the scheduler cannot be reached; waiting for it" in line for line in log)
    assert engine.workers() == []
    is_as_undisturbed(engine.store, SLOW)


def test_workers_elsewhere_share_their_records_through_the_tier(
    engine, tmp_path, monkeypatch, dask_cluster, is_as_undisturbed
):
    elsewhere, tier = tmp_path / "elsewhere", tmp_path / "tier"
    tier.mkdir()
    monkeypatch.setenv("LAYERSCOPE_SHARED", tier.as_uri())
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", dask_cluster.address)
    dask_cluster.start(LAYERSCOPE_HOME=str(elsewhere))
    job = engine.ended(engine.start(SLOW))
    assert (job.state, job.done, job.error) == ("done", 80, None)
    with Store(elsewhere / "store") as other:
        assert len(list(other.find("embedding"))) == 80
    is_as_undisturbed(engine.store, SLOW)


def test_without_a_tier_workers_elsewhere_fail_the_job_with_what_to_do(
    engine, tmp_path, monkeypatch, dask_cluster
):
    monkeypatch.setenv("LAYERSCOPE_SCHEDULER", dask_cluster.address)
    dask_cluster.start(LAYERSCOPE_HOME=str(tmp_path / "elsewhere"))
    job = engine.ended(engine.start(ComparisonRequest("demo", "s3prl:fbank", "control:onehot")))
    assert job.state == "failed"
    assert "set LAYERSCOPE_SHARED" in job.error


def test_while_the_tier_is_away_the_job_goes_on_and_the_tier_is_brought_up_to_date_later(
    engine, tmp_path, monkeypatch, wait_until, is_as_undisturbed
):
    tier = tmp_path / "tier"
    tier.mkdir()
    monkeypatch.setenv("LAYERSCOPE_SHARED", tier.as_uri())
    job = engine.start(SLOW)
    wait_until(lambda: list(tier.iterdir()), "something is published")
    tier.rename(tmp_path / "away")
    assert engine.ended(job).state == "done"
    is_as_undisturbed(engine.store, SLOW)
    (tmp_path / "away").rename(tier)
    keys = list(SLOW.plan(engine.store).a.keys.values())
    assert SharedTier(tier.as_uri()).missing(keys)
    command = [sys.executable, "-m", "pipeline", "cache", "share"]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    assert SharedTier(tier.as_uri()).missing(keys) == []


def test_a_killed_web_server_leaves_the_job_to_the_engine_that_it_started(
    engine, wait_until, free_port, is_as_undisturbed
):
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/server.py"]
    with (
        (engine.home.parent / "server.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own server
            [*command, "--server.port", str(free_port)], stdout=log, stderr=log, cwd=ROOT
        ) as server,
    ):
        # The server asks for the demonstration when it starts, and with it for an engine.
        wait_until(lambda: engine.pid, "the server has started an engine")
        for job in engine.queue.active():
            engine.queue.cancel(job)
        job = engine.queue.submit("comparison", SLOW.as_dict())
        engine.embeds()
        pid = engine.pid
        server.kill()
    assert engine.now(job).is_active
    wait_until(lambda: not engine.now(job).is_active, "the job has ended")
    assert engine.now(job).state == "done"
    assert engine.pid == pid
    is_as_undisturbed(engine.store, SLOW)


def test_two_workers_give_what_one_process_gives(
    engine, monkeypatch, is_as_undisturbed, tiny_wav2vec2_folder
):
    model = f"hf-speech:{tiny_wav2vec2_folder}"
    monkeypatch.setenv("LAYERSCOPE_WORKERS", "2")
    request = ComparisonRequest("demo", model, "control:onehot")
    job = engine.start(request)
    engine.embeds(more_than=0)
    assert len(engine.workers()) == 2
    assert engine.ended(job).state == "done"
    is_as_undisturbed(engine.store, request)


def test_processes_that_ask_for_the_same_work_at_once_get_one_job(engine, is_as_undisturbed):
    """None finds an engine; one of them starts it."""
    models = ["--model1", SLOW.model_a, "--model2", SLOW.model_b]
    command = [sys.executable, "-m", "pipeline", "jobs", "start", "--corpus", "demo", *models]
    askers = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - our own command
    assert [asker.wait() for asker in askers] == [0, 0]
    (job,) = engine.queue.latest()
    assert engine.ended(job).state == "done"
    assert [line.startswith("asked for by") for line in engine.log_of(job)].count(True) == 1
    assert (engine.home / "engine.log").read_text().count("engine starts in") == 1
    assert len((engine.home / "heard").read_text().splitlines()) == 80
    is_as_undisturbed(engine.store, SLOW)


def test_what_keeps_workers_from_starting_fails_the_job_with_its_reason(engine, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_WORKERS", "two")
    job = engine.ended(engine.start(SLOW))
    assert job.state == "failed"
    assert "LAYERSCOPE_WORKERS is 'two'" in job.error
