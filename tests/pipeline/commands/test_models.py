def test_the_list_can_be_narrowed_to_a_family(run_json):
    _, everything = run_json("models", "list")
    _, controls = run_json("models", "list", "--family", "control")
    names = [spec["name"] for spec in controls["models"]]
    assert names == ["control:onehot", "control:lookup"]
    assert {"minilm", "s3prl:fbank", "untrained:wav2vec2-base", *names} <= {
        spec["name"] for spec in everything["models"]
    }


def test_models_of_the_environment_are_listed(run, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODELS", "untrained:bert-base?seed=4, control:lookup?seed=2")
    out = run("models", "list")[1]
    assert "untrained:bert-base?seed=4" in out
    assert "control:lookup?seed=2" in out


def test_a_model_shows_its_layers_in_words_with_licence_and_rate(run):
    out = run("models", "show", "untrained:wav2vec2-base")[1]
    assert "0: transformer input, after positional convolution" in out
    assert "12: " in out
    assert "16000" in out
    assert "Apache-2.0" in out


def test_a_model_that_does_not_exist_gives_close_names(run):
    status, _, err = run("models", "show", "minilmm")
    assert status == 1
    assert "did you mean minilm" in err
