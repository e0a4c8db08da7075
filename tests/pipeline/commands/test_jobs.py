import getpass
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from cache import Store
from pipeline.commands import jobs, jobs_start, jobs_wait
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.engine import engine_pid, open_queue
from pipeline.request import ComparisonRequest
from pipeline.words.storage import failure_key

QUICK = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")
DEMO = ["--corpus", "demo", "--model1", "s3prl:fbank", "--model2", "control:onehot"]


@pytest.fixture
def queue(home):  # noqa: ARG001 - a home folder of its own
    with open_queue() as opened:
        yield opened


@pytest.fixture
def no_engine(monkeypatch):
    """Count how often an engine is asked for; none is started."""
    wanted = []
    for module in (jobs, jobs_start, jobs_wait):
        monkeypatch.setattr(module, "ensure_running", wanted.append)
    return wanted


@pytest.fixture
def stopped_engine(home, wait_until):  # noqa: ARG001 - a home folder of its own
    """An engine that a test may start, and that is stopped at its end."""
    yield
    pid = engine_pid(home_folder())
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: engine_pid(home_folder()) is None, "the engine has stopped")


def failed(queue, error="the model broke"):
    job = queue.submit("comparison", QUICK.as_dict(), "ada")
    queue.claim(job)
    queue.count(job, total=80, done=70, failed=2, at_start=0)
    queue.finish(job, error)
    return queue.find(job.digest)


@pytest.mark.usefixtures("stopped_engine")
def test_a_comparison_is_started_waited_for_and_told(run, run_json, tmp_path):
    status, started = run_json("jobs", "start", *DEMO)
    assert (status, started["state"], started["asked_by"]) == (0, "queued", getpass.getuser())
    status, out, err = run("jobs", "wait", started["id"][:6])
    assert status == 0
    assert "80 of 80 done" in out
    assert "80/80" in err
    _, told = run_json("jobs", "list")
    assert told["engine"]["pid"] == engine_pid(home_folder())
    assert told["engine"]["scheduler"].startswith("tls://127.0.0.1:")
    (job,) = told["jobs"]
    assert (job["state"], job["done"], job["failed"], job["seconds_left"]) == ("done", 80, 0, None)
    assert f"the engine is process {told['engine']['pid']}" in run("jobs", "list")[1]
    status, out, _ = run("cka", *DEMO, "--out", tmp_path / "cka.json")
    assert "nothing to compute" in out


@pytest.mark.usefixtures("no_engine")
def test_jobs_are_listed_with_their_progress_and_reason(run, run_json, queue):
    assert run("jobs", "list")[1] == "no engine runs\n"
    job = failed(queue)
    view = queue.submit("view", {"corpus": "demo", "utterance": "ada-01"}, "ben")
    first, second, third = run("jobs", "list")[1].splitlines()
    assert first == "no engine runs"
    assert second == f"{view.id}  queued     demo: page of ada-01; asked by ben"
    assert third.startswith(
        f"{job.id}  failed     demo: s3prl:fbank x control:onehot; 70 of 80 done, 2 failed, "
    )
    assert third.endswith("utterances/s; asked by ada; the model broke")
    _, told = run_json("jobs", "list")
    assert told["engine"] == {"pid": None, "scheduler": None}
    assert [each["digest"] for each in told["jobs"]] == [view.digest, job.digest]


@pytest.mark.usefixtures("no_engine")
def test_the_list_ends_with_the_twentieth_unless_a_job_is_active(run_json, queue):
    pages = [{"corpus": "demo", "utterance": str(number)} for number in range(30)]
    oldest, *others = [queue.submit("view", page) for page in pages]
    for job in others:
        queue.cancel(job)
    assert len(run_json("jobs", "list", "--all")[1]["jobs"]) == 30
    _, told = run_json("jobs", "list")
    assert len(told["jobs"]) == 21
    assert told["jobs"][-1]["digest"] == oldest.digest


@pytest.mark.usefixtures("no_engine")
def test_a_job_is_shown_and_its_log(run, run_json, queue):
    job = failed(queue)
    _, shown = run_json("jobs", "show", job.id)
    assert (shown["error"], shown["total"], shown["attempt"]) == ("the model broke", 80, 1)
    assert "asked_by           ada" in run("jobs", "show", job.id)[1]
    _, log = run_json("jobs", "log", job.id)
    texts = ["asked for by ada", "started", "failed: the model broke"]
    assert [line["text"] for line in log["log"]] == texts
    assert [line[20:] for line in run("jobs", "log", job.id)[1].splitlines()] == texts


@pytest.mark.usefixtures("no_engine")
def test_a_job_is_cancelled_once(run, queue):
    job = queue.submit("view", {})
    assert run("jobs", "cancel", job.id)[0] == 0
    assert queue.find(job.digest).state == "cancelled"
    status, _, err = run("jobs", "cancel", job.id)
    assert status == 1
    assert "is cancelled; only what waits or runs can be cancelled" in err


def test_a_job_that_failed_is_queued_again_with_its_failed_utterances(run, queue, no_engine):
    job = failed(queue)
    with open_store() as store:
        key = QUICK.plan(store).a.keys["ada-01"]
        store.put(failure_key(key), {}, {"reason": "too short"})
    assert run("jobs", "retry", job.id)[0] == 0
    with Store(home_folder() / "store") as store:
        assert store.get(failure_key(key)) is None
    again = queue.find(job.digest)
    assert (again.state, again.attempt, again.asked_by) == ("queued", 2, getpass.getuser())
    assert no_engine == [home_folder()]
    status, _, err = run("jobs", "retry", job.id)
    assert status == 1
    assert "is queued; there is nothing to try again" in err


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("action", ["show", "log", "cancel", "retry", "wait"])
def test_a_job_that_does_not_exist_is_one_clear_error(run, action):
    status, out, err = run("jobs", action, "abc")
    assert (status, out) == (1, "")
    assert err.startswith("error: there is no job that starts with 'abc'; run: ")


@pytest.mark.usefixtures("no_engine")
def test_waiting_for_what_does_not_succeed_fails_with_the_reason(run, queue):
    job = failed(queue)
    status, _, err = run("jobs", "wait", job.id)
    assert status == 1
    assert f"error: job {job.id} failed: the model broke" in err
    view = queue.submit("view", {"corpus": "demo", "utterance": "ada-01"})
    queue.cancel(view)
    status, _, err = run("jobs", "wait", view.id)
    assert status == 1
    assert f"error: job {view.id} was cancelled" in err


def test_what_cannot_be_planned_is_refused_before_it_is_queued(run, queue, no_engine):
    status, _, err = run("jobs", "start", *DEMO[:3], "s3prl:fbnk", *DEMO[4:])
    assert status == 1
    assert "did you mean s3prl:fbank" in err
    assert (queue.latest(), no_engine) == ([], [])


@pytest.mark.usefixtures("no_engine")
def test_a_folder_is_named_so_that_the_engine_finds_it_too(run, shared, monkeypatch, queue):
    speech = shared / "speech"
    monkeypatch.chdir(speech)
    models = ["--model1", "control:onehot", "--model2", "control:lookup"]
    corpus = ["--corpus", "LibriSpeech", "--alignments", "alignments-mfa"]
    assert run("jobs", "start", *corpus, *models, "--pooling", "first")[0] == 0
    (job,) = queue.active()
    assert Path(job.task["corpus"]) == speech / "LibriSpeech"
    assert Path(job.task["alignments"]) == speech / "alignments-mfa"
    assert job.task["settings"]["pooling"] == "first"


def test_a_user_without_a_name_is_local(monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert jobs_start.user() == "local"
