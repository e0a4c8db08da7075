import json
import shutil
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torchaudio.functional import forced_align, merge_tokens
from transformers import (
    Wav2Vec2CTCTokenizer,
    Wav2Vec2ForCTC,
    Wav2Vec2Model,
)

from pipeline.corpus import open_corpus
from pipeline.errors import AlignerError, ModelError
from pipeline.forced_alignment import Aligner, open_aligner
from pipeline.models.speech_transformer import convolution_frames
from pipeline.models.waveform import read_waveform, resample
from pipeline.words.spans import word_spans
from tests.pipeline.forced_alignment.conftest import VOCABULARY, tiny_config

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def aligner(ctc_folder):
    return open_aligner(f"ctc:{ctc_folder}")


@pytest.fixture(scope="module")
def spoken():
    utterance = open_corpus("demo").utterances[0]
    return read_waveform(utterance.audio, RATE_HZ), utterance.words


def test_it_is_an_aligner_that_names_its_weights(aligner, ctc_folder, tmp_path):
    assert isinstance(aligner, Aligner)
    assert aligner.name.startswith("ctc tiny-ctc")
    other = shutil.copytree(ctc_folder, tmp_path / ctc_folder.name)
    assert open_aligner(f"ctc:{other}").name == aligner.name
    config = tiny_config(len(VOCABULARY))
    Wav2Vec2ForCTC(config).save_pretrained(other)
    assert open_aligner(f"ctc:{other}").name != aligner.name


def test_times_and_confidences_are_those_of_transformers_and_torchaudio(
    aligner, ctc_folder, spoken
):
    waveform, words = spoken
    tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(ctc_folder)
    tokens = torch.tensor([tokenizer(" ".join(words).upper()).input_ids])
    normalised = (waveform - waveform.mean()) / np.sqrt(waveform.var() + 1e-7)
    with torch.no_grad():
        model = Wav2Vec2ForCTC.from_pretrained(ctc_folder)
        scores = model(torch.tensor(normalised)[None]).logits.log_softmax(-1)
    path, _ = forced_align(scores, tokens, blank=0)
    spans = merge_tokens(path[0], torch.zeros(path.shape[1]), blank=0)
    groups = [[]]
    for span in spans:
        if span.token == VOCABULARY.index("|"):
            groups.append([])
        else:
            groups[-1].append(span)
    found = aligner.align(waveform, RATE_HZ, words)
    assert found.phones == []
    assert [word.label for word in found.words] == list(words)
    for word, group in zip(found.words, groups, strict=True):
        assert word.start == (320 * group[0].start + 40) / RATE_HZ
        assert word.end == (320 * group[-1].end + 40) / RATE_HZ
        probabilities = [
            scores[0, frame, span.token].exp().item()
            for span in group
            for frame in range(span.start, span.end)
        ]
        assert word.confidence == pytest.approx(np.mean(probabilities), rel=1e-3)


class Planted(Wav2Vec2ForCTC):
    """A model that is sure of a path of its own."""

    def __init__(self, path, likely):
        super().__init__(tiny_config(len(VOCABULARY)))
        scores = torch.full((1, len(path), len(VOCABULARY)), (1 - likely) / (len(VOCABULARY) - 1))
        scores[0, range(len(path)), path] = likely
        self.scores = scores.log()

    def forward(self, _samples):
        return SimpleNamespace(logits=self.scores)


@pytest.fixture
def planted(aligner):
    """Return a function: a path, written with - for the blank, and how likely it is."""

    def plant(path, likely=0.9):
        numbers = [VOCABULARY.index("<pad>" if label == "-" else label) for label in path]
        return replace(aligner, model=Planted(numbers, likely))

    return plant


def samples_of(frames):
    return np.zeros(400 + 320 * (frames - 1), np.float32)


def test_a_word_lasts_from_its_first_to_its_last_character(planted):
    path = "--GGO--|-D-OO-|Y-O-UU---"
    found = planted(path).align(samples_of(len(path)), RATE_HZ, ["go", "do", "you"]).words
    frames = [(2, 5), (9, 13), (15, 21)]
    assert [(word.start, word.end) for word in found] == [
        ((320 * first + 40) / RATE_HZ, (320 * end + 40) / RATE_HZ) for first, end in frames
    ]
    assert [word.confidence for word in found] == pytest.approx([0.9] * 3, rel=1e-6)


def test_the_centre_rule_gives_back_the_very_frames(planted, aligner):
    path = "G-O|DO|YOU--"
    waveform = samples_of(len(path))
    found = planted(path).align(waveform, RATE_HZ, ["go", "do", "you"]).words
    config = aligner.model.config
    frames = convolution_frames(len(waveform), config.conv_kernel, config.conv_stride, RATE_HZ)
    assert word_spans(found, frames, "centre").tolist() == [[0, 3], [4, 6], [7, 10]]


def test_confidence_falls_where_the_model_writes_something_else(planted):
    words = ["go", "do"]
    path = "-GO-|-DO-"
    sure = planted(path, 0.6).align(samples_of(9), RATE_HZ, words).words
    misread = planted(path.replace("D", "B"), 0.6).align(samples_of(9), RATE_HZ, words).words
    assert sure[1].confidence == pytest.approx(0.6, rel=1e-6)
    assert misread[0].confidence == pytest.approx(0.6, rel=1e-6)
    assert misread[1].confidence < 0.5


def test_every_word_is_inside_the_recording_in_order_at_any_rate(aligner, spoken):
    waveform, words = spoken
    faster = resample(waveform, RATE_HZ, 44_100)
    for samples, rate_hz in ((waveform, RATE_HZ), (faster, 44_100)):
        found = aligner.align(samples, rate_hz, words).words
        assert [word.label for word in found] == list(words)
        assert found[0].start >= 0
        assert found[-1].end <= len(samples) / rate_hz
        assert all(word.end <= after.start for word, after in pairwise(found))
        assert all(0 <= word.confidence <= 1 for word in found)


@pytest.mark.parametrize("samples", [0, 399, 400, 400 + 320 * 3])
def test_a_recording_that_is_too_short_is_refused(aligner, samples):
    with pytest.raises(AlignerError, match="2 words of 5 characters need at least 5"):
        aligner.align(np.zeros(samples, np.float32), RATE_HZ, ["go", "do"])


def test_values_that_are_no_probabilities_are_refused(planted):
    broken = planted("-GO-")
    broken.model.scores[0, 1, 1] = np.nan
    with pytest.raises(AlignerError, match="values that are no probabilities"):
        broken.align(samples_of(4), RATE_HZ, ["go"])


def test_a_model_that_changes_the_frame_rate_is_refused(planted):
    with pytest.raises(AlignerError, match="4 rows, but its convolutions give 8 frames"):
        planted("-GO-").align(samples_of(8), RATE_HZ, ["go"])


@pytest.fixture
def copied(ctc_folder, tmp_path):
    """A copy of the folder, to be damaged."""
    return shutil.copytree(ctc_folder, tmp_path / "model")


def test_a_model_that_was_not_trained_to_write_is_refused(copied):
    Wav2Vec2Model(tiny_config(len(VOCABULARY))).save_pretrained(copied)
    with pytest.raises(AlignerError, match=r"no CTC model .* lm_head\.bias are missing, 2 in all"):
        open_aligner(f"ctc:{copied}")


def test_a_folder_without_a_vocabulary_is_refused(copied):
    (copied / "vocab.json").unlink()
    with pytest.raises(AlignerError, match=r"vocab\.json: expected the file"):
        open_aligner(f"ctc:{copied}")


def test_a_kind_of_model_without_ctc_is_refused(copied):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    with pytest.raises(AlignerError, match="cannot load it as a CTC model"):
        open_aligner(f"ctc:{copied}")


def test_an_unknown_feature_extractor_is_refused(copied):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "unheard"}))
    (copied / "preprocessor_config.json").write_text(
        '{"sampling_rate": 16000, "feature_extractor_type": "Unheard"}'
    )
    with pytest.raises(AlignerError, match="cannot load it as a CTC model"):
        open_aligner(f"ctc:{copied}")


def test_pickled_weights_are_refused(copied):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(ModelError, match="its weights are pickled"):
        open_aligner(f"ctc:{copied}")


def test_a_name_on_the_hub_is_not_downloaded():
    with pytest.raises(
        ModelError, match="is not on this machine; run: python -m pipeline models fetch"
    ):
        open_aligner("ctc:facebook/wav2vec2-base-960h")
