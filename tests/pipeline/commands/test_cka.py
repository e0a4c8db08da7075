import csv
import json

import numpy as np
import pytest

from pipeline.corpus import open_corpus


def hsic(k, m):
    """Unbiased HSIC on explicit Gram matrices (Song et al. 2012)."""
    n = len(k)
    k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
    middle = k.sum() * m.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (k.sum(0) @ m.sum(0))
    return ((k * m).sum() + middle) / (n * (n - 3))


def debiased(x, y):
    k, m = (z.astype(np.float64) @ z.astype(np.float64).T for z in (x, y))
    return hsic(k, m) / np.sqrt(hsic(k, k) * hsic(m, m))


def biased(x, y):
    x, y = (z.astype(np.float64) - z.mean(axis=0, dtype=np.float64) for z in (x, y))
    inner = np.linalg.norm
    return inner(x.T @ y) ** 2 / (inner(x.T @ x) * inner(y.T @ y))


def test_real_speech_gives_the_definition_on_the_exported_matrices(run, shared, tmp_path):
    speech = shared / "speech"
    corpus = ["--corpus", speech / "LibriSpeech", "--alignments", speech / "alignments-mfa"]
    models = ["--model1", "minilm", "--model2", "s3prl:fbank"]
    status, out, err = run("cka", *corpus, *models, "--out", tmp_path / "cka.json")
    assert status == 0
    assert "58 embeddings computed" in out
    assert "left out" in err
    run("cka", *corpus, *models, "--estimator", "biased", "--out", tmp_path / "biased.json")
    found = json.loads((tmp_path / "cka.json").read_text(encoding="utf-8"))
    found_biased = json.loads((tmp_path / "biased.json").read_text(encoding="utf-8"))
    assert found["counts"]["utterances"] == 29
    fbank = tmp_path / "fbank.npy"
    run("matrix", *corpus, "--model", "s3prl:fbank", "--layer", 0, "--out", fbank)
    for layer in range(7):
        text = tmp_path / f"{layer}.npy"
        run("matrix", *corpus, "--model", "minilm", "--layer", layer, "--out", text)
        a, b = np.load(text), np.load(fbank)
        assert len(a) == len(b) == found["counts"]["rows"]
        assert found["scores"][layer][0] == pytest.approx(debiased(a, b), abs=1e-6)
        assert found_biased["scores"][layer][0] == pytest.approx(biased(a, b), abs=1e-6)
    status, out, _ = run("cka", *corpus, *models, "--out", tmp_path / "again.json")
    assert "nothing to compute: 58 embeddings and the result were cached" in out
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == found


def test_one_pair_of_layers_can_be_asked_for(run, tmp_path):
    demo = ["--corpus", "demo", "--model1", "s3prl:fbank", "--model2", "control:onehot"]
    run("cka", *demo, "--layer1", 0, "--layer2", 0, "--out", tmp_path / "one.json")
    one = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert np.shape(one["scores"]) == (1, 1)
    status, _, err = run("cka", *demo, "--layer1", 5, "--out", tmp_path / "no.json")
    assert status == 1
    assert "s3prl:fbank has layers 0 to 0; there is no 5" in err


def test_a_model_against_itself_has_ones_on_the_diagonal(run, tmp_path):
    run(
        "cka", "--corpus", "demo", "--model1", "minilm", "--model2", "minilm",
        "--out", tmp_path / "self.json",
    )  # fmt: skip
    scores = np.array(json.loads((tmp_path / "self.json").read_text(encoding="utf-8"))["scores"])
    np.testing.assert_allclose(np.diag(scores), 1, atol=1e-12)
    np.testing.assert_allclose(scores, scores.T, atol=1e-12)


def test_one_unreadable_recording_is_named_and_the_rest_goes_on(run, tmp_path):
    """A recording whose header is whole and whose sound is not."""
    folder = tmp_path / "speech" / "1" / "2"
    folder.mkdir(parents=True)
    lines = []
    for number, utterance in enumerate(open_corpus("demo").utterances[:4]):
        name = f"1-2-{number:04d}"
        content = utterance.audio.read_bytes()
        (folder / f"{name}.flac").write_bytes(content[:9000] if number == 1 else content)
        grid = utterance.audio.with_suffix(".TextGrid").read_bytes()
        (folder / f"{name}.TextGrid").write_bytes(grid)
        lines.append(f"{name} {' '.join(utterance.words).upper()}")
    (folder / "1-2.trans.txt").write_text("\n".join(lines), encoding="utf-8")
    status, _, err = run(
        "cka", "--corpus", tmp_path / "speech", "--model1", "control:onehot",
        "--model2", "s3prl:fbank", "--out", tmp_path / "cka.json",
    )  # fmt: skip
    assert status == 0
    assert "failed: " in err
    assert "1-2-0001.flac" in err
    found = json.loads((tmp_path / "cka.json").read_text(encoding="utf-8"))
    assert found["counts"]["utterances"] == 3


def test_the_thesis_preset_gives_the_study_s_matrix_of_its_own_rows(run, shared, tmp_path):
    speech = shared / "speech"
    corpus = ["--corpus", speech / "LibriSpeech", "--alignments", speech / "alignments-mfa"]
    models = ["--model1", "minilm", "--model2", "s3prl:fbank"]
    out = tmp_path / "cka_minilm_fbank.json"
    status, _, _ = run("cka", *corpus, *models, "--preset", "thesis", "--out", out)
    assert status == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    # Rows are the second model's layers, columns the first one's from its first block.
    assert np.shape(found) == (1, 6)
    rows = ["--frame-rule", "thesis", "--first-occurrence", "--alphabetical"]
    run(
        "matrix",
        *corpus,
        "--model",
        "s3prl:fbank",
        "--layer",
        0,
        *rows,
        "--out",
        tmp_path / "f.npy",
    )
    for column in range(6):
        text = tmp_path / f"{column}.npy"
        run("matrix", *corpus, "--model", "minilm", "--layer", column + 1, *rows, "--out", text)
        expected = biased(np.load(text), np.load(tmp_path / "f.npy"))
        assert found[0][column] == pytest.approx(expected, abs=1e-6)
    with (tmp_path / "f.rows.csv").open(encoding="utf-8") as file:
        listed = [(row["utterance"], row["word"]) for row in csv.DictReader(file)]
    assert listed == sorted(set(listed))
    full = json.loads(out.with_suffix(".full.json").read_text(encoding="utf-8"))
    assert full["estimator"] == "biased"
    assert full["scores"] == np.transpose(found).tolist()
    assert full["counts"]["tokens"] == len(listed)
    assert full["provenance"]["rows"]["selection"]["first_occurrence"]


def test_options_after_a_preset_change_it(run_json, tmp_path):
    demo = ["--corpus", "demo", "--model1", "control:lookup", "--model2", "control:onehot"]
    out = ["--out", tmp_path / "x.json"]
    _, found = run_json("cka", *demo, "--preset", "thesis", "--estimator", "debiased", *out)
    assert found["estimator"] == "debiased"
    assert found["provenance"]["settings"]["frame_rule"] == "thesis"


def test_a_folder_gets_a_file_named_after_the_models(run, tmp_path):
    demo = ["--corpus", "demo", "--model1", "control:lookup", "--model2", "control:onehot"]
    run("cka", *demo, "--preset", "thesis", "--out", tmp_path)
    (score,) = json.loads((tmp_path / "cka_control-lookup_control-onehot.json").read_text())
    assert 0 < score < 1


def test_rows_and_measure_are_those_asked_for(run_json, tmp_path):
    demo = ["--corpus", "demo", "--model1", "control:lookup", "--model2", "control:onehot"]
    words = tmp_path / "words.txt"
    words.write_text("The\nShe,\nand\na\n\n", encoding="utf-8")
    out = ["--out", tmp_path / "x.json"]
    status, found = run_json("cka", *demo, "--measure", "rsa", "--vocabulary", words, *out)
    assert status == 0
    assert (found["measure"], found["estimator"]) == ("rsa", None)
    assert found["counts"]["types"] <= 4
    assert found["counts"]["unselected"] == 560 - found["counts"]["rows"]
    where = ["--where", "speaker=ada", "--values", "type means", "--most-per-type", 2]
    _, found = run_json("cka", *demo, *where, *out)
    assert found["counts"]["speakers"] == 1
    assert found["counts"]["rows"] == found["counts"]["types"] < found["counts"]["tokens"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (["--where", "sex"], "--where sex: expected NAME=VALUE, such as sex=F"),
        (["--where", "sex=X"], "no utterance of sex X; its utterances say sex: f, m"),
        (["--vocabulary", "absent.txt"], "absent.txt: expected a text of words, one a line"),
        (["--most-per-type", 0], "expected most_per_type of at least 1, or None, found 0"),
        (["--shortest", 2, "--longest", 1], "no word lasts 2 s or longer and 1 s or shorter"),
        (["--shortest", 90], "none is left by the selection: 90 s or longer"),
    ],
)
def test_rows_that_there_are_not_are_refused_in_one_line(run, tmp_path, wrong, named):
    demo = ["--corpus", "demo", "--model1", "control:lookup", "--model2", "control:onehot"]
    status, _, err = run("cka", *demo, *wrong, "--out", tmp_path / "x.json")
    assert status == 1
    assert named in err
    assert not (tmp_path / "x.json").exists()
