import csv
import json

import numpy as np

from pipeline.corpus import open_corpus


def test_rows_and_table_agree_and_follow_the_transcripts(run_json, tmp_path):
    out = tmp_path / "new" / "onehot.npy"
    status, told = run_json(
        "matrix", "--corpus", "demo", "--model", "control:onehot", "--layer", 0, "--out", out
    )
    assert status == 0
    matrix = np.load(out)
    words = [word for utterance in open_corpus("demo").utterances for word in utterance.words]
    assert matrix.shape == (len(words), len(set(words))) == tuple(told["shape"])
    with out.with_suffix(".rows.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["word"] for row in rows] == words
    same = np.array(words)[:, None] == np.array(words)[None, :]
    np.testing.assert_array_equal(matrix @ matrix.T, same)


def test_a_word_list_keeps_first_occurrences(run, tmp_path):
    utterance = next(u for u in open_corpus("demo").utterances if u.words.count("the") > 1)
    listed = tmp_path / "words.json"
    listed.write_text(json.dumps({f"{utterance.id}.json": ["the"]}), encoding="utf-8")
    out = tmp_path / "the.npy"
    run(
        "matrix", "--corpus", "demo", "--model", "control:lookup", "--layer", 0,
        "--words", listed, "--out", out,
    )  # fmt: skip
    with out.with_suffix(".rows.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert int(row["index"]) == utterance.words.index("the")
    assert np.load(out).shape == (1, 300)


def test_a_layer_that_does_not_exist_is_refused(run, tmp_path):
    out = tmp_path / "x.npy"
    status, _, err = run(
        "matrix", "--corpus", "demo", "--model", "minilm", "--layer", 7, "--out", out
    )
    assert status == 1
    assert "minilm has layers 0 to 6; there is no 7" in err
    assert not out.exists()
