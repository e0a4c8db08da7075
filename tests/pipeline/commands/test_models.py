import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "librosa",
    "s3prl",
    "torchaudio",
    "httpx",
    "httpx2",
    "distributed",
)


def test_the_list_can_be_narrowed_to_a_family(run_json):
    _, everything = run_json("models", "list")
    _, narrowed = run_json("models", "list", "--family", "control")
    names = [spec["name"] for spec in narrowed["models"]]
    controls = ("onehot", "speaker", "duration", "lookup")
    assert names == [f"control:{control}" for control in controls]
    assert {"minilm", "s3prl:fbank", "untrained:wav2vec2-base", *names} <= {
        spec["name"] for spec in everything["models"]
    }


def test_models_of_the_environment_are_listed(run, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MODELS", "untrained:bert-base?seed=4, control:lookup?seed=2")
    out = run("models", "list")[1]
    assert "untrained:bert-base?seed=4" in out
    assert "control:lookup?seed=2" in out


def test_the_list_names_every_known_model_with_its_sizes(run):
    out = run("models", "list")[1].splitlines()
    assert out[0].split() == ["name", "family", "reads", "layers", "dims", "here", "licence"]
    minilm = next(line for line in out if line.startswith("minilm "))
    assert " ".join(minilm.split()) == "minilm text_transformer text 7 384 on disk Apache-2.0"


def test_the_list_can_be_searched_in_any_case(run, run_json):
    _, found = run_json("models", "list", "--search", "log MEL bands of")
    assert [spec["name"] for spec in found["models"]] == ["s3prl:mel"]
    assert "bert-base" in run("models", "list", "--search", "uncased", "--family", "untrained")[1]


@pytest.mark.parametrize("asked", [("--family", "hubert"), ("--search", "no such text")])
def test_a_list_of_nothing_says_which_families_there_are(run, asked):
    status, out, err = run("models", "list", *asked)
    assert (status, out) == (1, "")
    assert "families are text_transformer, s3prl_upstream" in err


def test_a_model_of_the_environment_that_is_not_here_stops_no_list(run, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("LAYERSCOPE_MODELS", "hf:org/name,control:lookup?seed=2")
    status, out, err = run("models", "list")
    assert status == 0
    assert "control:lookup?seed=2" in out
    assert "LAYERSCOPE_MODELS: hf:org/name is not on this machine; run: " in err


@pytest.mark.parametrize("arguments", [["list"], ["show", "minilm"], ["show", "hf:org/name"]])
def test_looking_imports_no_model_library(home, arguments):  # noqa: ARG001
    code = (
        "import sys\n"
        "from pipeline.__main__ import main\n"
        f"main(['models', *{arguments!r}])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


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


def test_every_fact_of_a_model_is_shown(run):
    shown = run("models", "show", "untrained:wav2vec2-base?seed=3")[1]
    for fact in (
        "name             untrained:wav2vec2-base?seed=3",
        "family           untrained",
        "options          seed 3",
        "sample rate      16000 Hz",
        "stride           320 samples (20 ms)",
        "dims             768",
        "on disk          yes",
        "source           random weights, seed 3",
        "fingerprint      wav2vec2-base, code",
        "layers           13",
    ):
        assert fact in shown


def test_a_hub_model_that_is_not_here_shows_how_to_fetch_it(run, run_json, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    status, out, _ = run("models", "show", "hf-text:org/name")
    assert status == 0
    assert "https://huggingface.co/org/name" in out
    assert "no; run: python -m pipeline models fetch hf-text:org/name" in out
    _, values = run_json("models", "show", "hf-text:org/name")
    assert values["on_disk"] is False
    assert not list(tmp_path.iterdir())


def test_fetching_what_is_here_says_where(run):
    assert "minilm is on this machine: " in run("models", "fetch", "minilm")[1]
    status, _, err = run("models", "fetch", "zzz")
    assert (status, "unknown model 'zzz'" in err) == (1, True)


def test_fetching_offline_is_one_clear_line(run, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    status, out, err = run("models", "fetch", "hf:org/name")
    assert (status, out) == (1, "")
    assert err == (
        "error: org/name: offline: HF_HUB_OFFLINE forbids downloads; unset it and fetch again\n"
    )


def test_a_probe_shows_the_measured_stride_beside_the_configured_one(run, run_json):
    _, values = run_json("models", "probe", "s3prl:fbank", "--device", "cpu")
    assert (values["measured_stride_samples"], values["configured_stride_samples"]) == (160, 160)
    out = run("models", "probe", "s3prl:fbank", "--device", "cpu")[1]
    assert "measured 160 samples from row to row at 16000 Hz" in out
    assert out.rstrip().endswith("configured 160")


@pytest.mark.parametrize(
    ("name", "reason"), [("minilm", "hears nothing"), ("control:onehot", "hears nothing")]
)
def test_only_what_hears_can_be_probed(run, name, reason):
    status, _, err = run("models", "probe", name)
    assert (status, reason in err) == (1, True)


def test_a_probe_of_fewer_digits_shows_the_error_of_each_layer(run, run_json):
    name = "minilm?precision=bf16"
    values = run_json("models", "probe", name, "--device", "cpu")[1]
    assert values["name"] == name
    assert len(values["errors"]) == 7
    assert all(0 <= each["mean"] <= each["largest"] < 0.1 for each in values["errors"])
    assert values["errors"][-1]["mean"] > 0
    out = run("models", "probe", name, "--device", "cpu")[1]
    assert "bf16 against float32 on a transcript, relative error of a row: largest, mean" in out
    assert "6: transformer layer 6" in out


def test_a_model_is_added_listed_and_removed(run, run_json, tmp_path):
    file = tmp_path / "two.txt"
    file.write_text("so 1 2\nit 3 4\n")
    name = f"glove:{file}"
    assert f"{name} is in the lists and menus: {file}" in run("models", "add", name)[1]
    assert run_json("models", "list")[1]["models"][-1]["name"] == name
    status, _, err = run("models", "add", name)
    assert (status, err) == (1, f"error: {name} was added already; it is in the menus\n")
    assert "its files stay where they are" in run("models", "remove", name)[1]
    assert name not in run("models", "list")[1]
    assert run("models", "remove", name)[0] == 1
    assert file.exists()
