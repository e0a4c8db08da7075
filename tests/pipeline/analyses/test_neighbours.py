from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from pipeline.analyses import AnalysisRequest, compute_analysis, load_analysis
from pipeline.errors import SettingsError
from pipeline.matrices import build_matrices, compared_matrices
from pipeline.settings import AlignmentSettings
from pipeline.similarity.row_settings import RowSettings


@pytest.fixture
def comparison(lookups):
    """Words as random vectors, and tokens by how long they are."""
    return replace(lookups, model_b="control:duration")


def neighbours(comparison, store, **settings):
    plan = comparison.plan(store)
    request = AnalysisRequest(comparison, "neighbours", (0, 0), settings=settings)
    compute_analysis(request, plan, store)
    return load_analysis(request, plan, store)


def by_brute_force(layer, row, k):
    """Return the k rows at the largest cosines, ties in order, and these cosines."""
    x = layer.astype(np.float64)
    cosines = {
        other: float(cosine_similarity(x[[row]], x[[other]])[0, 0])
        for other in range(len(x))
        if other != row
    }
    nearest = sorted(cosines, key=lambda other: (-round(cosines[other], 12), other))[:k]
    return nearest, [cosines[other] for other in nearest]


def tokens_named(found):
    return list(zip(found.utterances, found.indices.tolist(), strict=True))


def test_a_tokens_neighbours_are_those_at_the_largest_cosines(comparison, store):
    within = replace(comparison, rows=RowSettings(values="within speaker"))
    found = neighbours(within, store, word="\u201cThe,", token=3, k=7)
    rows = build_matrices(comparison.plan(store), store)[0].rows
    speakers = np.array(rows.speakers)
    row = [number for number, word in enumerate(rows.words) if word == "the"][3]
    tokens = list(zip(rows.utterances, rows.indices.tolist(), strict=True))
    named = tokens_named(found)
    assert named[0] == tokens[row]
    for matrix, nearest, cosines in zip(
        build_matrices(comparison.plan(store), store),
        (found.nearest_a, found.nearest_b),
        (found.cosines_a, found.cosines_b),
        strict=True,
    ):
        x = matrix.layers[0].astype(np.float64)
        for speaker in set(rows.speakers):
            x[speakers == speaker] -= x[speakers == speaker].mean(axis=0)
        expected, expected_cosines = by_brute_force(x.astype(np.float32), row, 7)
        np.testing.assert_allclose(cosines, expected_cosines, atol=1e-6)
        if matrix.layers[0].shape[1] > 1:
            assert [named[place] for place in nearest] == [tokens[number] for number in expected]
    assert found.counts.tolist() == [Counter(rows.words)[word] for word in found.words]
    by_token = dict(zip(tokens, zip(rows.speakers, rows.start, rows.end, strict=True), strict=True))
    for place, token in enumerate(named):
        assert (found.speakers[place], found.start_s[place], found.end_s[place]) == by_token[token]
    assert (found.of, found.row_digest) == ("tokens", rows.digest)


def test_a_types_neighbours_are_those_of_its_mean_named_by_a_first_token(comparison, store):
    varied = replace(comparison, rows=RowSettings(controls=("duration",)))
    found = neighbours(varied, store, word="horse", k=5, of="types")
    plan = varied.plan(store)
    a = compared_matrices(plan, store).a
    types = sorted(set(a.rows.words))
    words = np.array(a.rows.words)
    means = np.array([a.layers[0][words == name].mean(axis=0, dtype=np.float64) for name in types])
    expected, cosines = by_brute_force(means, types.index("horse"), 5)
    assert [found.words[place] for place in found.nearest_a] == [types[row] for row in expected]
    np.testing.assert_allclose(found.cosines_a, cosines, atol=1e-6)
    firsts = [a.rows.words.index(word) for word in found.words]
    assert tokens_named(found) == [
        (a.rows.utterances[row], int(a.rows.indices[row])) for row in firsts
    ]


def test_what_both_share_is_marked_on_either_side(lookups, store):
    found = neighbours(lookups, store, word="horse", k=20, of="types")
    near_a = {found.words[place] for place in found.nearest_a}
    near_b = {found.words[place] for place in found.nearest_b}
    for nearest, marks, others in (
        (found.nearest_a, found.shared_a, near_b),
        (found.nearest_b, found.shared_b, near_a),
    ):
        assert marks.tolist() == [found.words[place] in others for place in nearest]
    assert 0 < found.overlap == len(near_a & near_b) / 20 < 1


def test_a_model_has_its_own_neighbours(lookups, store):
    found = neighbours(replace(lookups, model_b=lookups.model_a), store, word="horse", k=4)
    assert found.overlap == 1
    assert found.nearest_a.tolist() == found.nearest_b.tolist() == [1, 2, 3, 4]
    assert set(found.words[:5]) == {"horse"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"word": "Hors"}, "no row is of the word 'hors'; there are horse"),
        ({"word": ""}, "no row is of the word ''; choose one of the corpus"),
        ({"word": "horse", "token": 8}, "the word 'horse' has tokens 0 to 7; there is no 8"),
        ({"word": "horse", "token": -1}, "there is no -1"),
        ({"word": "the", "token": 1, "of": "types"}, "a word type has no tokens to choose from"),
        ({"word": "the", "of": "phones"}, "neighbours are of 'phones'; choose tokens or types"),
    ],
)
@pytest.mark.usefixtures("unchecked_types")
def test_words_and_tokens_that_are_not_there_are_refused(lookups, store, settings, said):
    with pytest.raises(SettingsError, match=said):
        neighbours(lookups, store, **settings)


def test_within_types_there_are_no_type_means(lookups, store):
    within = replace(lookups, rows=RowSettings(values="within type"))
    with pytest.raises(SettingsError, match="every type's mean is zero; ask for tokens"):
        neighbours(within, store, word="the", of="types")


def test_of_type_means_the_word_is_one_row_and_its_tokens_are_counted(lookups, store):
    means = replace(lookups, rows=RowSettings(values="type means"))
    found = neighbours(means, store, word="horse", k=5)
    expected = neighbours(lookups, store, word="horse", k=5, of="types")
    assert found.words == expected.words
    np.testing.assert_allclose(found.cosines_b, expected.cosines_b, atol=1e-6)
    assert found.counts[0] == 8


def test_a_phone_is_asked_for_as_it_is_written(lookups, store):
    phones = replace(lookups, settings=AlignmentSettings(unit="phone"))
    assert neighbours(phones, store, word="a", k=2).words[0] == "a"
    with pytest.raises(SettingsError, match="no row is of the word 'A'"):
        neighbours(phones, store, word="A", k=2)
