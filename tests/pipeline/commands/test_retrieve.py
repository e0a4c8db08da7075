import json

import numpy as np
import pytest

from pipeline.alignments.spelling import comparable
from pipeline.corpus import open_corpus
from pipeline.similarity.retrieval import RetrievalSettings, retrieve

DEMO = ["--corpus", "demo", "--layer1", 0, "--layer2", 0]


def exported(run, tmp_path, model):
    out = tmp_path / f"{model.replace(':', '-')}.npy"
    run("matrix", "--corpus", "demo", "--model", model, "--layer", 0, "--out", out)
    table = np.genfromtxt(
        out.with_suffix(".rows.csv"), delimiter=",", names=True, dtype=None, encoding="utf-8"
    )
    return np.load(out), table


def test_what_is_written_is_the_retrieval_of_the_exported_matrices(run, tmp_path):
    models = ["--model1", "s3prl:fbank", "--model2", "control:lookup"]
    options = ["--k", 40, "--p", 2, "--held-out", 0.2, "--seed", 5, "--unit-length"]
    status, out, _ = run("retrieve", *DEMO, *models, *options, "--out", tmp_path / "new" / "r.json")
    assert status == 0
    found = json.loads((tmp_path / "new" / "r.json").read_text(encoding="utf-8"))
    a, table = exported(run, tmp_path, "s3prl:fbank")
    b, _ = exported(run, tmp_path, "control:lookup")
    words = table["word"].tolist()
    expected = retrieve(a, b, words, RetrievalSettings(40, 2, 0.2, 5, unit_length=True))
    assert found["among_anchors"]["top1"] == expected.among_anchors.top1
    assert found["among_all"]["macro_top5"] == expected.among_all.macro_top5
    assert f"{expected.among_anchors.top1:.1%} of {len(expected.held_out)} words found" in out
    assert found["counts"]["anchors"] + found["counts"]["held_out"] == len(words)
    tokens = [
        (token["utterance"], token["index"], token["word"], token["named"])
        for token in found["tokens"]
    ]
    rows = table[["utterance", "index", "word"]][expected.held_out].tolist()
    assert tokens == [(*row, named) for row, named in zip(rows, expected.named, strict=True)]
    assert found["settings"]["k"] == 40
    assert found["provenance"]["model_b"]["name"] == "control:lookup"


def test_a_model_names_its_own_words_unless_no_anchor_has_them(run_json, tmp_path):
    models = ["--model1", "control:lookup", "--model2", "control:lookup"]
    status, told = run_json("retrieve", *DEMO, *models, "--k", 20, "--out", tmp_path / "r.json")
    assert status == 0
    assert told["among_anchors"]["seen_top1"] == told["among_all"]["seen_top1"] == 1
    seen = 1 - told["counts"]["unseen"] / told["counts"]["held_out"]
    assert told["among_anchors"]["top1"] == pytest.approx(seen)


def test_of_no_unseen_types_the_accuracy_is_null(run_json, tmp_path):
    models = ["--model1", "control:lookup", "--model2", "control:onehot"]
    options = ["--k", 20, "--held-out", 0.005]
    _, told = run_json("retrieve", *DEMO, *models, *options, "--out", tmp_path / "r.json")
    assert told["counts"]["unseen"] == 0
    assert told["among_all"]["unseen_top1"] is None


def test_a_word_list_keeps_first_occurrences_as_in_the_original_study(run_json, tmp_path):
    listed = {utterance.id: list(utterance.words) for utterance in open_corpus("demo").utterances}
    (tmp_path / "words.json").write_text(json.dumps(listed), encoding="utf-8")
    models = ["--model1", "control:lookup", "--model2", "control:onehot"]
    options = ["--k", 20, "--words", tmp_path / "words.json"]
    _, told = run_json("retrieve", *DEMO, *models, *options, "--out", tmp_path / "r.json")
    first = sum(len({comparable(word) for word in words}) for words in listed.values())
    assert told["counts"]["anchors"] + told["counts"]["held_out"] == first


def test_layers_and_settings_that_do_not_exist_are_refused(run, tmp_path):
    models = ["--model1", "control:onehot", "--model2", "control:lookup"]
    out = ["--out", tmp_path / "r.json"]
    status, _, err = run("retrieve", *DEMO, *models, "--layer2", 3, *out)
    assert status == 1
    assert "control:lookup has layers 0 to 0; there is no 3" in err
    status, _, err = run("retrieve", *DEMO, *models, "--k", 4000, *out)
    assert status == 1
    assert "k is 4000, but there are" in err
    status, _, err = run("retrieve", *DEMO, *models, "--held-out", 1.5, *out)
    assert status == 1
    assert "a share held out between 0 and 1" in err
    assert not (tmp_path / "r.json").exists()
