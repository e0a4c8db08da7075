from pipeline.analyses import AnalysisRequest
from pipeline.engine.care_task import VERIFY, Pruning
from pipeline.engine.job_title import title, unit
from pipeline.engine.jobs import Job
from pipeline.request import ComparisonRequest

REQUEST = ComparisonRequest("demo", "minilm", "s3prl:fbank")


def test_a_comparison_names_its_corpus_models_and_measure():
    assert title(Job("comparison", REQUEST.as_dict())) == "demo: minilm x s3prl:fbank"
    by_rsa = {**REQUEST.as_dict(), "measure": "rsa"}
    assert title(Job("comparison", by_rsa)) == "demo: minilm x s3prl:fbank by rsa"
    earlier = {name: value for name, value in by_rsa.items() if name != "measure"}
    assert title(Job("comparison", earlier)) == "demo: minilm x s3prl:fbank"


def test_an_analysis_names_its_comparison_and_layers():
    cell = AnalysisRequest(REQUEST, "calibration", (3, 0)).as_dict()
    expected = "demo: minilm x s3prl:fbank, calibration of layers 3 and 0"
    assert title(Job("analysis", cell)) == expected
    nulls = AnalysisRequest(REQUEST, "nulls").as_dict()
    assert title(Job("analysis", nulls)) == "demo: minilm x s3prl:fbank, nulls"


def test_pages_and_alignments_name_their_corpus():
    page = {"corpus": "demo", "utterance": "ada-01"}
    assert title(Job("view", page)) == "demo: page of ada-01"
    task = {"corpus": "/speech", "aligner": "pocketsphinx", "out": "mine"}
    assert title(Job("alignment", task)) == "/speech: alignment by pocketsphinx into mine"


def test_care_names_what_is_done_to_the_store():
    assert title(Job("care", VERIFY)) == "store: verify"
    pruning = Pruning(kind="matrix", older_than_days=7)
    assert title(Job("care", pruning.as_task())) == "store: prune kind matrix, older than 7 days"
    assert unit(Job("care", VERIFY)) == "records"
    assert unit(Job("view", {})) == "utterances"
