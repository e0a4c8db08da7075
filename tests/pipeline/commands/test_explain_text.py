import json
from dataclasses import fields

import numpy as np
import pytest

from pipeline.analyses.curve import CellCurve
from pipeline.analyses.document import plain_values
from pipeline.analyses.neighbours import NearestWords
from pipeline.analyses.row_map import RowMap
from pipeline.analyses.shares import CellShares
from pipeline.commands.explain_text import TEXTS

NAN = float("nan")


def shares(values):
    return CellShares(
        names=[f"w{number:02d}" for number in range(len(values))],
        counts=np.arange(1, len(values) + 1),
        shares=np.array(values),
        speaker_names=["ada"],
        speaker_counts=np.array([len(values)]),
        speaker_shares=np.array([np.sum(values)]),
        estimator="debiased",
        row_digest="d",
    )


def named(*words):
    count = len(words)
    return {
        "utterances": [f"u{number}" for number in range(count)],
        "indices": np.arange(count, dtype=np.int32),
        "words": list(words),
        "speakers": ["ada"] * count,
        "start_s": np.zeros(count),
        "end_s": np.ones(count),
    }


def neighbours(of):
    return NearestWords(
        **named("horse", "dog", "a very long word", "house"),
        counts=np.array([3, 1, 1, 1]),
        nearest_a=np.array([1, 2]),
        nearest_b=np.array([3, 1]),
        cosines_a=np.array([0.5, 0.25]),
        cosines_b=np.array([0.75, -0.125]),
        of=of,
        row_digest="d",
    )


def test_the_twenty_types_with_the_largest_shares_come_first_the_largest_first():
    values = np.random.default_rng(0).permutation(25) / 1000 - 0.002
    lines = TEXTS["shares"](shares(values)).splitlines()
    assert lines[0].startswith(f"debiased CKA {sum(values):.4f} over 325 rows; ")
    listed = [line.split() for line in lines[2:]]
    order = sorted(range(25), key=lambda number: -values[number])[:20]
    assert [(word, int(rows)) for word, rows, _ in listed] == [
        (f"w{number:02d}", number + 1) for number in order
    ]
    expected = [values[number] for number in order]
    assert [float(share) for *_, share in listed] == pytest.approx(expected)


def test_neighbours_stand_side_by_side_and_what_both_share_is_marked():
    assert TEXTS["neighbours"](neighbours("types")).splitlines() == [
        "horse: 1 of 2 neighbours are near in both (*)",
        "    model 1                    model 2",
        "  1 *  0.500 dog                  0.750 house",
        "  2    0.250 a very long word  * -0.125 dog",
    ]


def test_a_token_is_named_by_its_place():
    first, _, line, _ = TEXTS["neighbours"](neighbours("tokens")).splitlines()
    assert first.startswith("horse (u0, word 0): 1 of 2")
    assert line.split("0.750")[1].strip() == "house (u3, word 3)"


def test_a_curves_points_are_means_of_draws():
    found = CellCurve(
        capped=np.array([False, False, False, True]),
        at=np.array([50, 50, 1200, 3]),
        draw=np.array([0, 1, 0, 0]),
        rows=np.array([50, 50, 1200, 1100]),
        debiased=np.array([0.25, 0.75, 0.375, NAN]),
        biased=np.array([0.5, 0.75, 0.625, 0.5]),
        sampled_from=1300,
        row_digest="d",
    )
    lines = [line.split() for line in TEXTS["curve"](found).splitlines()]
    assert ["50", "50", "0.5000", "0.6250"] in lines
    assert ["1,200", "1,200", "0.3750", "0.6250"] in lines
    assert lines[-1] == ["3", "1,100", "nan", "0.5000"]


@pytest.mark.parametrize(
    ("method", "explained", "said"),
    [
        (
            "pca",
            0.25,
            "the two axes explain 25.0% and 12.5% of model 1, 50.0% and 25.0% of model 2",
        ),
        ("umap", NAN, "2 of 9 rows in the plane by UMAP"),
    ],
)
def test_a_map_says_what_it_keeps(method, explained, said):
    found = RowMap(
        **named("a", "b"),
        a=np.zeros((2, 2)),
        b=np.zeros((2, 2)),
        explained_a=np.array([explained, explained / 2]),
        explained_b=np.array([2 * explained, explained]),
        sampled_from=9,
        method=method,
        row_digest="d",
    )
    assert TEXTS["map"](found).endswith(said)


def test_all_fields_become_json_and_what_has_no_value_null():
    found = shares([0.5, NAN])
    values = json.loads(json.dumps(plain_values(found), allow_nan=False))
    assert set(values) == {field.name for field in fields(found)}
    assert values["shares"] == [0.5, None]
    assert values["counts"] == [1, 2]
    assert plain_values(neighbours("types"))["cosines_b"] == [0.75, -0.125]
