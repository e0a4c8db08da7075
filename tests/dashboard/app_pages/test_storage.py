import numpy as np
import pytest

from cache import Key
from dashboard import loading
from pipeline.configuration import open_store
from pipeline.engine import VERIFY, open_queue


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "text") for element in test.get(kind)
    )


def count():
    with open_store() as store:
        return len(list(store.find()))


@pytest.fixture
def queue(home):  # noqa: ARG001 - a home folder of its own
    with open_queue() as opened:
        yield opened


@pytest.fixture
def filled(home):
    """Four embeddings of two models, and a matrix that is larger than they."""
    with open_store() as store:
        for n in range(4):
            labels = {"corpus": "demo", "model": ["small", "[odd](name)"][n % 2]}
            store.put(Key("embedding", 1, {"n": n}), {"x": np.zeros(100)}, labels=labels)
        store.put(Key("matrix", 1, {}), {"x": np.zeros(2**18)}, labels={"corpus": "demo"})
    return home


def test_an_empty_store_says_what_comes_here(app, monkeypatch):
    # The first page that is opened stores something.
    monkeypatch.setattr(loading, "usage", tuple)
    test = app("storage")
    assert "Nothing is stored yet" in texts(test)
    assert test.metric[0].value == "0"
    assert list(test.dataframe) == []


@pytest.mark.usefixtures("filled")
def test_the_totals_the_limit_and_the_free_disk_are_told(app, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_STORE_LIMIT", "3GiB")
    records, used, limit, free = app("storage").metric
    assert (records.value, limit.value) == (str(count()), "3.0 GiB")
    assert float(used.value.removesuffix(" MiB")) == pytest.approx(2.0, abs=0.1)
    assert free.value.split()[1] in ("GiB", "TiB", "MiB")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("by", "name", "expected"),
    [
        ("Kind", "kind", ["matrix", "embedding"]),
        ("Corpus", "corpus", ["demo"]),
        ("Model", "model", ["", "[odd](name)"]),
        ("All", "settings", [""] * 4),
    ],
)
def test_what_takes_the_room_is_told_the_largest_first(app, by, name, expected):
    table = app("storage", by=by).dataframe[0].value
    assert [each for each in table[name] if each in expected] == expected
    assert table["mib"].is_monotonic_decreasing
    assert table["records"].sum() == count()
    assert table["mib"].iloc[0] >= 2.0


@pytest.mark.usefixtures("filled")
def test_a_check_is_asked_for_and_its_outcome_told(app, queue):
    test = app("storage")
    test.button(key="verify").click().run()
    (job,) = queue.active()
    assert (job.kind, job.task) == ("care", VERIFY)
    assert app.engine_wanted
    assert "Waiting for the engine" in texts(test)
    queue.claim(job)
    queue.count(job, total=5, done=2, failed=0, at_start=0)
    (bar,) = app("storage").get("progress")
    assert bar.proto.text.startswith("2 of 5 · ")
    assert "records/s" in bar.proto.text
    queue.log(job.digest, "5 records checked, 0 damaged ones dropped")
    queue.finish(job)
    assert "5 records checked, 0 damaged ones dropped" in texts(app("storage"))


@pytest.mark.usefixtures("filled")
def test_a_check_that_failed_says_why(app, queue):
    job = queue.submit("care", VERIFY)
    queue.claim(job)
    queue.finish(job, "the disk is gone")
    assert "the disk is gone" in texts(app("storage"))


@pytest.mark.usefixtures("filled")
def test_nothing_is_deleted_before_it_was_counted_and_confirmed(app, queue):
    test = app("storage")
    assert "prune" not in [button.key for button in test.button]
    test.selectbox(key="prune_model").select("[odd](name)").run()
    assert "Would delete 2 records, " in texts(test)
    test.button(key="prune").click().run()
    assert ": model [odd](name)" in texts(test)
    assert queue.active() == []
    test.button(key="prune-keep").click().run()
    assert queue.active() == []
    test.button(key="prune").click().run()
    test.button(key="prune-confirm").click().run()
    (job,) = queue.active()
    assert job.task["action"] == "prune"
    set_ = {name: value for name, value in job.task.items() if value is not None}
    assert set_ == {"action": "prune", "model": "[odd](name)"}
    assert count() >= 5


@pytest.mark.usefixtures("filled")
def test_criteria_add_up_and_what_none_meets_cannot_be_deleted(app):
    test = app("storage", prune_kind="embedding", prune_model="small")
    assert "Would delete 2 records, " in texts(test)
    test = app("storage", prune_kind="embedding", prune_gib="0")
    assert "Would delete 4 records, " in texts(test)
    test = app("storage", prune_kind="embedding", prune_days="1")
    assert "Would delete 0 records, 0 B" in texts(test)
    assert test.button(key="prune").disabled


@pytest.mark.usefixtures("filled")
def test_what_the_store_does_not_hold_is_no_criterion(app):
    test = app("storage", prune_kind="no-such-kind")
    assert test.selectbox(key="prune_kind").value == "Any"
    assert "Choose what to delete" in texts(test)


@pytest.mark.usefixtures("filled")
def test_a_pruning_is_not_tried_again_without_a_look(app, queue):
    test = app("storage", prune_kind="matrix")
    test.button(key="prune").click().run()
    test.button(key="prune-confirm").click().run()
    (job,) = queue.active()
    queue.cancel(job)
    shown = app("jobs", job=job.id)
    assert "retry" not in [button.key for button in shown.button]
    assert "store: prune kind matrix" in texts(shown)
