"""Extraction on a GPU, where there is one, against the original way and the GPU's matrix rate."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

from benchmarks.extraction import Ways, time_in_turns, ways_on
from benchmarks.noise_speech import write_speech
from benchmarks.ratio import Ratio
from cache import Store
from pipeline.models.catalogue import find_model
from pipeline.models.layer_names import speech_layers
from pipeline.models.precision import in_precision
from pipeline.models.spec import ModelSpec
from pipeline.models.speech_transformer import SpeechTransformer
from pipeline.models.untrained import random_model

MINUTES = 10.0
WARMING = 8
PRODUCT_SIZE, PRODUCTS = 8192, 20
# As of wav2vec2-large-lv60: layer normalisation in the convolutions and before each block.
LARGE = Wav2Vec2Config(
    hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096,
    feat_extract_norm="layer", conv_bias=True, do_stable_layer_norm=True,
)  # fmt: skip


def ratios(minutes: float = MINUTES) -> Iterator[Ratio]:
    """Time extraction on the GPU."""
    if torch.cuda.is_available():
        with TemporaryDirectory() as folder:
            yield from on_device("cuda", Path(folder), minutes, LARGE)


def on_device(device: str, folder: Path, minutes: float, large: Wav2Vec2Config) -> Iterator[Ratio]:
    """Time wav2vec2-base in float32 and a larger model in bf16."""
    utterances = write_speech(folder, minutes)
    name = f"{minutes:g} min of speech, {device}"
    # All at once, since batches are made of the whole.
    _, ours, original = time_in_turns(ways_on(device), folder, utterances, len(utterances))
    yield Ratio(f"wav2vec2-base, {name}: whole extraction", ours, "original way", original)
    ways = _larger(device, large)
    # torch does not count in inference mode.
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        for each in ways.values(utterances[WARMING:]):
            ways.bare(each)
    with Store(folder / "larger") as store:
        ways.ours(store, utterances[:WARMING])
        start = perf_counter()
        ways.ours(store, utterances[WARMING:])
        seconds = perf_counter() - start
    yield Ratio(
        f"wav2vec2-large, bf16, {name}: whole extraction",
        seconds,
        "matrix products of as many operations",
        counted.get_total_flops() / matrix_rate(device),
    )


def matrix_rate(device: str) -> float:
    """Return how many operations a second products of bf16 matrices make."""
    a, b = torch.randn(2, PRODUCT_SIZE, PRODUCT_SIZE, device=device, dtype=torch.bfloat16)
    (a @ b)[0, 0].item()
    start = perf_counter()
    for _ in range(PRODUCTS):
        product = a @ b
    product[0, 0].item()  # waits for a GPU
    return PRODUCTS * 2 * PRODUCT_SIZE**3 / (perf_counter() - start)


def _larger(device: str, config: Wav2Vec2Config) -> Ways:
    names = speech_layers(config.num_hidden_layers)
    exact = find_model("untrained:wav2vec2-base")
    spec = ModelSpec(
        name="wav2vec2-large?precision=bf16", family=exact.family, modality=exact.modality,
        layer_names=names, dims=config.hidden_size, fingerprint="of a benchmark",
        sample_rate_hz=16_000, stride_samples=320,
    )  # fmt: skip
    networks = [random_model(Wav2Vec2Model, config, 0).eval().to(device) for _ in range(2)]
    normaliser = Wav2Vec2FeatureExtractor()
    model = SpeechTransformer(spec, networks[0], normaliser, device)
    return Ways(in_precision(model, spec, "bf16"), networks[1], normaliser)
