import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.analyses.cell_intervals import CellIntervals


@pytest.mark.parametrize(
    ("changes", "title", "domain"),
    [
        ({}, "debiased linear CKA", (0, 1)),
        ({"stretch": True}, "debiased linear CKA", (0.0, 1.0)),
        ({"reading": "z over rows"}, "z over rows of debiased linear CKA", (0, 100)),
        ({"reading": "z over words"}, "z over words of debiased linear CKA", (0, 100)),
    ],
)
def test_the_title_and_the_domain_are_those_of_what_is_shown(masked, changes, title, domain):
    changed = replace(masked, **changes)
    assert (changed.title, changed.domain) == (title, domain)


def test_z_over_words_is_that_of_the_nulls(masked):
    found = replace(masked, reading="z over words").values
    np.testing.assert_allclose(found, (masked.result.scores - 0.05) / 0.01)


def test_only_cells_with_a_value_that_do_not_stand_out_are_struck_out(shown, masked):
    expected = np.ones((3, 4), dtype=bool)
    expected[2], expected[0, 0] = False, False
    np.testing.assert_array_equal(masked.struck, expected)
    assert not replace(masked, mask_by="nothing").struck.any()
    assert not replace(shown, mask_by="words").struck.any()


def test_what_is_struck_out_is_a_table_of_its_own_and_a_note_says_what_it_is(shown, masked):
    np.testing.assert_array_equal(
        masked.tables["struck"], [[np.nan, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]]
    )
    assert masked.notes == (masked.mask.says,)
    for unmasked in (shown, replace(shown, mask_by="words"), replace(masked, mask_by="nothing")):
        assert "struck" not in unmasked.tables
        assert unmasked.notes == ()


def test_the_band_of_chance_strikes_out_what_lies_in_it(shown):
    found = replace(
        shown, mask_by="chance", result=replace(shown.result, chance_sd=np.full((3, 4), 0.2))
    )
    np.testing.assert_array_equal(found.struck, found.result.scores <= 0.4)


def test_the_facts_tell_everything_but_the_numbers(shown, masked):
    facts = json.loads(json.dumps(masked.facts(), allow_nan=False))
    assert facts["counts"]["left_out"] == 7
    assert facts["shown"]["type_null"]["permutations"] == 200
    assert facts["shown"]["mask"] == "words"
    assert facts["shown"]["mask_says"].startswith("Crosses: word types reach the value by chance")
    assert facts["provenance"]["corpus"]["name"] == "demo"
    assert facts["row_digest"] == "ab" * 32
    assert facts["written_by"].startswith("LayerScope ")
    assert not {"scores", "chance", "chance_sd", "z"} & set(facts)
    assert "type_null" not in shown.facts()["shown"]


def test_intervals_are_among_the_tables_and_the_facts(masked):
    scores = masked.result.scores
    intervals = CellIntervals(
        *(scores, scores - 0.1, scores + 0.1, scores, scores, scores),
        level=0.9, estimator="debiased", rows=640, types=300, speakers=5, draws=400, seed=3,
        row_digest="ab" * 32,
    )  # fmt: skip
    both = replace(masked, intervals=intervals)
    np.testing.assert_array_equal(both.tables["interval_low"], scores - 0.1)
    assert both.tables.keys() == masked.tables.keys() | {
        "interval_low",
        "interval_high",
        "best_share",
    }
    assert both.facts()["shown"]["interval"] == {
        "level": 0.9, "estimator": "debiased", "rows": 640, "types": 300, "speakers": 5,
        "draws": 400, "seed": 3,
    }  # fmt: skip


def test_a_file_s_name_is_one_on_every_system(shown):
    assert shown.file_stem == "cka_untrained-wav2vec2-base_hf--b--x--amp---b---y_1------é_debiased"
