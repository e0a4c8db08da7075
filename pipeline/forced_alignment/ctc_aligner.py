"""Forced alignment by a CTC model of Hugging Face transformers: any language it writes.

A word lasts from the first frame of its first character to the last frame of its last. CTC models
mark characters by short peaks, so that their words tend to end early.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from safetensors import SafetensorError
from transformers import AutoFeatureExtractor, AutoModelForCTC, PreTrainedModel

from pipeline.alignments import Alignment
from pipeline.errors import AlignerError
from pipeline.forced_alignment.ctc_path import best_path, fewest_frames, token_spans
from pipeline.forced_alignment.ctc_vocabulary import Vocabulary, read_vocabulary
from pipeline.models.device import inference
from pipeline.models.fingerprint import folder_sha256
from pipeline.models.hidden_states import in_eval_mode
from pipeline.models.known.hugging_face import describe
from pipeline.models.pretrained import LOCAL_ONLY
from pipeline.models.speech_transformer import convolution_frames
from pipeline.models.waveform import resample
from pipeline.time_axis import FrameTimes, Interval

FeatureExtractor = Callable[..., Mapping[str, torch.Tensor]]

# The one weight that the output of a model in eval mode does not depend on.
_UNUSED = ("masked_spec_embed",)


def load(place: str) -> "CtcAligner":
    """Return the aligner of the model in a folder.

    Raises
    ------
    ModelError
        If the folder holds no speech model that can be loaded safely.
    AlignerError
        If the model is none of CTC, or has no vocabulary.
    """
    spec = describe(f"hf-speech:{place}")
    folder = Path(spec.source)
    model, feature_extractor = _load(folder)
    return CtcAligner(
        name=f"ctc {folder.name} (sha256 {folder_sha256(folder)[:12]})",
        sample_rate_hz=spec.sample_rate_hz or 16_000,
        vocabulary=read_vocabulary(folder, model.config.pad_token_id, model.config.vocab_size),
        model=in_eval_mode(model, "cuda" if torch.cuda.is_available() else "cpu"),
        feature_extractor=feature_extractor,
    )


def _load(folder: Path) -> tuple[PreTrainedModel, FeatureExtractor]:
    try:
        extractor = AutoFeatureExtractor.from_pretrained(folder, **LOCAL_ONLY)  # type: ignore[no-untyped-call]
        model, info = AutoModelForCTC.from_pretrained(
            folder,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
            **LOCAL_ONLY,
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise AlignerError(
            f"{folder}: transformers cannot load it as a CTC model: {error}"
        ) from error
    missing = sorted(key for key in info["missing_keys"] if not key.endswith(_UNUSED))
    if missing:
        raise AlignerError(
            f"{folder}: is no CTC model that was trained to write: the weights {missing[0]} are "
            f"missing, {len(missing)} in all; use one for speech recognition (Wav2Vec2ForCTC and "
            "the like)"
        )
    return model, extractor


@dataclass(frozen=True, eq=False)
class CtcAligner:
    """Finds words by the characters that a model writes.

    Attributes
    ----------
    name : str
    sample_rate_hz : int
    vocabulary : Vocabulary
    model : PreTrainedModel
        Gives scores of shape ``(1, frames, tokens)``.
    feature_extractor : callable
        One of transformers; normalises each recording, if the model was trained so.
    """

    name: str
    sample_rate_hz: int
    vocabulary: Vocabulary
    model: PreTrainedModel
    feature_extractor: FeatureExtractor

    def align(
        self,
        waveform: Float32[np.ndarray, " samples"],
        sample_rate: int,
        words: Sequence[str],
    ) -> Alignment:
        """Return each word's interval with its confidence.

        That is the mean of ``p(t, y_t)`` over the frames t whose label ``y_t`` on the best path
        is a character of the word; ``p(t, y)`` is the model's probability of y at t.

        Raises
        ------
        AlignerError
            If the vocabulary lacks characters of a word, or the recording is too short.
        """
        text = self.vocabulary.encode(words)
        samples = resample(waveform, sample_rate, self.sample_rate_hz)
        frames = self._frames(len(samples))
        if not 0 < fewest_frames(text.tokens) <= len(frames):
            raise AlignerError(
                f"the recording has {len(frames)} frames, but {len(words)} words of "
                f"{len(text.tokens)} characters need at least {fewest_frames(text.tokens)}; is the "
                "transcript longer than what is said?"
            )
        log_probabilities = self._log_probabilities(samples, len(frames))
        path = best_path(log_probabilities, text.tokens, self.vocabulary.blank)
        spans = token_spans(path, self.vocabulary.blank)
        probabilities = np.exp(log_probabilities[np.arange(len(path)), path])
        edges_s = self._edges_s(frames)
        intervals = [
            _interval(word, spans[text.words == index], edges_s, probabilities)
            for index, word in enumerate(words)
        ]
        return Alignment(intervals, [])

    def _frames(self, samples: int) -> FrameTimes:
        config = self.model.config
        return convolution_frames(
            samples, config.conv_kernel, config.conv_stride, self.sample_rate_hz
        )

    def _edges_s(self, frames: FrameTimes) -> Float64[np.ndarray, "frames 2"]:
        """Return where each frame starts and ends if they part time among themselves.

        That is half a stride before and after the centre of what it saw, so that the frames whose
        centre a word holds are those of its characters.
        """
        stride = math.prod(self.model.config.conv_stride)
        doubled = frames.doubled_centres[:, None] + np.array([-stride, stride])
        return np.maximum(doubled // 2, 0) / frames.sample_rate_hz

    def _log_probabilities(
        self, samples: Float32[np.ndarray, " samples"], frames: int
    ) -> Float32[np.ndarray, "frames tokens"]:
        inputs = self.feature_extractor(
            samples, sampling_rate=self.sample_rate_hz, return_tensors="pt"
        )
        with inference():
            scores = self.model(inputs["input_values"].to(self.model.device)).logits[0]
            log_probabilities = scores.float().log_softmax(dim=-1).cpu().numpy()
        if len(log_probabilities) != frames:
            raise AlignerError(
                f"{self.name}: {len(log_probabilities)} rows, but its convolutions give {frames} "
                "frames; models that change the frame rate afterwards are not supported"
            )
        if not np.isfinite(log_probabilities).all():
            raise AlignerError(f"{self.name}: the model gave values that are no probabilities")
        return log_probabilities


def _interval(
    word: str,
    spans: Int64[np.ndarray, "tokens 2"],
    edges_s: Float64[np.ndarray, "frames 2"],
    probabilities: Float32[np.ndarray, " frames"],
) -> Interval:
    own = np.concatenate([np.arange(first, end) for first, end in spans])
    confidence = min(1.0, float(probabilities[own].mean()))
    return Interval(word, float(edges_s[own[0], 0]), float(edges_s[own[-1], 1]), confidence)
