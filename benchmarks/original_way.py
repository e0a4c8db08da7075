"""The original study's way, written afresh: what extraction and storing are compared with.

One utterance at a time goes through the model, a mean is taken for every word of every layer in
turn, and each utterance becomes a file of indented JSON.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from jaxtyping import Float32
from transformers import PreTrainedModel, Wav2Vec2FeatureExtractor

from pipeline.corpus.utterance import Utterance

STRIDE_S = 0.02
Embeddings = list[dict[str, Any]]
"""Each word that was spoken, with a vector for each layer."""


def extract(
    model: PreTrainedModel, normaliser: Wav2Vec2FeatureExtractor, utterance: Utterance
) -> Embeddings:
    """Run the model over one utterance and average the frames of each word, layer by layer."""
    samples, rate_hz = soundfile.read(utterance.audio, dtype="float32")
    values = normaliser(samples, sampling_rate=rate_hz, return_tensors="pt")["input_values"]
    with torch.inference_mode():
        output = model(values.to(model.device), output_hidden_states=True)
    layers = [layer[0].cpu().numpy() for layer in output.hidden_states]
    words = []
    for word, interval in zip(utterance.words, utterance.word_intervals, strict=True):
        if interval is not None:
            first, last = (int(edge / STRIDE_S) for edge in (interval.start, interval.end))
            vectors = [layer[first : last + 1].mean(axis=0).tolist() for layer in layers]
            words.append({"word": word, "layers": vectors})
    return words


def store(path: Path, embeddings: Embeddings) -> None:
    """Write one utterance's vectors."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(embeddings, file, indent=4)


def load(path: Path) -> Float32[np.ndarray, "words layers dim"]:
    """Read one utterance's vectors."""
    with path.open(encoding="utf-8") as file:
        return np.array([each["layers"] for each in json.load(file)], dtype=np.float32)
