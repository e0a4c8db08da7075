from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.analyses import AnalysisRequest, compute_analysis
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.registry import add_corpus
from pipeline.engine import open_queue
from pipeline.models import find_model
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.words.storage import failure_key

QUICK = ComparisonRequest("demo", "control:onehot", "control:lookup")


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "text") for element in test.get(kind)
    )


@pytest.fixture
def computed(home):
    """The comparison of two controls, which takes no model."""
    with open_store() as store:
        run_plan(QUICK.plan(store), store)
    return home


def test_without_a_result_the_page_says_what_is_missing_and_offers_to_compute(app):
    test = app()
    assert "Not computed yet" in texts(test)
    assert "160 word embeddings are missing" in texts(test)
    assert not test.button(key="compute").disabled
    assert app.engine_wanted == []


def test_compute_queues_one_job_however_often_it_is_pressed(app):
    test = app()
    test.button(key="compute").click().run()
    app()
    with open_queue() as queue:
        (job,) = queue.active()
    assert job.task["model_a"] == "minilm"
    assert job.asked_by == "local"
    assert test.button(key="compute").disabled
    assert "waiting for the engine" in test.get("progress")[0].proto.text


def test_while_a_page_watches_a_job_an_engine_that_ended_is_started_again(app):
    app().button(key="compute").click().run()
    app.engine_wanted.clear()
    app()
    assert app.engine_wanted


def test_a_cancelled_job_is_told_and_can_be_asked_for_again(app):
    test = app()
    test.button(key="compute").click().run()
    test.button(key="cancel").click().run()
    assert "The last attempt was cancelled" in texts(test)
    with open_queue() as queue:
        assert queue.active() == []
        (job,) = queue.latest()
        assert queue.log_of(job.digest)[-1].text == "cancelled by local"
    assert test.button(key="compute").label == "Retry"
    test.button(key="compute").click().run()
    with open_queue() as queue:
        assert queue.find(job.digest).is_active


def test_rate_and_time_left_follow_from_what_was_computed_since_the_start(app):
    test = app(a="control:onehot", b="s3prl:fbank")
    test.button(key="compute").click().run()
    with open_store() as store, open_queue() as queue:
        (job,) = queue.active()
        queue.claim(job)
        queue.count(job, total=80, done=0, failed=0, at_start=0)
        side = ComparisonRequest.from_dict(job.task).plan(store).b
        keys = list(side.keys.values())
        for key in keys[:20]:
            store.put(key, {}, {}, {"model": "s3prl:fbank"})
        # As if it had run for 100 s.
        queue._change("UPDATE jobs SET started_at_s = started_at_s - 100", [])  # noqa: SLF001 - time passes
    text = app(a="control:onehot", b="s3prl:fbank").get("progress")[0].proto.text
    assert text == "20 of 80 embeddings · 0.2 utterances/s · about 5 min left"


def test_a_failed_job_is_told_and_can_be_tried_again_with_its_failed_utterances(app):
    test = app()
    test.button(key="compute").click().run()
    with open_store() as store, open_queue() as queue:
        (job,) = queue.active()
        key = ComparisonRequest.from_dict(job.task).plan(store).a.keys["ada-01"]
        store.put(failure_key(key), {}, {"reason": "no room"})
        queue.claim(job)
        queue.finish(job, "the model broke")
    test = app()
    assert "The last attempt failed: the model broke" in texts(test)
    assert test.button(key="compute").label == "Retry"
    test.button(key="compute").click().run()
    with open_store() as store, open_queue() as queue:
        assert queue.find(job.digest).is_active
        assert store.get(failure_key(key)) is None


@pytest.mark.usefixtures("computed")
def test_a_result_is_shown_with_its_value_chance_and_counts(app):
    test = app(a="control:onehot", b="control:lookup")
    value, chance, excess = test.metric
    corpus = open_corpus("demo")
    words = [word for utterance in corpus.utterances for word in utterance.words]
    n = len(words)
    assert chance.value == f"0.000 ± {np.sqrt(2 / (n * (n - 3))):.3f}"
    assert float(value.value) > 0.5
    assert float(excess.value) > 100
    assert f"{n:,} tokens of {len(set(words))} types by 5 speakers" in texts(test)
    assert test.button(key="compute").disabled


@pytest.mark.usefixtures("computed")
def test_the_estimator_changes_the_value(app):
    test = app(a="control:onehot", b="control:lookup")
    debiased = float(test.metric[0].value)
    test = app(a="control:onehot", b="control:lookup", estimator="Biased")
    assert float(test.metric[0].value) > debiased
    assert float(test.metric[1].value.split()[0]) > 0


def test_how_sure_the_best_layer_is_is_asked_for_and_then_told(app, computed):  # noqa: ARG001
    names = {"a": QUICK.model_a, "b": QUICK.model_b}
    test = app(**names)
    test.button(key="intervals").click().run()
    with open_queue() as queue, open_store() as store:
        (job,) = queue.active()
        asked = AnalysisRequest.from_dict(job.task)
        assert (asked.name, asked.layers, asked.estimator) == ("intervals", None, "debiased")
        compute_analysis(replace(asked, settings={}), QUICK.plan(store), store)
    test = app(**names)
    assert "**Best layer of A** beside layer 0 of B: 0 (100%)" in texts(test)
    assert "400 draws of 92 types" in texts(test)


def jobs_asked_for():
    with open_queue() as queue:
        return [AnalysisRequest.from_dict(job.task) for job in queue.active()]


def masked(app, by):
    return app(a="control:onehot", b="control:lookup", mask_by=by)


@pytest.mark.parametrize(
    ("by", "names"), [("Words", ["nulls"]), ("Interval", ["nulls", "intervals"])]
)
def test_a_mask_asks_for_what_it_is_of_and_says_what_it_is_once_that_is_there(
    app,
    computed,  # noqa: ARG001
    by,
    names,
):
    test = masked(app, by)
    assert "No crosses yet" in texts(test)
    requests = [AnalysisRequest(QUICK, name) for name in names]
    for name in names:
        test.button(key=f"all-{name}").click().run()
    assert jobs_asked_for() == requests
    with open_store() as store:
        for request in requests:
            compute_analysis(request, QUICK.plan(store), store)
    test = masked(app, by)
    assert not {f"all-{name}" for name in names} & {button.key for button in test.button}
    assert f"Crosses: {'word types reach' if by == 'Words' else 'the 95% interval'}" in texts(test)
    (link,) = [each.value for each in test.code if "schema=" in each.value]
    assert f"mask_by={by}" in link


def test_the_mask_of_chance_needs_nothing_computed(app, computed):  # noqa: ARG001
    test = masked(app, "Chance")
    assert "Crosses: at most 2 standard deviations above what rows give" in texts(test)
    assert not [button for button in test.button if str(button.key).startswith("all-")]
    assert "Crosses" not in texts(masked(app, "Nothing"))


def test_a_layer_that_another_model_lacks_becomes_its_last(app, home):
    request = replace(QUICK, model_a="minilm")
    with open_store() as store:
        side = request.plan(store).a
        corpus = open_corpus("demo")
        for utterance in corpus.utterances:
            count = len(utterance.words)
            arrays = {
                "vectors": np.random.default_rng(0).normal(size=(7, count, 4)).astype("f4"),
                "token_ids": np.arange(count, dtype=np.int32),
                "spans": np.zeros((count, 2), dtype=np.int32),
            }
            store.put(side.keys[utterance.id], arrays, {}, {"model": "minilm"})
        run_plan(request.plan(store), store)
        run_plan(QUICK.plan(store), store)
    test = app(a="minilm", b="control:lookup", la="6")
    assert test.number_input(key="la").value == 6
    test.selectbox(key="a").select("control:onehot").run()
    assert not test.exception
    assert test.number_input(key="la").value == 0
    assert Path(home).exists()


def test_phones_of_a_text_model_are_explained(app):
    assert "which has no phones; choose the unit 'word'" in texts(app(unit="Phone"))


def test_a_registered_corpus_with_problems_lists_them(app, shared):
    speech = shared / "speech"
    add_corpus("real", speech / "LibriSpeech", speech / "alignments-mfa", home_folder())
    test = app(corpus="real", a="control:onehot", b="control:lookup")
    assert "29 utterances" in texts(test)
    assert len(test.dataframe[0].value) == 25


def test_model_names_that_do_not_exist_in_a_link_fall_back_to_the_default(app):
    test = app(a="no-such-model", corpus="no-such-corpus")
    assert test.selectbox(key="a").value == "minilm"
    assert test.selectbox(key="corpus").value == "demo"


@pytest.mark.usefixtures("home")
def test_the_menus_offer_every_registered_model_and_those_of_the_environment(app, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODELS", "untrained:bert-base?seed=1")
    options = app().selectbox(key="b").options
    assert "untrained:bert-base?seed=1" in options
    assert find_model("s3prl:mel").name in options
