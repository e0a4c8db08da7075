import json
import string
from dataclasses import replace

import numpy as np
import pytest

from pipeline.comparison import COMPARISON_VERSION, compute_result, load_result, result_key
from pipeline.corpus import open_corpus
from pipeline.errors import MatrixError
from pipeline.matrices import build_matrices
from pipeline.models import find_model
from pipeline.planning import make_plan
from pipeline.settings import AlignmentSettings
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings
from pipeline.words.storage import WordEmbeddings, failure_key, put_embeddings

WORDS = AlignmentSettings()
LAYERS = {"minilm": 7, "s3prl:fbank": 1}
SPECS = find_model("minilm"), find_model("s3prl:fbank")
EVERY_TOKEN = RowSettings()


@pytest.fixture
def corpus():
    demo = open_corpus("demo")
    return replace(demo, utterances=demo.utterances[:12])


def filled(corpus, store, a="minilm", b="s3prl:fbank", *, without=(), fails=(), **more):
    """Store random vectors for both models, lacking some words, and return the plan."""
    plan = make_plan(corpus, find_model(a), find_model(b), WORDS, store, **more)
    random = np.random.default_rng(0)
    for side in plan.sides:
        for name, key in side.keys.items():
            if name in fails:
                store.put(failure_key(key), {}, {"reason": "broken"})
                continue
            ids = [i for i in range(len(corpus.by_id[name].words)) if (name, i) not in without]
            shape = (LAYERS[side.spec.name], len(ids), 5)
            vectors = random.normal(size=shape).astype(np.float32)
            spans = np.zeros((len(ids), 2), dtype=np.int32)
            ids = np.array(ids, dtype=np.int32)
            put_embeddings(store, key, WordEmbeddings(vectors, ids, spans), {"model": "x"})
    return plan


def definition(x, y):
    """Debiased linear CKA by the U-statistic on explicit Gram matrices (Song et al. 2012)."""

    def hsic(k, m):
        n = len(k)
        one = np.ones(n)
        k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
        total = np.trace(k @ m) + (one @ k @ one) * (one @ m @ one) / ((n - 1) * (n - 2))
        return (total - 2 / (n - 2) * (one @ k @ m @ one)) / (n * (n - 3))

    k, m = (z.astype(np.float64) @ z.astype(np.float64).T for z in (x, y))
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def test_the_result_is_the_definition_on_the_shared_rows(corpus, store):
    without = {("ada-01", 0), ("ada-05", 3)}
    plan = filled(corpus, store, without=without)
    compute_result(plan, store)
    found = load_result(plan, store)
    a, b = build_matrices(plan, store)
    tokens = sum(len(utterance.words) for utterance in corpus.utterances)
    assert found.counts.rows == tokens - len(without)
    assert found.counts.left_out == len(without)
    assert len(a.rows) == found.counts.rows
    assert found.row_digest == a.rows.digest
    for layer in range(7):
        assert found.scores[layer, 0] == pytest.approx(
            definition(a.layers[layer], b.layers[0]), abs=1e-9
        )
    assert found.layer_names_a == plan.a.spec.layer_names
    assert (found.chance == 0).all()
    n = found.counts.rows
    np.testing.assert_allclose(found.chance_sd, np.sqrt(2 / (n * (n - 3))))


def test_every_row_is_the_vector_of_its_own_word(corpus, store):
    plan = filled(corpus, store, a="s3prl:fbank", b="control:onehot")
    a, b = build_matrices(plan, store)
    rows = a.rows
    for position in range(0, len(rows), 7):
        name, index = rows.utterances[position], int(rows.indices[position])
        assert rows.words[position] == corpus.by_id[name].words[index]
        assert b.layers[0][position].sum() == 1
    same = np.array([[one == other for one in rows.words] for other in rows.words])
    np.testing.assert_array_equal(b.layers[0] @ b.layers[0].T, same)


def test_nothing_is_loaded_before_everything_is_there(corpus, store):
    plan = make_plan(corpus, find_model("minilm"), find_model("s3prl:fbank"), WORDS, store)
    assert load_result(plan, store) is None
    with pytest.raises(MatrixError, match="24 embeddings are not computed yet"):
        compute_result(plan, store)


def test_failed_utterances_are_left_out_and_the_rest_is_compared(corpus, store):
    plan = filled(corpus, store, fails={"ada-05"})
    compute_result(plan, store)
    found = load_result(plan, store)
    assert found.counts.utterances == 11
    assert found.counts.left_out == len(corpus.by_id["ada-05"].words)


def test_biased_and_debiased_come_from_one_record(corpus, store):
    plan = filled(corpus, store)
    compute_result(plan, store)
    biased = load_result(plan, store, "biased")
    assert (biased.chance > 0).all()
    assert (biased.scores > load_result(plan, store).scores).all()


def test_no_word_in_both_models_is_said_with_what_to_do(corpus, store):
    silent = replace(
        corpus,
        utterances=tuple(
            replace(u, word_intervals=(None,) * len(u.words)) for u in corpus.utterances
        ),
    )
    plan = filled(silent, store)
    with pytest.raises(MatrixError, match="no word has a time and a vector in every model"):
        compute_result(plan, store)


def test_the_key_of_a_result_depends_on_models_words_and_failures(corpus, store):
    plan = filled(corpus, store)
    swapped = filled(corpus, store, a="s3prl:fbank", b="minilm")
    shorter = filled(replace(corpus, utterances=corpus.utterances[1:]), store)
    keys = [result_key(plan, ()), result_key(plan, {"ada-01"})]
    keys += [result_key(swapped, ()), result_key(shorter, ())]
    assert len({key.digest for key in keys}) == 4
    assert result_key(filled(corpus, store), ()) == keys[0]


def test_provenance_is_plain_and_names_models_corpus_and_settings(corpus, store):
    plan = filled(replace(corpus, aligner="MFA"), store)
    compute_result(plan, store)
    told = json.loads(json.dumps(load_result(plan, store).provenance))
    assert told["corpus"]["fingerprint"] == corpus.fingerprint
    assert told["corpus"]["aligner"] == "MFA"
    assert told["model_a"]["fingerprint"] == plan.a.spec.fingerprint
    assert told["settings"]["frame_rule"] == "centre"
    assert (told["controls"], told["comparison_version"]) == ([], COMPARISON_VERSION)
    controlled = filled(corpus, store, rows=RowSettings(controls=("duration",)))
    compute_result(controlled, store)
    control = find_model("control:duration")
    assert load_result(controlled, store).provenance["controls"] == [
        {"name": control.name, "fingerprint": control.fingerprint}
    ]


def test_a_shared_result_tells_the_settings_it_was_asked_with(corpus, store):
    asked = AlignmentSettings(frame_rule="thesis")
    specs = find_model("control:onehot"), find_model("control:lookup")
    compute_result(make_plan(corpus, *specs, WORDS, store), store)
    found = load_result(make_plan(corpus, *specs, asked, store), store)
    assert found.provenance["settings"]["frame_rule"] == "thesis"


def test_controls_know_the_duration_and_the_speaker_of_each_row(corpus, store):
    specs = find_model("control:duration"), find_model("control:speaker")
    plan = make_plan(corpus, *specs, WORDS, store)
    a, b = build_matrices(plan, store)
    speakers = sorted(set(a.rows.speakers))
    for row, (name, index) in enumerate(zip(a.rows.utterances, a.rows.indices, strict=True)):
        utterance = corpus.by_id[name]
        assert a.layers[0][row, 0] == pytest.approx(utterance.word_intervals[index].duration)
        assert [speakers[i] for i in b.layers[0][row].nonzero()[0]] == [utterance.speaker]
    compute_result(plan, store)
    assert load_result(plan, store).scores.shape == (2, 1)


def test_what_is_compared_is_in_the_key_and_the_seed_of_a_sample_too(corpus, store):
    def key(rows=EVERY_TOKEN, measure="cka"):
        plan = make_plan(corpus, *SPECS, WORDS, store, rows=rows, measure=MEASURES[measure])
        return result_key(plan, ()).digest

    capped = RowSettings(selection=RowSelection(most_per_type=2))
    again = RowSettings(selection=RowSelection(most_per_type=2, seed=1))
    means, less = RowSettings(values="type means"), RowSettings(controls=("duration",))
    keys = [key(), key(capped), key(again), key(means), key(less), key(measure="rsa")]
    assert len(set(keys)) == 6
    assert key(EVERY_TOKEN) == keys[0]


def test_a_condition_that_all_utterances_meet_gives_the_same_result(corpus, store):
    speakers = tuple(("speaker", name) for name in {u.speaker for u in corpus.utterances})
    keys = {
        result_key(make_plan(corpus, *SPECS, WORDS, store, rows=rows), ()).digest
        for rows in (EVERY_TOKEN, RowSettings(where=speakers))
    }
    assert len(keys) == 1


def test_rows_are_what_was_asked_for_and_the_counts_say_so(corpus, store):
    rows = RowSettings(selection=RowSelection(first_occurrence=True), values="type means")
    plan = filled(corpus, store, rows=rows)
    compute_result(plan, store)
    found = load_result(plan, store)
    a, b = build_matrices(plan, store)
    tokens = list(dict.fromkeys(zip(a.rows.utterances, a.rows.words, strict=True)))
    assert found.counts.tokens == len(tokens)
    assert found.counts.rows == found.counts.types == len({word for _, word in tokens})
    assert found.counts.unselected == len(a.rows) - len(tokens)
    first = [
        next(
            i
            for i, token in enumerate(zip(a.rows.utterances, a.rows.words, strict=True))
            if token == one
        )
        for one in tokens
    ]
    words = np.array([word for _, word in tokens])
    means = [
        np.array(
            [layer[first][words == word].mean(axis=0, dtype=float) for word in sorted(set(words))]
        )
        for layer in (a.layers[3], b.layers[0])
    ]
    assert found.scores[3, 0] == pytest.approx(definition(*means), abs=1e-6)
    assert found.provenance["rows"] == rows.as_dict()


def test_utterances_that_are_not_asked_for_need_no_embeddings(corpus, store):
    one = corpus.utterances[0]
    odd = replace(corpus, utterances=(replace(one, sex="F"), *corpus.utterances[1:]))
    plan = make_plan(odd, *SPECS, WORDS, store, rows=RowSettings(where=(("sex", "F"),)))
    assert [list(side.keys) for side in plan.sides] == [[one.id], [one.id]]
    assert [utterance.id for utterance in plan.utterances] == [one.id]


def test_speech_is_compared_less_what_its_duration_explains(corpus, store):
    plan = filled(corpus, store, rows=RowSettings(controls=("duration",)))
    compute_result(plan, store)
    a, b, control = build_matrices(plan, store)
    known = np.column_stack([np.ones(len(a.rows)), *(layer[:, 0] for layer in control.layers)])
    left = [
        layer - known @ np.linalg.lstsq(known, layer, rcond=None)[0]
        for layer in (a.layers[2].astype(float), b.layers[0].astype(float))
    ]
    assert load_result(plan, store).scores[2, 0] == pytest.approx(definition(*left), abs=1e-6)


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "cka"])
def test_every_other_measure_is_that_of_the_matrices(corpus, store, name):
    measure = MEASURES[name]
    plan = filled(corpus, store, measure=measure)
    compute_result(plan, store)
    a, b = build_matrices(plan, store)
    held_out = {"groups": a.rows.words} if measure.holds_out else {}
    for estimator in ("debiased", "biased"):
        found = load_result(plan, store, estimator)
        assert found.measure == name
        assert found.estimator == (estimator if name == "rbf" else None)
        assert np.isnan(found.chance).all()
        expected = measure.function(estimator)(a.layers, b.layers, **held_out)
        np.testing.assert_allclose(found.scores, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "measured"), [("cka", None), ("rsa", 1500), ("mutual-neighbours", 3000)]
)
def test_a_result_says_over_how_many_rows_a_measure_is_also_of_a_record_that_did_not(
    corpus, store, name, measured
):
    copies = tuple(
        replace(utterance, id=f"{utterance.id}-{copy}")
        for utterance in corpus.utterances
        for copy in sorted(string.digits + string.ascii_lowercase + string.ascii_uppercase)
    )
    controls = find_model("control:lookup?seed=1"), find_model("control:lookup?seed=2")
    plan = make_plan(
        replace(corpus, utterances=copies), *controls, WORDS, store, measure=MEASURES[name]
    )
    key = compute_result(plan, store)
    record = store.get(key)
    found = load_result(plan, store)
    assert found.counts.rows > 3000
    assert found.rows_measured == (measured or found.counts.rows)
    assert found.measure_settings == MEASURES[name].settings == record.metadata["measure_settings"]
    older = {key: of for key, of in record.metadata.items() if key != "measure_settings"}
    arrays = {key: np.array(array) for key, array in record.arrays.items()}
    store.delete(key)
    store.put(key, arrays, older, {})
    assert load_result(plan, store).measure_settings == found.measure_settings


def test_a_selection_that_leaves_nothing_says_so(corpus, store):
    plan = filled(corpus, store, rows=RowSettings(selection=RowSelection(shortest_s=50.0)))
    with pytest.raises(MatrixError, match="none is left by the selection: 50 s or longer"):
        compute_result(plan, store)
