"""The engine as a whole: a process with a scheduler and a worker, killed in every way."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import psutil
import pytest
from distributed import LocalCluster

from pipeline.comparison import load_result
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.engine import engine_pid, ensure_running, find_job, submit
from pipeline.engine.jobs import Job
from pipeline.forced_alignment import open_aligner
from pipeline.forced_alignment.corpus_alignment import align_corpus
from pipeline.forced_alignment.result_folder import count_aligned, read_summary, textgrid_path
from pipeline.planning import coverage
from pipeline.recording_view import get_recording_view
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.settings import AlignmentSettings

QUICK = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")
SLOW = ComparisonRequest("demo", "untrained:wav2vec2-base", "control:lookup")


def children_of(pid: int) -> list[int]:
    """Return the child processes of a process."""
    listed = subprocess.run(  # noqa: S603 - fixed words
        ["/usr/bin/env", "pgrep", "--parent", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def refuses_strangers(address) -> bool:
    """Return whether a TLS client without our certificate gets no answer."""
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address.ip, address.port), timeout=5) as connection,
            stranger.wrap_socket(connection) as secured,
        ):
            secured.sendall(b"x")
            return secured.recv(1) == b""
    except OSError:
        return True


def done(request, store):
    return sum(len(coverage(side, store).done) for side in request.plan(store).sides)


def started(store, request, folder):
    job = submit(store, "comparison", request.as_dict())
    ensure_running(folder)
    return job


def test_a_comparison_is_computed_and_equals_the_same_in_this_process(
    engine_home, tmp_path, wait_until
):
    with open_store() as store:
        job = started(store, QUICK, engine_home)
        again = submit(store, "comparison", QUICK.as_dict())
        assert again.key == job.key
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
        assert find_job(store, job.key).state == "done"
        found = load_result(QUICK.plan(store), store)
    with type(store)(tmp_path / "here") as here:
        plan = QUICK.plan(here)
        run_plan(plan, here)
        expected = load_result(plan, here)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
    assert found.row_digest == expected.row_digest


def test_a_model_that_does_not_exist_fails_the_job_with_one_clear_message(engine_home, wait_until):
    wrong = ComparisonRequest("demo", "s3prl:fbnk", "control:onehot")
    with open_store() as store:
        job = started(store, wrong, engine_home)
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
        assert find_job(store, job.key).state == "failed"
        assert "did you mean s3prl:fbank" in find_job(store, job.key).error


def test_a_killed_worker_is_replaced_and_the_job_goes_on(engine_home, wait_until):
    with open_store() as store:
        job = started(store, SLOW, engine_home)
        wait_until(lambda: done(SLOW, store) > 0, "something is embedded")
        workers = [
            pid
            for pid in children_of(engine_pid(engine_home))
            if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        assert workers
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
        assert find_job(store, job.key).state == "done"
        assert store.verify().damaged == ()


def test_a_killed_engine_goes_on_where_it_was(engine_home, wait_until):
    with open_store() as store:
        job = started(store, SLOW, engine_home)
        wait_until(lambda: done(SLOW, store) > 0, "something is embedded")
        os.kill(engine_pid(engine_home), signal.SIGKILL)
        wait_until(lambda: engine_pid(engine_home) is None, "the engine is gone")
        kept = {entry.digest: entry.stored_at_s for entry in store.find("embedding")}
        assert 0 < len(kept) < 80
        assert find_job(store, job.key).is_active
        ensure_running(engine_home)
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
        now = {entry.digest: entry.stored_at_s for entry in store.find("embedding")}
        assert find_job(store, job.key).state == "done"
        assert {digest: now[digest] for digest in kept} == kept
        assert store.verify(orphan_age_s=0.0).damaged == ()


def test_only_one_engine_serves_a_home_folder(engine_home, wait_until):
    ensure_running(engine_home)
    wait_until(lambda: engine_pid(engine_home), "the engine runs")
    first = engine_pid(engine_home)
    ensure_running(engine_home)
    second = subprocess.run(
        [sys.executable, "-m", "pipeline.engine"], check=False, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert "an engine runs already" in second.stderr
    assert engine_pid(engine_home) == first


@pytest.mark.parametrize("model", ["s3prl:fbank", None])
def test_a_page_of_an_utterance_is_computed_first(engine_home, model, wait_until):
    with open_store() as store:
        task = {
            "corpus": "demo",
            "alignments": None,
            "utterance": "ada-01",
            "model": model,
            "settings": AlignmentSettings().as_dict(),
        }
        job = submit(store, "view", task)
        assert isinstance(job, Job)
        ensure_running(engine_home)
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
        assert find_job(store, job.key).state == "done"
        digest = audio_digests(QUICK.plan(store).corpus, store)["ada-01"]
        assert get_recording_view(store, digest).spectrogram.shape[0] == 80
        assert len(list(store.find("embedding"))) == (0 if model is None else 1)


def test_another_scheduler_runs_the_same_tasks(engine_home, monkeypatch, wait_until):
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        monkeypatch.setenv("LAYERSCOPE_SCHEDULER", cluster.scheduler_address)
        with open_store() as store:
            job = started(store, QUICK, engine_home)
            wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
            assert find_job(store, job.key).state == "done"
            assert load_result(QUICK.plan(store), store) is not None
        assert children_of(engine_pid(engine_home)) == []


def test_nobody_reaches_the_engine_from_outside_or_without_credentials(engine_home, wait_until):
    with open_store() as store:
        job = started(store, QUICK, engine_home)
        wait_until(lambda: not find_job(store, job.key).is_active, "the job has ended")
    engine = psutil.Process(engine_pid(engine_home))
    listening = [
        connection.laddr
        for process in [engine, *engine.children(recursive=True)]
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}
    for address in listening:
        for path in ("info/main/workers.html", "metrics"):
            # The TLS ports close the connection, Dask's HTTP ports have no such page.
            with pytest.raises((OSError, HTTPException)):
                urlopen(f"http://127.0.0.1:{address.port}/{path}", timeout=5)
        assert refuses_strangers(address)


@pytest.fixture
def without_times(tmp_path):
    """A corpus of three utterances in LibriSpeech's layout; what the last says is in digits."""
    chapter = tmp_path / "plain" / "1" / "2"
    chapter.mkdir(parents=True)
    lines = []
    for number, utterance in enumerate(open_corpus("demo").utterances[:3]):
        name = f"1-2-{number:04}"
        shutil.copy(utterance.audio, chapter / f"{name}.flac")
        lines.append(f"{name} {' '.join(utterance.words) if number < 2 else '1984'}")
    (chapter / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "plain"


def alignment_of(folder, **changed):
    task = {"corpus": str(folder), "alignments": None, "aligner": "pocketsphinx", "out": "plain"}
    return task | changed


def ended(store, tasks, folder, wait_until):
    jobs = [submit(store, "alignment", task) for task in tasks]
    ensure_running(folder)
    for job in jobs:
        wait_until(lambda job=job: not find_job(store, job.key).is_active, "the job has ended")
    return [find_job(store, job.key) for job in jobs]


def test_a_corpus_without_times_is_aligned_and_goes_on_where_an_earlier_run_stopped(
    engine_home, without_times, wait_until
):
    folder = engine_home / "alignments" / "plain"
    before = open_corpus(without_times)
    aligner = open_aligner("pocketsphinx")
    list(align_corpus(before.unaligned[:1], before.root, aligner, folder))
    changed_at_ns = textgrid_path(before.unaligned[0], before.root, folder).stat().st_mtime_ns
    with open_store() as store:
        (job,) = ended(store, [alignment_of(without_times)], engine_home, wait_until)
    assert (job.state, job.total, job.done_at_start) == ("done", 3, 1)
    assert count_aligned(before.unaligned, before.root, folder) == 2
    after = open_corpus(without_times, folder)
    assert after.aligner == aligner.name
    assert [utterance.id for utterance in after.utterances] == ["1-2-0000", "1-2-0001"]
    assert all(all(utterance.word_intervals) for utterance in after.utterances)
    again = textgrid_path(before.unaligned[0], before.root, folder)
    assert again.stat().st_mtime_ns == changed_at_ns
    summary = read_summary(folder)
    assert summary.words == sum(len(utterance.words) for utterance in after.utterances)
    assert list(summary.failed) == ["1-2-0002"]
    assert "the word '1984' cannot be pronounced" in summary.failed["1-2-0002"]


def test_an_alignment_that_cannot_be_made_fails_with_one_clear_message(
    engine_home, without_times, wait_until
):
    wrong = {
        "cannot name a folder of alignments": alignment_of(without_times, out="../out"),
        "there is no aligner 'mfa'": alignment_of(without_times, aligner="mfa"),
        "every utterance of demo has its alignment": alignment_of("demo"),
    }
    with open_store() as store:
        jobs = ended(store, wrong.values(), engine_home, wait_until)
    for job, message in zip(jobs, wrong, strict=True):
        assert job.state == "failed"
        assert message in job.error
    assert not list(engine_home.parent.rglob("*.TextGrid"))
