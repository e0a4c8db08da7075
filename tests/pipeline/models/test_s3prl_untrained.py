import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.known.s3prl_zoo import upstreams
from pipeline.models.opening import open_model
from pipeline.models.s3prl_building import build_upstream
from pipeline.models.s3prl_untrained import build_untrained

KINDS = ["wav2vec2_local", "hubert_local", "wavlm_local", "data2vec_local", "distiller_local"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_twin_has_the_architecture_and_other_weights(s3prl_checkpoint, kind):
    path, upstream = s3prl_checkpoint(kind), upstreams()[kind]
    trained = dict(build_upstream(upstream, path).named_parameters())
    twin, again, other = (
        dict(build_untrained(upstream, path, seed).named_parameters()) for seed in (0, 0, 1)
    )
    assert {name: value.shape for name, value in twin.items()} == {
        name: value.shape for name, value in trained.items()
    }
    assert all(torch.equal(twin[name], again[name]) for name in twin)
    matrices = [name for name, value in twin.items() if value.ndim > 1 and value.std() > 0]
    assert matrices
    for weights in (trained, other):
        assert not any(torch.equal(twin[name], weights[name]) for name in matrices)


def test_loading_and_other_random_numbers_are_as_before(s3prl_checkpoint):
    original, state = torch.nn.Module.load_state_dict, torch.random.get_rng_state()
    build_untrained(upstreams()["hubert_local"], s3prl_checkpoint("hubert_local"), 0)
    assert torch.nn.Module.load_state_dict is original
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_twin_hears_by_its_name_and_its_seed(s3prl_checkpoint, waveform):
    name = f"s3prl:wav2vec2_local:{s3prl_checkpoint('wav2vec2_local')}"
    trained, twin, other = (
        open_model(each, "cpu").extract(waveform, 16_000)
        for each in (name, f"untrained:{name}", f"untrained:{name}?seed=1")
    )
    assert len(twin.layers) == len(trained.layers)
    assert twin.frames.start_samples.tolist() == trained.frames.start_samples.tolist()
    for layers in (trained.layers, other.layers):
        assert not np.allclose(twin.layers[-1], layers[-1])
    spec = find_model(f"untrained:{name}")
    assert spec.fingerprint != find_model(name).fingerprint
    assert spec.source.endswith("but random weights, seed 0")


def test_computed_features_have_no_twin():
    with pytest.raises(ModelError, match="s3prl:fbank has no weights that could be untrained"):
        open_model("untrained:s3prl:fbank", "cpu")
