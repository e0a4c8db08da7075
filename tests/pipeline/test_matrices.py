import numpy as np
import pytest

from pipeline.corpus import open_corpus
from pipeline.matrices import build_matrices, compared_matrices
from pipeline.models import find_model
from pipeline.planning import make_plan
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_selection import RowSelection
from pipeline.similarity.row_settings import RowSettings


@pytest.fixture
def plan_of(store):
    def made(rows):
        specs = find_model("control:lookup"), find_model("control:duration")
        return make_plan(open_corpus("demo"), *specs, AlignmentSettings(), store, rows=rows)

    return made


def test_both_models_meet_on_the_selected_rows(plan_of, store):
    plan = plan_of(RowSettings(selection=RowSelection(most_per_type=2)))
    found, every = compared_matrices(plan, store), build_matrices(plan, store)[0].rows
    assert found.a.rows.digest == found.b.rows.digest == found.tokens.digest
    assert found.shared == len(every) > len(found.tokens) > 100


def test_the_tokens_of_type_means_are_those_that_were_averaged(plan_of, store):
    found = compared_matrices(plan_of(RowSettings(values="type means")), store)
    assert len(found.a.rows) == len(set(found.tokens.words)) < len(found.tokens)


def test_one_layer_of_each_is_the_same_as_all_of_them(plan_of, store):
    plan = plan_of(RowSettings(controls=("speaker",), values="within type"))
    every, one = compared_matrices(plan, store), compared_matrices(plan, store, layers=(0, 1))
    assert (len(one.a.layers), len(one.b.layers), len(every.b.layers)) == (1, 1, 2)
    np.testing.assert_array_equal(one.b.layers[0], every.b.layers[1])


def test_controls_are_over_the_rows_of_the_models(plan_of, store):
    a, b, speaker, duration = build_matrices(
        plan_of(RowSettings(controls=("speaker", "duration"))), store
    )
    assert a.rows.digest == b.rows.digest == speaker.rows.digest
    np.testing.assert_array_equal(duration.layers[0], b.layers[0])
    assert speaker.layers[0].sum() == len(a.rows)
