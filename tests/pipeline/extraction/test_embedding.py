from dataclasses import replace

import numpy as np
import pytest

from pipeline.corpus import open_corpus
from pipeline.errors import ModelError
from pipeline.extraction import embed
from pipeline.extraction.embedding import embed_together, sound_for
from pipeline.models.extractor import Extraction
from pipeline.settings import AlignmentSettings
from tests.pipeline.extraction.doubles import Clock, Reader

WORDS = AlignmentSettings()


def test_a_word_is_the_mean_of_the_frames_centred_in_it(utterance):
    embeddings = embed(Clock(), utterance, WORDS)
    assert embeddings.token_ids.tolist() == list(range(len(utterance.words)))
    for interval, vector in zip(utterance.word_intervals, embeddings.vectors[0], strict=True):
        start, end = 16_000 * interval.start, 16_000 * interval.end
        centres = np.arange(200, 16_000 * utterance.duration_s, 160)
        inside = centres[(centres >= round(start)) & (centres < round(end))]
        inside = inside[inside <= embeddings.frames.doubled_centres[-1] / 2]
        assert vector[0] == pytest.approx(inside.mean(), rel=1e-6)


def test_by_the_overlap_rule_a_word_is_the_mean_of_the_cells_it_touches(utterance):
    late = replace(utterance, word_intervals=(None, *utterance.word_intervals[1:]))
    embeddings = embed(Clock(), late, AlignmentSettings(frame_rule="overlap"))
    assert embeddings.token_ids.tolist() == list(range(1, len(utterance.words)))
    centres = np.arange(len(embeddings.frames)) * 160 + 200
    for word, vector in zip(embeddings.token_ids, embeddings.vectors[0], strict=True):
        interval = utterance.word_intervals[word]
        start, end = round(16_000 * interval.start), round(16_000 * interval.end)
        lengths = np.minimum(centres + 80, end) - np.maximum(centres - 80, start)
        weights = lengths.clip(min=0)
        assert vector[0] == pytest.approx((weights * centres).sum() / weights.sum(), rel=1e-6)


def test_by_the_overlap_rule_other_poolings_take_the_frames_as_they_are(utterance):
    settings = AlignmentSettings(frame_rule="overlap", pooling="max")
    embeddings = embed(Clock(), utterance, settings)
    last = embeddings.frames.doubled_centres[embeddings.spans[:, 1] - 1] / 2
    np.testing.assert_array_equal(embeddings.vectors[0, :, 0], last)


def test_a_word_without_a_time_or_a_token_is_missing_and_never_zero(utterance):
    intervals = (None, *utterance.word_intervals[1:])
    without_first = replace(utterance, word_intervals=intervals)
    assert 0 not in embed(Clock(), without_first, WORDS).token_ids
    known = [index for index, word in enumerate(utterance.words) if word != "the"]
    assert embed(Reader(), utterance, WORDS).token_ids.tolist() == known


def test_phones_are_pooled_like_words(utterance):
    embeddings = embed(Clock(), utterance, AlignmentSettings(unit="phone"))
    assert len(embeddings.token_ids) == len(utterance.phone_intervals)


def together(model, utterances, settings):
    sounds = [sound_for(model, utterance, settings) for utterance in utterances]
    return embed_together(model, utterances, sounds, settings)


@pytest.mark.parametrize("frame_rule", ["centre", "overlap"])
@pytest.mark.parametrize("name", ["wav2vec2", "conformer", "ast-short"])
def test_a_batch_gives_each_utterance_what_it_gets_alone(name, frame_rule, speech_model):
    utterances, settings = (
        open_corpus("demo").utterances[:4],
        AlignmentSettings(frame_rule=frame_rule),
    )
    model = speech_model(name)
    for utterance, found in zip(utterances, together(model, utterances, settings), strict=True):
        alone = embed(model, utterance, settings)
        assert found.token_ids.tolist() == alone.token_ids.tolist()
        assert found.spans.tolist() == alone.spans.tolist()
        assert found.frames.start_samples.tolist() == alone.frames.start_samples.tolist()
        scale = np.abs(alone.vectors).max()
        np.testing.assert_allclose(found.vectors, alone.vectors, rtol=0, atol=1e-5 * scale)
        assert found.vectors.flags.c_contiguous


def test_transcripts_of_a_batch_are_pooled_as_each_alone(minilm_model):
    utterances = open_corpus("demo").utterances[:3]
    found = together(minilm_model, utterances, WORDS)
    for utterance, each in zip(utterances, found, strict=True):
        alone = embed(minilm_model, utterance, WORDS)
        assert each.spans.tolist() == alone.spans.tolist()
        assert each.frames is None
        np.testing.assert_allclose(each.vectors, alone.vectors, rtol=0, atol=1e-5)


def test_an_utterance_without_words_in_a_batch_has_no_vectors(utterance):
    silent = replace(utterance, words=(), word_intervals=())
    none, some = together(Clock(), [silent, utterance], WORDS)
    assert none.vectors.shape == (1, 0, 1)
    assert some.vectors.tolist() == embed(Clock(), utterance, WORDS).vectors.tolist()


class Infinite(Clock):
    """Its values are no numbers that can be stored."""

    def extract(self, waveform, sample_rate):
        found = super().extract(waveform, sample_rate)
        return Extraction([np.full_like(found.layers[0], np.inf)], found.frames)


def test_vectors_that_are_not_finite_are_refused(utterance):
    with pytest.raises(ModelError, match="vectors that are not finite"):
        embed(Infinite(), utterance, WORDS)
