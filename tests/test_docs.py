"""What the pages of docs/ say is so: their examples run, and their numbers are computed anew."""

import doctest
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pipeline.similarity import cka, similarity_of_layers
from pipeline.similarity.row_selection import at_most
from pipeline.similarity.type_null import type_null

COMPUTING = Path(__file__).parents[1] / "docs" / "computing.md"
PAGE = Path(__file__).parents[1] / "docs" / "reading_a_cell.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+?) \| (0\.\d+) \|$", re.MULTILINE)


def test_no_worker_is_started_without_a_limit_of_its_memory():
    # Dask's own would be the share of one core.
    lines = COMPUTING.read_text(encoding="utf-8").splitlines()
    started = [line for line in lines if re.search(r"dask[- ]worker,? .*--nthreads", line)]
    assert len(started) == 2
    assert [line for line in started if "--memory-limit" not in line] == []


def test_examples_give_what_they_show():
    done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert done.attempted > 20
    assert done.failed == 0


@pytest.fixture(scope="module")
def words(shared):
    path = shared / "thesis" / "words_in_order1.json"
    if not path.exists():
        pytest.skip("needs the word list of the original study")
    utterances = json.loads(path.read_text(encoding="utf-8")).values()
    return [word for utterance in utterances for word in utterance]


@pytest.fixture(scope="module")
def repetition(words):
    """The probability that two tokens, drawn with replacement, are of one type."""
    return sum((count / len(words)) ** 2 for count in Counter(words).values())


def test_the_word_list_is_the_one_described(words, repetition):
    assert f"{len(words):,} tokens" in TEXT
    assert f"{len(set(words)):,}\ntypes" in TEXT
    assert f"only {1 / repetition:.0f} equally" in TEXT


def test_the_numbers_on_the_words_of_the_original_study_are_as_shown(words, repetition):
    types, type_of = np.unique(words, return_inverse=True)
    tables = [
        np.random.default_rng(seed).standard_normal((len(types), dim), dtype=np.float32)
        for seed, dim in enumerate((768, 300))
    ]
    a, b = (table[type_of] for table in tables)
    cells = similarity_of_layers([a], [b])
    capped = at_most(words, 5, seed=0)
    null = type_null(a, b, type_of, permutations=200, seed=0)
    expected = repetition / np.sqrt((repetition + 1 / 768) * (repetition + 1 / 300))
    numbers = {
        "CKA token by token": cells.debiased[0, 0],
        "p / √((p + 1/d) (p + 1/e))": expected,
        "chance by rows, one standard deviation": cells.chance_sd_debiased[0, 0],
        "CKA with at most 5 tokens of a type": cka([a[capped]], [b[capped]])[0, 0],
        "CKA over types": abs(cka(tables[:1], tables[1:])[0, 0]),
        "CKA of 4,000 tokens": null.value,
        "mean of its type null, 200 permutations": null.mean,
        "standard deviation of its type null": null.sd,
    }
    shown = dict(ROW.findall(TEXT))
    assert shown.keys() == numbers.keys()
    for name, number in numbers.items():
        decimals = len(shown[name]) - 2
        assert f"{number:.{decimals}f}" == shown[name], name
    # The failure, and that the null which respects words reports it.
    assert cells.debiased[0, 0] == pytest.approx(expected, abs=0.01)
    assert cells.debiased[0, 0] > 1000 * cells.chance_sd_debiased[0, 0]
    assert null.p > 0.05


def test_every_function_and_file_that_is_named_exists():
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (PAGE.parents[1] / "pipeline" / "similarity").glob("*.py")
    )
    named = re.findall(r"`([a-z_]+)`", TEXT)
    assert len(named) > 8
    defined = ("def {}(", "    {}:")
    assert [n for n in named if not any(d.format(n) in sources for d in defined)] == []
    files = re.findall(r"`([a-z_/]+\.py)`", TEXT)
    assert [name for name in files if not (PAGE.parents[1] / name).exists()] == []
