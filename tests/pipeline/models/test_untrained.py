import shutil
import tempfile

import numpy as np
import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertModel,
    Wav2Vec2Config,
    Wav2Vec2Model,
)

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.opening import open_model
from pipeline.models.untrained import load, random_model


def weights(model):
    return torch.cat([parameter.flatten() for parameter in model.parameters()])


@pytest.fixture(scope="module")
def tiny():
    return BertConfig(
        vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8,
    )  # fmt: skip


def test_a_seed_is_reproducible_and_another_seed_differs(tiny):
    first, again, other = (weights(random_model(BertModel, tiny, seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_building_neither_uses_nor_disturbs_other_random_numbers(tiny):
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    first = weights(random_model(BertModel, tiny, 0))
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(6)
    assert torch.equal(weights(random_model(BertModel, tiny, 0)), first)


def test_wav2vec2_twin_is_the_default_architecture(untrained_wav2vec2, waveform):
    extraction = untrained_wav2vec2.extract(waveform, 16_000)
    torch.manual_seed(0)
    direct = Wav2Vec2Model(Wav2Vec2Config()).eval()
    normalised = (waveform - waveform.mean()) / np.sqrt(waveform.var() + 1e-7)
    with torch.no_grad():
        expected = direct(torch.tensor(normalised)[None], output_hidden_states=True).hidden_states
    for layer, tensor in zip(extraction.layers, expected, strict=True):
        np.testing.assert_allclose(layer, tensor[0], atol=1e-4)
    assert extraction.frames.start_samples[:2].tolist() == [0, 320]
    assert extraction.frames.end_samples[0] == 400


def test_bert_twin_reads_words_and_its_layers_differ(untrained_bert):
    extraction = untrained_bert.extract_text(["don't", "go"])
    assert extraction.tokens == ("[CLS]", "don", "'", "t", "go", "[SEP]")
    assert extraction.spans.tolist() == [[1, 4], [4, 5]]
    assert not np.allclose(extraction.layers[0], extraction.layers[12], atol=0.1)


def test_specs_say_the_sizes_of_the_default_architectures():
    for name, config in (("wav2vec2-base", Wav2Vec2Config()), ("bert-base", BertConfig())):
        spec = find_model(f"untrained:{name}")
        assert len(spec.layer_names) == config.num_hidden_layers + 1
        assert spec.dims == config.hidden_size


def test_a_model_of_another_family_is_refused():
    with pytest.raises(ModelError, match="minilm: expected untrained:wav2vec2-base"):
        load(find_model("minilm"), "cpu")


@pytest.mark.parametrize("fixture", ["bert_folder", "gpt2_folder", "t5_folder"])
def test_any_text_model_has_an_untrained_twin(request, fixture):
    folder = request.getfixturevalue(fixture)
    model = open_model(f"untrained:hf-text:{folder}?seed=5", "cpu")
    read = model.extract_text(["the", "cat"])
    torch.manual_seed(5)
    direct = AutoModel.from_config(AutoConfig.from_pretrained(folder)).eval()
    encoder = direct.get_encoder() if direct.config.is_encoder_decoder else direct
    tokens = AutoTokenizer.from_pretrained(folder)("the cat", return_tensors="pt")
    ids, mask = tokens["input_ids"], tokens["attention_mask"]
    with torch.no_grad():
        expected = encoder(ids, attention_mask=mask, output_hidden_states=True).hidden_states
    for layer, tensor in zip(read.layers, expected, strict=True):
        np.testing.assert_allclose(layer, tensor[0], atol=1e-5)


def test_an_untrained_twin_is_that_of_its_seed_alone(
    wav2vec2_folder, waveform, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = [f"hf-speech:{wav2vec2_folder}"]
    names += [f"untrained:{names[0]}{seed}" for seed in ("", "?seed=1", "?seed=1")]
    models = [open_model(name, "cpu") for name in names]
    last = [model.extract(waveform, 16_000).layers[-1] for model in models]
    np.testing.assert_array_equal(last[2], last[3])
    for other in (last[0], last[1]):
        assert abs(other - last[2]).max() > 0.1
    assert models[2].spec == find_model(names[2])
    assert list(tmp_path.iterdir()) == []  # what was written there is gone


def test_a_twin_whose_configuration_is_none_is_refused(bert_folder, tmp_path):
    folder = shutil.copytree(bert_folder, tmp_path / "model")
    config = folder / "config.json"
    config.write_text(config.read_text().replace('"bert"', '"no such model"'))
    with pytest.raises(ModelError, match=f"{folder}: transformers cannot make it anew"):
        open_model(f"untrained:hf-text:{folder}", "cpu")
