def test_a_corpus_is_checked_added_listed_and_used_by_name(run, run_json, shared, tmp_path):
    speech = shared / "speech"
    tree = [speech / "LibriSpeech", "--alignments", speech / "alignments-mfa"]
    status, found = run_json("corpora", "check", *tree)
    assert status == 1
    assert (found["utterances"], found["speakers"], found["tokens"]) == (29, 1, 530)
    assert len(found["problems"]) == 25
    assert run("corpora", "add", "real", *tree)[0] == 0
    _, listed = run_json("corpora", "list")
    assert [corpus["name"] for corpus in listed["corpora"]] == ["demo", "real"]
    _, again = run_json("corpora", "check", "real")
    assert again["tokens_with_times"] == found["tokens_with_times"]
    out = tmp_path / "m.npy"
    assert run("matrix", "--corpus", "real", "--model", "control:lookup", "--layer", 0,
               "--out", out)[0] == 0  # fmt: skip


def test_the_demonstration_has_no_problems(run):
    status, out, _ = run("corpora", "check", "demo")
    assert status == 0
    assert "80 utterances by 5 speakers" in out
    assert "0 problems" in out


def test_a_folder_that_is_no_corpus_is_not_registered(run, tmp_path):
    status, _, err = run("corpora", "add", "empty", tmp_path)
    assert status == 1
    assert "expected a manifest" in err
    assert "empty" not in run("corpora", "list")[1]
