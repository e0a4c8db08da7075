from urllib.parse import parse_qs

import pytest

from pipeline.configuration import open_store
from pipeline.engine import open_queue
from pipeline.engine.lifecycle import UNREACHABLE, serving, tell_scheduler
from pipeline.request import ComparisonRequest
from pipeline.words.storage import failure_key

REQUEST = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")
OTHER = ComparisonRequest("demo", "s3prl:mel", "control:onehot")
PAGE = {"corpus": "demo", "alignments": None, "utterance": "ada-01", "model": None}


def texts(test):
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption", "text", "code")
        for element in test.get(kind)
    )


def values(test):
    """Return what the record of the selected job says, by name."""
    return dict(test.dataframe[-1].value[["name", "value"]].to_numpy().tolist())


@pytest.fixture
def queue(home):  # noqa: ARG001 - a home folder of its own
    with open_queue() as opened:
        yield opened


def ended(queue, request=REQUEST, error=None, *, failed=0):
    job = queue.submit("comparison", request.as_dict(), "ada")
    queue.claim(job)
    queue.count(job, total=80, done=70, failed=failed, at_start=0)
    queue.finish(job, error)
    return queue.find(job.digest)


def test_without_jobs_the_page_says_what_comes_here(app):
    test = app("jobs")
    assert "No jobs yet" in texts(test)
    assert "Engine idle" in texts(test)
    assert app.engine_wanted == []


def test_what_runs_shows_its_progress_and_what_waits_that_it_does(app, queue):
    waiting = queue.submit("view", PAGE, "ben")
    running = queue.submit("comparison", REQUEST.as_dict(), "ada")
    queue.claim(running)
    queue.count(running, total=80, done=15, failed=5, at_start=0)
    queue._change("UPDATE jobs SET started_at_s = started_at_s - 1000", [])  # noqa: SLF001 - time passes
    test = app("jobs")
    said = texts(test)
    assert "demo: s3prl:fbank x control:onehot" in said
    assert "demo: page of ada-01" in said
    assert "Waiting for the engine" in said
    (bar,) = test.get("progress")
    assert bar.proto.text == "20 of 80 · 5 failed · 0.02 utterances/s · about 50 min left"
    assert bar.proto.value == 25
    assert app.engine_wanted
    test.button(key=f"cancel-{waiting.id}").click().run()
    assert queue.find(waiting.digest).state == "cancelled"
    assert queue.find(running.digest).state == "running"


def test_what_ended_is_listed_with_its_state_who_asked_and_why_it_failed(app, queue):
    ended(queue, failed=2)
    ended(queue, OTHER, "the model broke")
    table = app("jobs").dataframe[0].value
    assert table["state"].tolist() == ["Failed", "Done, 2 failed"]
    assert table["why"].tolist() == ["the model broke", ""]
    assert table["asked_by"].tolist() == ["ada", "ada"]
    assert table["kind"].tolist() == ["Comparison", "Comparison"]


def test_the_list_is_filtered_by_state_and_kind(app, queue):
    ended(queue)
    ended(queue, OTHER, "the model broke")
    waiting = queue.submit("view", PAGE)
    test = app("jobs", state="Failed")
    assert test.dataframe[0].value["state"].tolist() == ["Failed"]
    assert "page of ada-01" not in texts(test)
    test = app("jobs", kind="Recording")
    assert list(test.dataframe) == []
    assert "page of ada-01" in texts(test)
    assert "No job is of this state and kind" in texts(app("jobs", kind="Alignment"))
    queue.cancel(waiting)
    assert app("jobs", kind="Recording").dataframe[0].value["state"].tolist() == ["Cancelled"]
    assert "No job is of this state" in texts(app("jobs", kind="Recording", state="Failed"))


def test_a_selected_job_shows_its_whole_record_and_its_log(app, queue):
    job = ended(queue, error="a [link](https://example.org) *broke*")
    test = app("jobs", job=job.id)
    record = values(test)
    assert record["id"] == job.digest
    assert record["asked by"] == "ada"
    assert record["done"] == "70 of 80"
    assert record["model_a"] == "s3prl:fbank"
    assert record["settings.pooling"] == "mean"
    why, log = test.code
    assert why.value == "a [link](https://example.org) *broke*"
    lines = [line[21:] for line in log.value.splitlines()]
    assert lines == [line.text for line in queue.log_of(job.digest)]
    test.button(key="close").click().run()
    assert list(test.code) == []
    assert "job" not in test.query_params


@pytest.mark.parametrize("digits", ["no-such-job", "<b>", "%"])
def test_a_job_that_there_is_not_is_told(app, queue, digits):
    ended(queue)
    assert f"there is no job that starts with {digits!r}" in texts(app("jobs", job=digits))


def test_a_selected_job_is_cancelled_and_tried_again(app, queue):
    job = queue.submit("comparison", REQUEST.as_dict(), "ada")
    test = app("jobs", job=job.id)
    test.button(key="cancel").click().run()
    assert queue.find(job.digest).state == "cancelled"
    with open_store() as store:
        note = failure_key(REQUEST.plan(store).a.keys["ada-01"])
        store.put(note, {}, {"reason": "too short"})
    app.engine_wanted.clear()
    test.button(key="retry").click().run()
    again = queue.find(job.digest)
    assert (again.state, again.attempt, again.asked_by) == ("queued", 2, "local")
    with open_store() as store:
        assert store.get(note) is None
    assert app.engine_wanted


def test_what_cannot_be_tried_again_says_why_and_stays_as_it_is(app, queue):
    gone = ComparisonRequest("no-such-corpus", "s3prl:fbank", "control:onehot")
    job = ended(queue, gone, "the model broke")
    test = app("jobs", job=job.id)
    test.button(key="retry").click().run()
    assert "no-such-corpus" in texts(test)
    assert "This cannot be shown" in texts(test)
    assert queue.find(job.digest).state == "failed"


def test_what_is_whole_offers_no_retry_and_opens_in_its_page(app, queue):
    job = ended(queue)
    test = app("jobs", job=job.id)
    assert "retry" not in [button.key for button in test.button]
    (link,) = test.get("link_button")
    assert link.proto.label == "Open"
    page, _, query = link.proto.url.partition("?")
    assert page == "/"
    assert parse_qs(query)["a"] == ["s3prl:fbank"]
    assert parse_qs(query)["b"] == ["control:onehot"]


def test_what_no_page_can_show_is_not_opened(app, queue):
    unlisted = ComparisonRequest("demo", "hf-text:/models/mine", "control:onehot")
    elsewhere = ComparisonRequest("/speech", "s3prl:fbank", "control:onehot")
    for request in (unlisted, elsewhere):
        job = ended(queue, request, "the model broke")
        assert list(app("jobs", job=job.id).get("link_button")) == []


def test_a_scheduler_that_cannot_be_reached_is_told(app, home):
    home.mkdir(exist_ok=True)
    with serving(home):
        tell_scheduler(home, f"{UNREACHABLE} (refused); it is tried again and again")
        said = texts(app("jobs"))
    assert "Scheduler unreachable" in said
    assert "cannot be reached (refused); it is tried again and again" in said
