import json
import shutil
from dataclasses import replace

import pytest
from transformers import AutoConfig

from pipeline.errors import ModelError
from pipeline.models.known.hugging_face import describe, describe_folder, fetch


def write_config(folder, **fields):
    (folder / "config.json").write_text(json.dumps(fields))
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")


@pytest.mark.parametrize("fixture", ["bert_folder", "gpt2_folder", "t5_folder"])
def test_sizes_are_those_that_transformers_reads(request, fixture):
    folder = request.getfixturevalue(fixture)
    config, spec = AutoConfig.from_pretrained(folder), describe(f"hf-text:{folder}")
    assert (len(spec.layer_names) - 1, spec.dims) == (config.num_hidden_layers, config.hidden_size)
    assert (spec.family, spec.modality, spec.hears) == ("text_transformer", "text", False)


def test_a_speech_folder_says_rate_and_stride(wav2vec2_folder):
    spec = describe(f"hf-speech:{wav2vec2_folder}")
    assert (spec.sample_rate_hz, spec.stride_samples, spec.dims) == (16_000, 320, 16)
    assert (spec.family, spec.modality) == ("speech_transformer", "speech")
    assert len(spec.layer_names) == 3


@pytest.mark.parametrize("kind", ["text", "speech"])
def test_a_folder_asked_for_by_another_name_is_the_same_model(kind, bert_folder, speech_folder):
    folder = bert_folder if kind == "text" else speech_folder("hubert")
    known = describe(f"hf-{kind}:{folder}")
    asked = describe_folder(folder, None, "hf:owner/model", "revision 0a1b")
    assert asked.name == "hf:owner/model"
    assert asked.fingerprint.startswith("revision 0a1b, code ")
    assert replace(asked, name=known.name, fingerprint=known.fingerprint) == known


def test_a_model_that_hears_is_not_read_as_text_and_the_other_way_round(bert_folder, speech_folder):
    with pytest.raises(ModelError, match=r"model_type whisper, which hears; ask for hf-speech"):
        describe(f"hf-text:{speech_folder('whisper')}")
    with pytest.raises(ModelError, match=r"hears, found model_type bert; .*ask for hf-text"):
        describe(f"hf-speech:{bert_folder}")


def test_describing_imports_nothing_heavy(printed_by, speech_folder):
    name = f"hf-speech:{speech_folder('hubert')}"
    code = (
        "import sys\n"
        "from pipeline.models.known.hugging_face import describe\n"
        f"describe({name!r})\n"
        "print([name for name in ('torch', 'transformers', 'librosa') if name in sys.modules])"
    )
    assert printed_by(code) == "[]"


def test_an_encoders_layers_come_before_the_decoders(tmp_path):
    write_config(tmp_path, encoder_layers=2, num_hidden_layers=5, d_model=8)
    assert len(describe(f"hf-text:{tmp_path}").layer_names) == 3


def test_any_spelling_of_the_folder_is_one_model(tmp_path, monkeypatch):
    write_config(tmp_path, num_hidden_layers=1, hidden_size=8)
    monkeypatch.chdir(tmp_path.parent)
    assert describe(f"hf-text:{tmp_path.name}/") == describe(f"hf-text:{tmp_path}")


def test_other_weights_are_another_fingerprint(tmp_path):
    write_config(tmp_path, num_hidden_layers=1, hidden_size=8)
    before = describe(f"hf-text:{tmp_path}").fingerprint
    (tmp_path / "model.safetensors").write_bytes(b"trained longer")
    assert describe(f"hf-text:{tmp_path}").fingerprint != before


@pytest.mark.parametrize("name", ["hf-text:bert-base-uncased", "hf-speech:a/b", "hf:a/b"])
def test_a_name_on_the_hub_has_to_be_fetched_first(name, hub_cache):  # noqa: ARG001
    with pytest.raises(ModelError, match=f"{name} is not on this machine; run: .* fetch {name}"):
        describe(name)


def test_the_files_say_which_kind_a_model_is(bert_folder, wav2vec2_folder):
    assert describe(f"hf:{bert_folder}") == describe(f"hf-text:{bert_folder}")
    assert describe(f"hf:{wav2vec2_folder}") == describe(f"hf-speech:{wav2vec2_folder}")


def test_a_model_with_one_file_for_recordings_and_text_hears(wav2vec2_folder, tmp_path):
    folder = shutil.copytree(wav2vec2_folder, tmp_path / "model")
    extractor = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "processor_config.json").write_text(json.dumps({"feature_extractor": extractor}))
    assert describe(f"hf:{folder}").hears


def test_a_hub_model_is_known_by_its_revision(cached_repository, bert_folder):
    snapshot = cached_repository("org/bert", bert_folder)
    spec = describe("hf:org/bert@main?tokens=last")
    assert spec.name == "hf-text:org/bert@main?tokens=last"
    assert spec.fingerprint.startswith(f"revision {'c' * 40}, code ")
    assert (spec.source, spec.options) == (str(snapshot), {"tokens": "last"})
    assert describe("hf:org/bert").layer_names == describe(f"hf:{bert_folder}").layer_names


def test_a_hub_model_of_pickled_weights_is_refused(cached_repository, tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "pytorch_model.bin").touch()
    cached_repository("org/old", tmp_path / "made")
    with pytest.raises(ModelError, match="pickled"):
        describe("hf:org/old")


def test_a_speech_model_has_no_options_of_text(wav2vec2_folder):
    with pytest.raises(ModelError, match="it has no options"):
        describe(f"hf:{wav2vec2_folder}?tokens=last")


def test_a_folder_is_not_downloaded(bert_folder, monkeypatch):
    monkeypatch.delattr("pipeline.models.known.hugging_face.download")
    assert fetch(f"hf:{bert_folder}") == describe(f"hf:{bert_folder}")


def test_pickled_weights_are_refused_with_a_way_out(tmp_path):
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(ModelError, match=r"pickled.*save_pretrained writes model"):
        describe(f"hf-text:{tmp_path}")


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"expected model\.safetensors, found no weights"):
        describe(f"hf-text:{tmp_path}")


def test_a_text_folder_needs_a_tokenizer(tmp_path):
    write_config(tmp_path, num_hidden_layers=1, hidden_size=8)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="expected a tokenizer"):
        describe(f"hf-text:{tmp_path}")


def test_a_configuration_without_sizes_is_refused(tmp_path):
    write_config(tmp_path, num_hidden_layers=1)
    with pytest.raises(ModelError, match="no hidden_size or n_embd or d_model"):
        describe(f"hf-text:{tmp_path}")
