from dataclasses import replace

import pytest

from dashboard import loading
from pipeline.comparison import load_result
from pipeline.configuration import open_store
from pipeline.engine import open_queue
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.similarity.measure import MEASURES

PAIR = ComparisonRequest("demo", "control:duration", "control:lookup")
NAMES = {"a": PAIR.model_a, "b": PAIR.model_b}


@pytest.fixture
def measured(home):  # noqa: ARG001 - a home folder of its own
    """The comparison by two of the measures."""
    with open_store() as store:
        plans = [replace(PAIR, measure=name).plan(store) for name in ("cka", "rsa")]
        for plan in plans:
            run_plan(plan, store)
        return [load_result(plan, store) for plan in plans]


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "text") for element in test.get(kind)
    )


def test_each_measure_that_is_there_has_a_line_with_its_value_and_the_others_are_named(
    app, measured
):
    test = app("measures", **NAMES)
    (table,) = [each.value for each in test.dataframe if "measure" in each.value]
    assert table["measure"].tolist() == [
        "debiased linear CKA", "biased linear CKA", "RSA (Spearman)"
    ]  # fmt: skip
    cka, rsa = (result.scores[0, 0] for result in measured)
    assert table["value"].tolist()[::2] == pytest.approx([cka, rsa])
    others = [measure.title for name, measure in MEASURES.items() if name not in ("cka", "rsa")]
    assert f"Not computed yet: {', '.join(others)}" in texts(test)


def test_the_others_are_asked_for_once_each(app, measured):  # noqa: ARG001
    test = app("measures", **NAMES)
    test.button(key="compute-measures").click().run()
    with open_queue() as queue:
        asked = sorted(job.task["measure"] for job in queue.active())
    assert asked == sorted(set(MEASURES) - {"cka", "rsa"})
    assert test.button(key="compute-measures").disabled


def test_results_are_looked_up_once_a_run(app, measured, monkeypatch):  # noqa: ARG001
    looked_up, results_by_measure = [], loading.results_by_measure

    def noted(request):
        looked_up.append(request)
        return results_by_measure(request)

    monkeypatch.setattr(loading, "results_by_measure", noted)
    app("measures", **NAMES)
    assert looked_up == [PAIR]


def test_a_measure_that_failed_says_why_and_can_be_asked_for_again(app, measured):  # noqa: ARG001
    with open_queue() as queue:
        job = queue.submit("comparison", replace(PAIR, measure="svcca").as_dict(), "somebody")
        assert queue.claim(job)
        assert queue.finish(job, "no memory")
    test = app("measures", **NAMES)
    assert "SVCCA failed: no memory" in texts(test)
    assert not test.button(key="compute-measures").disabled


def test_without_embeddings_it_says_what_is_missing(app):
    test = app("measures", a="minilm", b="control:lookup")
    assert "Not computed yet" in texts(test)
    assert not [each for each in test.dataframe if "measure" in each.value]
