import re
import time
from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.known import s3prl
from pipeline.models.known.s3prl import describe, listed
from pipeline.models.known.s3prl_files import downloaded
from pipeline.models.known.s3prl_zoo import upstreams
from pipeline.models.opening import open_model
from tests.pipeline.models.s3prl_checkpoints import MAKERS, save


@pytest.fixture(autouse=True)
def empty_home(tmp_path, monkeypatch):
    """A home without downloads."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")


@pytest.fixture
def here():
    """Write the checkpoint of a kind where s3prl would have downloaded that of a name."""

    def put(name, kind):
        path = downloaded(upstreams()[name].addresses[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        return save(kind, path)

    return put


def test_every_listed_model_is_found_by_its_name():
    assert [describe(spec.name) for spec in listed()] == list(listed())
    assert len({spec.name for spec in listed()}) == len(listed()) > 90


def test_listing_is_quick():
    listed()  # s3prl's files are read once
    before = time.process_time()
    listed()
    assert time.process_time() - before < 1


@pytest.mark.parametrize(
    ("name", "layers", "dims"),
    [
        ("wav2vec2", 13, 768),
        ("wav2vec2_large_960", 25, 1024),
        ("hubert", 13, 768),
        ("wavlm_large", 25, 1024),
        ("xls_r_2b", 49, 1920),
        ("distilhubert", 6, 768),
    ],
)
def test_well_known_models_are_described_before_they_are_here(name, layers, dims):
    spec = describe(f"s3prl:{name}")
    assert (len(spec.layer_names), spec.dims) == (layers, dims)
    assert (spec.on_disk, spec.fingerprint) == (False, "not on this machine")
    assert spec.source.startswith("https://")
    with pytest.raises(ModelError, match=f"models fetch s3prl:{name}"):
        open_model(f"s3prl:{name}", device="cpu")


def test_other_models_are_described_once_they_are_here(here):
    assert describe("s3prl:tera_100hr").dims == 0
    path = here("tera_100hr", "tera_local")
    spec = describe("s3prl:tera_100hr")
    assert spec.on_disk
    assert spec.source == str(path)
    assert (len(spec.layer_names), spec.dims, spec.stride_samples) == (3, 16, 160)
    assert open_model("s3prl:tera_100hr", device="cpu").spec == spec


def test_a_downloaded_model_is_opened_without_the_network(here, waveform):
    """It is not the model of its name, which the first recording shows."""
    here("wavlm_large", "wavlm_local")
    model = open_model("s3prl:wavlm_large", device="cpu")
    with pytest.raises(ModelError, match="expected 25 layers of 1024 dimensions, found 3 of"):
        model.extract(waveform, 16_000)


def test_other_weights_are_another_fingerprint(here):
    here("hubert", "hubert_local")
    first = describe("s3prl:hubert").fingerprint
    here("hubert", "data2vec_local")
    assert describe("s3prl:hubert").fingerprint != first


@pytest.mark.parametrize("kind", MAKERS)
def test_a_local_checkpoint_is_described_without_torch(kind, s3prl_checkpoint, printed_by):
    spec = describe(f"s3prl:{kind}:{s3prl_checkpoint(kind)}")
    assert spec.on_disk
    assert re.search("sha256 [0-9a-f]{64}", spec.fingerprint)
    assert describe(spec.name) == spec
    if kind == "hubert_local":
        code = (
            "import sys\n"
            "from pipeline.models.known.s3prl import describe\n"
            f"describe({spec.name!r})\n"
            "print([name for name in ('s3prl', 'torch') if name in sys.modules])"
        )
        assert printed_by(code) == "[]"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fbnk", "no upstream 's3prl:fbnk'; did you mean s3prl:fbank"),
        ("wavlm_larg", "did you mean s3prl:wavlm_large"),
        ("wav2vec2_local", "ask for s3prl:wav2vec2_local:PATH"),
        ("wav2vec2_local:", "ask for s3prl:wav2vec2_local:PATH"),
        ("wav2vec2_local:/absent/x.pt", "/absent/x.pt: expected a checkpoint file there, found no"),
        ("wav2vec2_local:/", "expected a checkpoint file there, found a folder"),
        ("wav2vec2_custom:https://example.com/x.pt", "expected a checkpoint file there, found no"),
        ("hf_hubert_custom:/absent", "expected hf-speech:FOLDER on this machine"),
        ("hubert:/x.pt", r"has weights of its own; .* s3prl:KIND_local:PATH"),
        ("fbank:/x.pt", "has weights of its own"),
        ("customized_upstream", "it is an example without a model"),
        ("ast", r"is not offered: it needs timm 0.4.5 \(pip install timm==0.4.5\)"),
        ("byol_s_default", "does not import beside torchaudio 2.11"),
        ("baseline_local:/x.yaml", "it needs a configuration"),
        ("wav2vec2_url:x", "no upstream 's3prl:wav2vec2_url:x'"),
    ],
)
def test_names_that_lead_nowhere_say_where_to_go(name, said):
    with pytest.raises(ModelError, match=said):
        describe(f"s3prl:{name}")


@pytest.mark.parametrize("kind", ["hubert_local", "tera_local", "mae_ast_local", "cpc_local"])
def test_a_checkpoint_of_another_layout_is_refused(kind, s3prl_checkpoint):
    foreign = s3prl_checkpoint("apc_local")
    with pytest.raises(ModelError, match=r"apc_local\.pt: expected a checkpoint in s3prl's layout"):
        describe(f"s3prl:{kind}:{foreign}")


@pytest.mark.parametrize("content", [[1, 2], "text", {1: 2}, {"model_weight": {"a": 1}}])
def test_files_of_torch_that_are_no_checkpoints_are_refused(content, tmp_path):
    path = tmp_path / "other.pt"
    torch.save(content, path)
    with pytest.raises(ModelError, match=r"other\.pt: expected a checkpoint in s3prl's layout"):
        describe(f"s3prl:wav2vec2_local:{path}")


def test_without_s3prl_only_its_features_are_named(monkeypatch):
    monkeypatch.setattr(s3prl, "upstreams", dict)
    assert {spec.stride_samples for spec in listed()} == {160}
    with pytest.raises(ModelError, match="run: pip install s3prl"):
        describe("s3prl:hubert")
