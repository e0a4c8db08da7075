import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import pipeline
from cache import Store, StoreFullError
from pipeline.comparison import load_result
from pipeline.errors import MatrixError, SettingsError
from pipeline.matrices import build_matrices
from pipeline.models import find_model
from pipeline.planning import bytes_needed, coverage, make_plan
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.settings import AlignmentSettings


def test_the_public_names_of_the_package_are_what_they_say():
    for name in pipeline.__all__:
        assert getattr(pipeline, name).__module__.startswith("pipeline.")


def test_similarity_is_reached_from_the_package_alone():
    code = (
        "import numpy as np, pipeline\n"
        "x = [np.random.default_rng(0).normal(size=(20, 3))]\n"
        "print(pipeline.similarity.cka(x, x)[0, 0])"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == pytest.approx(1)


def test_a_name_that_the_package_lacks_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pipeline.nothing


def test_progress_wraps_each_model_s_work(store):
    seen = []

    def progress(items, length, heading):
        seen.append((length, heading))
        return items

    demo = pipeline.open_corpus("demo")
    specs = find_model("s3prl:fbank"), find_model("s3prl:mfcc")
    plan = make_plan(demo, *specs, AlignmentSettings(), store)
    done = run_plan(plan, store, progress=progress)
    assert seen == [(80, "s3prl:fbank"), (80, "s3prl:mfcc")]
    assert (done["computed"], done["results"]) == (160, 1)
    assert run_plan(plan, store) == {"cached": 160}


def test_compare_is_symmetric_and_knows_identity(store):
    demo = pipeline.open_corpus("demo")
    ab = pipeline.compare(demo, "s3prl:fbank", "control:onehot", store=store)
    ba = pipeline.compare(demo, "control:onehot", "s3prl:fbank", store=store)
    np.testing.assert_allclose(ab.scores, ba.scores.T, atol=1e-12)
    same = pipeline.compare(demo, "control:onehot", "control:onehot", store=store)
    np.testing.assert_allclose(same.scores, 1, atol=1e-12)


def test_a_request_is_compared_as_its_parts_are_and_with_its_rows_and_measure(store):
    request = ComparisonRequest("demo", "control:onehot", "control:lookup")
    demo = pipeline.open_corpus("demo")
    parts = pipeline.compare(
        demo, request.model_a, request.model_b, estimator="biased", store=store
    )
    found = pipeline.compare_request(request, estimator="biased", store=store)
    np.testing.assert_array_equal(found.scores, parts.scores)
    means = replace(request, rows=pipeline.RowSettings(values="type means"), measure="rsa")
    found = pipeline.compare_request(means, store=store)
    assert (found.measure, found.counts.rows) == ("rsa", found.counts.types)


def test_an_analysis_is_computed_once_and_refuses_settings_that_it_has_not(store, monkeypatch):
    comparison = ComparisonRequest("demo", "control:onehot", "control:lookup")
    request = pipeline.AnalysisRequest(comparison, "nulls", settings={"permutations": 20})
    first = pipeline.analyse(request, store=store)
    monkeypatch.setattr("pipeline.run.compute_analysis", None)
    np.testing.assert_array_equal(pipeline.analyse(request, store=store).p, first.p)
    with pytest.raises(SettingsError, match=r"the analysis nulls: .*'nothing'"):
        pipeline.analyse(replace(request, settings={"nothing": 1}), store=store)


def test_phones_can_be_compared_by_models_that_hear(store):
    demo = pipeline.open_corpus("demo")
    settings = AlignmentSettings(unit="phone")
    found = pipeline.compare(demo, "s3prl:fbank", "control:onehot", settings, store=store)
    assert found.counts.rows == sum(len(u.phone_intervals) for u in demo.utterances)
    assert found.scores[0, 0] > 0.05


def test_vectors_that_were_computed_elsewhere_meet_a_model_on_their_own_words(store, tmp_path):
    demo = pipeline.open_corpus("demo")
    lookup = find_model("control:lookup")
    plan = make_plan(demo, lookup, lookup, AlignmentSettings(), store)
    matrix, _ = build_matrices(plan, store)
    # Another program's file: every word but each third, in any order.
    kept = np.random.default_rng(0).permutation(len(matrix.rows))[: len(matrix.rows) * 2 // 3]
    file = tmp_path / "elsewhere.npz"
    np.savez(
        file,
        vectors=np.stack([matrix.layers[0][kept], np.ones_like(matrix.layers[0][kept])]),
        utterance=np.array(matrix.rows.utterances)[kept],
        word=matrix.rows.indices[kept],
    )
    found = pipeline.compare(demo, f"file:{file}", "control:lookup", store=store)
    assert found.counts.rows == len(kept)
    assert found.counts.left_out == len(matrix.rows) - len(kept)
    assert found.scores[0, 0] == pytest.approx(1)
    assert np.isnan(found.scores[1, 0])


def test_vectors_for_another_corpus_say_that_no_word_is_left(store, tmp_path):
    file = tmp_path / "elsewhere.npz"
    ids, words = np.array(["nobody-01"]), np.array([0])
    np.savez(file, vectors=np.ones((1, 3), np.float32), utterance=ids, word=words)
    demo = pipeline.open_corpus("demo")
    with pytest.raises(SettingsError, match="reads a file of words, which has no phones"):
        pipeline.compare(
            demo, f"file:{file}", "minilm", AlignmentSettings(unit="phone"), store=store
        )
    with pytest.raises(MatrixError, match="no word has a time and a vector in every model"):
        pipeline.compare(demo, f"file:{file}", "control:lookup", store=store)


def test_the_room_that_a_comparison_takes_is_known_before(store):
    demo = pipeline.open_corpus("demo")
    plan = make_plan(
        demo, find_model("s3prl:fbank"), find_model("minilm"), AlignmentSettings(), store
    )
    needed = bytes_needed(plan, [coverage(side, store) for side in plan.sides])
    run_plan(plan, store)
    used = sum(each.size_bytes for each in store.usage() if each.kind in ("embedding", "matrix"))
    # Equal sentences share a text model's embeddings; headers and frame times come on top.
    assert 0.7 * used < needed < 1.5 * used
    assert bytes_needed(plan, [coverage(side, store) for side in plan.sides]) < needed


def test_without_enough_room_nothing_is_begun(tmp_path):
    demo = pipeline.open_corpus("demo")
    with Store(tmp_path / "small", size_limit_bytes=2_000_000) as small:
        plan = make_plan(
            demo, find_model("s3prl:fbank"), find_model("minilm"), AlignmentSettings(), small
        )
        with pytest.raises(StoreFullError, match="more are needed; prune the store or raise its"):
            run_plan(plan, small)
        assert {each.kind for each in small.usage()} <= {"audio digests", "corpus index"}


class Deaf:
    """A model that must not be asked."""

    def __init__(self, spec, _device):
        self.spec = spec

    def extract(self, *_):
        raise AssertionError("computed again")


def test_another_host_finds_in_the_shared_tier_what_was_computed_here(tmp_path, monkeypatch):
    (tmp_path / "tier").mkdir()
    monkeypatch.setenv("LAYERSCOPE_SHARED", (tmp_path / "tier").as_uri())
    demo, results = pipeline.open_corpus("demo"), []
    specs = find_model("s3prl:fbank"), find_model("control:onehot")
    for host in ("here", "there"):
        with Store(tmp_path / host) as store:
            plan = make_plan(demo, *specs, AlignmentSettings(), store)
            run_plan(plan, store)
            results.append(load_result(plan, store).scores)
        monkeypatch.setattr("pipeline.run.open_model", Deaf)
    np.testing.assert_array_equal(*results)
