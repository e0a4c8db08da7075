import pytest

from pipeline.analyses import AnalysisRequest
from pipeline.configuration import open_store
from pipeline.engine import open_queue, retry
from pipeline.errors import EngineError, LayerScopeError
from pipeline.request import ComparisonRequest
from pipeline.words.storage import failure_key

REQUEST = ComparisonRequest("demo", "s3prl:fbank", "control:onehot")
ANALYSIS = AnalysisRequest(REQUEST, "nulls")


@pytest.fixture
def queue(home):  # noqa: ARG001 - a home folder of its own
    with open_queue() as opened:
        yield opened


@pytest.fixture
def note(home):  # noqa: ARG001 - a home folder of its own
    """The key of the note that an utterance of the comparison failed."""
    with open_store() as store:
        key = failure_key(REQUEST.plan(store).a.keys["ada-01"])
        store.put(key, {}, {"reason": "too short"})
    return key


def ended(queue, kind, task, *, failed=0, error=None):
    job = queue.submit(kind, task)
    queue.claim(job)
    queue.count(job, total=80, done=80 - failed, failed=failed, at_start=0)
    queue.finish(job, error)
    return queue.find(job.digest)


@pytest.mark.parametrize("request_", [REQUEST, ANALYSIS], ids=["comparison", "analysis"])
def test_what_is_done_but_for_some_utterances_is_queued_with_these(queue, note, request_):
    kind = "comparison" if request_ is REQUEST else "analysis"
    job = ended(queue, kind, request_.as_dict(), failed=1)
    with open_store() as store:
        again = retry(queue, store, job, "ben")
        assert store.get(note) is None
    assert (again.digest, again.state, again.attempt) == (job.digest, "queued", 2)
    assert again.asked_by == "ben"


def test_a_page_that_failed_is_queued_and_forgets_nothing(queue, note):
    job = ended(queue, "view", {"corpus": "demo"}, error="no such utterance")
    with open_store() as store:
        assert retry(queue, store, job).state == "queued"
        assert store.get(note) is not None


def test_what_runs_or_is_whole_is_not_tried_again(queue, note):
    job = ended(queue, "comparison", REQUEST.as_dict())
    running = queue.submit("view", {})
    with open_store() as store:
        for each, state in ((job, "done"), (running, "queued")):
            with pytest.raises(EngineError, match=f"is {state}; there is nothing to try again"):
                retry(queue, store, each)
        assert store.get(note) is not None
    assert queue.find(job.digest).attempt == 1


def test_a_comparison_that_cannot_be_planned_any_more_is_not_queued(queue):
    gone = {**REQUEST.as_dict(), "corpus": "no-such-corpus"}
    job = ended(queue, "comparison", gone, error="the model broke")
    with open_store() as store, pytest.raises(LayerScopeError, match="no-such-corpus"):
        retry(queue, store, job)
    assert queue.find(job.digest).state == "failed"
