"""The selected cell's calibration, through the page."""

from dataclasses import replace

import pytest

from dashboard.parts.calibration import readings
from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.configuration import open_store
from pipeline.engine import open_queue
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.similarity.row_settings import RowSettings

QUICK = ComparisonRequest("demo", "control:onehot", "control:lookup")
REQUEST = AnalysisRequest(QUICK, "calibration", (0, 0))


@pytest.fixture
def computed(home):
    with open_store() as store:
        run_plan(QUICK.plan(store), store)
    return home


def opened(app, **parameters):
    return app(a="control:onehot", b="control:lookup", **parameters)


@pytest.mark.usefixtures("computed")
def test_the_button_asks_for_the_calibration_of_the_cell_and_its_estimator(app):
    opened(app, estimator="Biased").button(key="calibrate").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    assert AnalysisRequest.from_dict(job.task) == replace(REQUEST, estimator="biased")
    assert opened(app, estimator="Biased").button(key="calibrate").disabled
    assert not opened(app).button(key="calibrate").disabled


@pytest.mark.usefixtures("computed")
def test_a_calibration_that_is_there_is_shown_with_its_counts(app):
    with open_store() as store:
        plan = QUICK.plan(store)
        compute_analysis(REQUEST, plan, store)
        found = load_analysis(REQUEST, plan, store)
    test = opened(app)
    shown = {metric.label: metric.value for metric in test.metric}
    null, interval = found.type_null, found.interval
    assert shown["By words alone"] == f"{null.mean:.3f} ± {null.sd:.3f}"
    assert shown["95% interval"] == f"{interval.low:.3f} to {interval.high:.3f}"
    captions = "".join(each.value for each in test.caption)
    assert f"{null.rows:,} rows, 200 permutations of word types, 1,000 draws" in captions
    assert "20 splits of tokens, seed 0." in captions


@pytest.mark.usefixtures("home")
def test_what_does_not_exist_is_not_shown():
    within = replace(QUICK, model_b="control:duration", rows=RowSettings(values="within type"))
    request = replace(REQUEST, comparison=within)
    with open_store() as store:
        compute_analysis(request, within.plan(store), store)
        found = load_analysis(request, within.plan(store), store)
    assert [label for label, *_ in readings(found)] == ["95% interval"]


@pytest.mark.usefixtures("computed")
def test_why_a_calibration_failed_is_told_and_it_can_be_asked_for_again(app):
    with open_queue() as queue:
        job = queue.submit("analysis", REQUEST.as_dict(), "ada")
        queue.claim(job)
        queue.finish(job, "no memory")
    test = opened(app)
    assert "The last attempt failed: no memory" in "".join(each.value for each in test.text)
    assert not test.button(key="calibrate").disabled


@pytest.mark.usefixtures("computed")
def test_types_exchange_vectors_as_the_page_says_and_the_link_keeps_it(app):
    opened(app, exchange="As frequent").button(key="calibrate").click().run()
    with open_queue() as queue:
        (job,) = queue.active()
    asked = replace(REQUEST, settings={"within": "frequency"})
    assert AnalysisRequest.from_dict(job.task) == asked
    with open_store() as store:
        compute_analysis(asked, QUICK.plan(store), store)
    test = opened(app, exchange="As frequent")
    captions = "".join(each.value for each in test.caption)
    assert "200 permutations of word types of one frequency" in captions
    (link,) = [each.value for each in test.code if "schema=" in each.value]
    assert "exchange=As+frequent" in link
    assert "calibrate" in [button.key for button in opened(app).button]


@pytest.mark.usefixtures("home")
def test_rows_within_types_have_no_exchange_to_choose(app):
    within = replace(QUICK, model_b="control:duration", rows=RowSettings(values="within type"))
    with open_store() as store:
        run_plan(within.plan(store), store)
    test = app(a=within.model_a, b=within.model_b, values="Within type")
    keys = {element.key for kind in ("button_group", "button") for element in test.get(kind)}
    assert "calibrate" in keys
    assert "exchange" not in keys
