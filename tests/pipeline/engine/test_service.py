"""The engine as a whole: a process with a scheduler and a worker."""

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from http.client import HTTPException
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import numpy as np
import psutil
import pytest

from cache import Key
from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.corpus import open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.engine import VERIFY, Job, Pruning, engine_scheduler, ensure_running
from pipeline.engine.care_work import CareWork
from pipeline.engine.service import check_workers
from pipeline.errors import EngineError
from pipeline.forced_alignment import open_aligner
from pipeline.forced_alignment.corpus_alignment import align_corpus
from pipeline.forced_alignment.result_folder import count_aligned, read_summary, textgrid_path
from pipeline.recording_view import get_recording_view
from pipeline.request import ComparisonRequest
from pipeline.settings import AlignmentSettings

QUICK = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")


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


def numbers(part):
    return {name: value for name, value in vars(part).items() if isinstance(value, int | float)}


@pytest.fixture(scope="module")
def engine(shared_engine):
    return shared_engine


def test_a_comparison_is_computed_and_equals_the_same_in_one_process(engine, is_as_undisturbed):
    request = ComparisonRequest("demo", "s3prl:mel", "control:onehot")
    job = engine.start(request)
    assert engine.queue.submit("comparison", request.as_dict(), "ben").asked_by == "ada"
    job = engine.ended(job)
    assert (job.state, job.total, job.done, job.failed) == ("done", 80, 80, 0)
    assert job.submitted_at_s < job.started_at_s < job.finished_at_s
    assert job.rate(0.0) > 0
    assert engine.log_of(job) == [
        "asked for by ada",
        "started",
        "80 of 80 utterances are to be done",
        "done",
    ]
    is_as_undisturbed(engine.store, request)


def test_a_model_that_does_not_exist_fails_the_job_with_one_clear_message(engine):
    wrong = ComparisonRequest("demo", "s3prl:fbnk", "control:onehot")
    job = engine.ended(engine.start(wrong))
    assert job.state == "failed"
    assert "did you mean s3prl:fbank" in job.error


def test_a_job_without_a_result_of_its_own_to_make_is_done_at_once(engine):
    engine.ended(engine.start(QUICK))
    again = engine.ended(engine.start(QUICK))
    assert (again.state, again.total, again.done, again.settled_at_start) == ("done", 80, 80, 80)
    assert again.rate(0.0) is None


def test_an_analysis_is_made_with_all_that_it_lacks_and_equals_the_same_in_one_process(engine):
    comparison = ComparisonRequest("demo", "s3prl:mfcc", "control:lookup")
    request = AnalysisRequest(comparison, "calibration", (0, 0), settings={"permutations": 20})
    job = engine.ended(engine.ask("analysis", request.as_dict()))
    assert (job.state, job.total, job.done) == ("done", 80, 80)
    plan = comparison.plan(engine.store)
    found = load_analysis(request, plan, engine.store)
    assert found.type_null.permutations == 20
    compute_analysis(request, plan, engine.store)
    again = load_analysis(request, plan, engine.store)
    # The worker has a thread of its own, which adds up in another order.
    assert numbers(found.type_null) == pytest.approx(numbers(again.type_null), rel=1e-6)
    assert numbers(found.interval) == pytest.approx(numbers(again.interval), rel=1e-6)


def test_an_analysis_that_there_is_not_fails_its_job(engine):
    request = AnalysisRequest(QUICK, "nonsense", (0, 0))
    job = engine.ended(engine.ask("analysis", request.as_dict()))
    assert job.state == "failed"
    assert "no analysis 'nonsense'" in job.error


def test_two_jobs_that_share_a_model_share_its_tasks(engine):
    """One model against two others, asked for at once."""
    requests = [
        ComparisonRequest("demo", "python:fault_models:slow", control)
        for control in ("control:onehot", "control:lookup")
    ]
    before = {entry.digest for entry in engine.store.find("embedding")}
    jobs = [engine.start(request) for request in requests]
    assert [engine.ended(job).done for job in jobs] == [80, 80]
    heard = Path(engine.home / "heard").read_text().splitlines()
    assert (
        len(heard) == len({entry.digest for entry in engine.store.find("embedding")} - before) == 80
    )


def test_only_one_engine_serves_a_home_folder(engine, wait_until):
    ensure_running(engine.home)
    wait_until(lambda: engine.pid, "the engine runs")
    first = engine.pid
    for _ in range(3):
        ensure_running(engine.home)
    second = subprocess.run(
        [sys.executable, "-m", "pipeline.engine"], check=False, capture_output=True, text=True
    )
    assert second.returncode == 1
    assert "an engine runs already" in second.stderr
    assert engine.pid == first


@pytest.mark.parametrize("model", ["s3prl:fbank", None])
def test_a_page_of_an_utterance_is_computed(engine, model):
    name = "ada-01" if model else "ben-01"
    task = {
        "corpus": "demo",
        "alignments": None,
        "utterance": name,
        "model": model,
        "settings": AlignmentSettings(pooling="first").as_dict(),
    }
    before = len(list(engine.store.find("embedding")))
    assert engine.ended(engine.ask("view", task)).state == "done"
    digest = audio_digests(open_corpus("demo"), engine.store)[name]
    assert get_recording_view(engine.store, digest).spectrogram.shape[0] == 80
    assert len(list(engine.store.find("embedding"))) == before + (0 if model is None else 1)


def test_nobody_reaches_the_engine_from_outside_or_without_credentials(engine):
    engine.ended(engine.start(QUICK))
    running = psutil.Process(engine.pid)
    listening = [
        connection.laddr
        for process in [running, *running.children(recursive=True)]
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert engine_scheduler(engine.home) in {
        f"tls://{address.ip}:{address.port}" for address in listening
    }
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


def test_a_corpus_without_times_is_aligned_and_goes_on_where_an_earlier_run_stopped(
    engine, without_times
):
    folder = engine.home / "alignments" / "plain"
    before = open_corpus(without_times)
    aligner = open_aligner("pocketsphinx")
    list(align_corpus(before.unaligned[:1], before.root, aligner, folder))
    changed_at_ns = textgrid_path(before.unaligned[0], before.root, folder).stat().st_mtime_ns
    job = engine.ended(engine.ask("alignment", alignment_of(without_times)))
    counts = (job.total, job.done, job.failed, job.settled_at_start)
    assert (job.state, counts) == ("done", (3, 2, 1, 1))
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


def test_an_alignment_that_cannot_be_made_fails_with_one_clear_message(engine, without_times):
    wrong = {
        "cannot name a folder of alignments": alignment_of(without_times, out="../out"),
        "there is no aligner 'mfa'": alignment_of(without_times, aligner="mfa", out="other"),
        "every utterance of demo has its alignment": alignment_of("demo"),
    }
    for message, task in wrong.items():
        job = engine.ended(engine.ask("alignment", task))
        assert job.state == "failed"
        assert message in job.error
    assert not list((engine.home / "alignments" / "other").rglob("*.TextGrid"))
    assert not list(engine.home.parent.glob("out"))


def test_the_store_is_checked_and_what_is_damaged_told_and_dropped(engine):
    whole, damaged = (Key("checked", 1, {"n": n}) for n in range(2))
    for key in (whole, damaged):
        engine.store.put(key, {"x": np.zeros(4)}, labels={"corpus": "c"})
    engine.store.file_of(engine.store.entry(damaged.digest)).write_bytes(b"damaged")
    before = len(list(engine.store.find()))
    job = engine.ended(engine.ask("care", VERIFY))
    assert (job.state, job.total, job.done, job.failed) == ("done", before, before - 1, 1)
    assert engine.log_of(job)[2:] == [
        f"dropped {damaged.digest}: checked, corpus c",
        f"{before:,} records checked, 1 damaged ones dropped",
        "done",
    ]
    assert engine.store.missing([whole, damaged]) == [damaged]


def test_the_store_is_pruned_of_what_is_asked_for_and_no_more(engine):
    keys = [Key("pruned", 1, {"n": n}) for n in range(3)]
    for key, corpus in zip(keys, "ccd", strict=True):
        engine.store.put(key, {"x": np.zeros(4)}, labels={"corpus": corpus})
    before = len(list(engine.store.find()))
    task = Pruning(kind="pruned", corpus="c").as_task()
    job = engine.ended(engine.ask("care", task))
    assert (job.state, job.total, job.done) == ("done", 2, 2)
    assert engine.log_of(job)[-2].startswith("2 records deleted, 0.0 MiB")
    assert engine.store.missing(keys) == keys[:2]
    assert len(list(engine.store.find())) == before - 2


def test_care_that_cannot_be_taken_fails_with_one_clear_message(engine):
    wrong = {
        "cannot be asked to 'burn'; choose one of verify, prune": {"action": "burn"},
        "prune needs a kind, labels, an age or a size": Pruning().as_task(),
    }
    for message, task in wrong.items():
        job = engine.ended(engine.ask("care", task))
        assert job.state == "failed"
        assert message in job.error


@pytest.mark.usefixtures("unchecked_types")
def test_care_that_is_cancelled_stops_before_the_next_record(store, wait_until):
    for n in range(3):
        store.put(Key("a", 1, {"n": n}), {"x": np.zeros(4)})
    first, go_on = threading.Event(), threading.Event()
    is_whole = store._is_whole  # noqa: SLF001 - the check of one record takes its time

    def slow(entry):
        first.set()
        assert go_on.wait(60)
        return is_whole(entry)

    store._is_whole = slow  # noqa: SLF001 - see above
    work = CareWork(Job("care", VERIFY), store, lambda _: None)
    assert first.wait(60)
    assert not work.advance(None)
    work.release()
    go_on.set()
    with pytest.raises(EngineError, match="was stopped"):
        wait_until(lambda: work.advance(None), "it has stopped")
    assert work.counts.done == 1


@pytest.mark.usefixtures("unchecked_types")
def test_own_workers_that_do_not_come_back_are_waited_for_a_minute():
    workers = {}
    cluster = SimpleNamespace(scheduler_info={"workers": workers})
    client = SimpleNamespace(status="running", cluster=cluster)
    assert check_workers(client, 100.0, 160.0) == 100.0
    with pytest.raises(ConnectionError, match="no worker has started for a minute"):
        check_workers(client, 100.0, 160.1)
    elsewhere = SimpleNamespace(status="running", cluster=None)
    assert check_workers(elsewhere, 100.0, 900.0) == 900.0
    workers["tls://127.0.0.1:1"] = {}
    assert check_workers(client, 100.0, 900.0) == 900.0
    with pytest.raises(ConnectionError, match="the connection to the scheduler is lost"):
        check_workers(SimpleNamespace(status="connecting", cluster=cluster), 100.0, 100.0)
