import pytest

from pipeline.models.known.s3prl_layers import layers_of, released_layers
from pipeline.models.known.s3prl_zoo import upstreams
from pipeline.models.known.torch_file import read_torch_file


def test_the_released_models_are_names_of_s3prl():
    known = [name for name in upstreams() if released_layers(name)]
    assert len(known) > 30
    assert {name for name in known if upstreams()[name].takes_checkpoint} == set()


@pytest.mark.parametrize(
    ("kind", "family", "first", "last"),
    [
        ("wav2vec2_local", "wav2vec2", "0: transformer input, after", "2: transformer layer 2"),
        ("wav2vec2_custom", "wav2vec2", "0: conformer input", "2: conformer layer 2"),
        ("distiller_local", "distiller", "0: features", "5: prediction of teacher layer 12"),
        ("npc_local", "npc", "0: convolution block 1", "4: output"),
        ("multires_hubert_local", "multires_hubert", "0: encoder 1, in", "7: decoder 1, layer 2"),
        ("tera_local", "tera", "0: transformer input", "2: transformer layer 2"),
        ("wav2vec_local", "wav2vec", "0: features of", "3: context network's output"),
    ],
)
def test_layers_are_named_by_what_they_are(kind, family, first, last, s3prl_checkpoint):
    layers = layers_of(family, read_torch_file(s3prl_checkpoint(kind)))
    assert layers.names[0].startswith(first)
    assert layers.names[-1] == last


def test_several_bands_side_by_side_are_wider_layers():
    content = {
        "cfg": {
            "model": {
                "ast_kernel_size_chan": 16, "ast_kernel_stride_chan": 16, "encoder_embed_dim": 16,
            },
            "task": {"feature_dim": 128},
        },
        "model": {"encoder.layers.0.fc1.weight": None},
    }  # fmt: skip
    layers = layers_of("mae_ast", content)
    assert layers.names == ("0: transformer layer 1, 8 bands side by side",)
    assert layers.dims == 128


def test_predictions_that_are_not_one_a_teacher_layer_are_refused(s3prl_checkpoint):
    content = read_torch_file(s3prl_checkpoint("distiller_local"))
    content["Config"]["distiller"]["task_emb_type"] = "add"
    with pytest.raises(ValueError, match="not one a teacher layer"):
        layers_of("distiller", content)
