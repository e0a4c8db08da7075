import csv
import io
import json
from dataclasses import replace

import numpy as np

from pipeline.similarity.export import as_csv, as_json
from pipeline.similarity.result import Counts, SimilarityResult


def example():
    scores = np.array([[0.123456789012345, np.nan, -0.001], [0.5, 1.0, 0.25]])
    return SimilarityResult(
        scores=scores,
        estimator="debiased",
        chance=np.zeros((2, 3)),
        chance_sd=np.full((2, 3), 0.01),
        model_a="one",
        model_b="two, with a comma",
        layer_names_a=("0: in", "1: out"),
        layer_names_b=("0: a", "1: b", "2: c, d"),
        counts=Counts(10, 10, 5, 2, 3, 1),
        row_digest="abc",
        provenance={"corpus": "x"},
    )


def test_json_keeps_every_digit_and_says_null_where_no_value_exists():
    values = json.loads(as_json(example()))
    assert values["scores"] == [[0.123456789012345, None, -0.001], [0.5, 1.0, 0.25]]
    assert values["layers2"] == ["0: a", "1: b", "2: c, d"]
    assert values["counts"]["left_out"] == 1
    assert values["provenance"] == {"corpus": "x"}


def test_both_say_how_many_rows_were_measured_and_with_which_settings():
    settings = {"most_rows": 4, "seed": 2}
    sampled = replace(example(), measure="rsa", estimator=None, measure_settings=settings)
    values = json.loads(as_json(sampled))
    assert (values["counts"]["rows"], values["rows_measured"]) == (10, 4)
    assert values["measure_settings"] == settings
    line = '# measured over 4 of these rows, with {"most_rows": 4, "seed": 2}'
    assert line in as_csv(sampled).splitlines()
    assert json.loads(as_json(example()))["rows_measured"] == 10


def test_csv_says_what_it_is_and_reads_back_with_every_digit():
    lines = as_csv(example()).splitlines()
    assert lines[0] == "# debiased linear CKA of one (1) and two, with a comma (2)"
    table = list(csv.DictReader(io.StringIO("\n".join(x for x in lines if x[0] != "#"))))
    assert len(table) == 6
    assert table[0]["cka"] == "0.123456789012345"
    assert table[1]["cka"] == ""
    assert table[5]["layer2_name"] == "2: c, d"


def test_what_else_is_known_of_each_cell_is_written_beside_its_score():
    p = np.array([[0.01, np.nan, 0.5], [0.25, 0.125, 1.0]])
    assert json.loads(as_json(example(), {"p": p}))["p"] == [[0.01, None, 0.5], [0.25, 0.125, 1.0]]
    lines = [line for line in as_csv(example(), {"p": p}).splitlines() if line[0] != "#"]
    table = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert [row["p"] for row in table] == ["0.01", "", "0.5", "0.25", "0.125", "1.0"]


def test_notes_are_in_the_comments_of_a_table_and_a_field_of_a_document():
    note = "Crosses: above nothing."
    assert "# Crosses: above nothing." in as_csv(example(), notes=[note]).splitlines()
    assert json.loads(as_json(example(), notes=[note]))["notes"] == [note]
    assert "notes" not in json.loads(as_json(example()))
