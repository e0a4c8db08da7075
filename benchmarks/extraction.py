"""Extraction and storing against the bare model calls and against the original way.

``python -m benchmarks.extraction 10`` runs it on 10 minutes of speech instead of one.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch
from transformers import PreTrainedModel, Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

from benchmarks import original_way
from benchmarks.noise_speech import write_speech
from benchmarks.ratio import Ratio, best_seconds
from cache import Key, Store
from pipeline.corpus.utterance import Utterance
from pipeline.extraction import embed, embed_into
from pipeline.models.extractor import Model
from pipeline.models.opening import open_model
from pipeline.models.untrained import random_model
from pipeline.models.waveform import read_waveform
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import WordEmbeddings, embedding_key, get_embeddings, put_embeddings

MODEL = "untrained:wav2vec2-base"
SETTINGS = AlignmentSettings()
MINUTES = 1.0
# Utterances of each round, so that the ways that are compared meet the same load.
ROUND = 6
STORED, REPEATS = 12, 2


@dataclass(frozen=True)
class Ways:
    """The same model, in LayerScope and as the original way calls it."""

    model: Model
    bare: PreTrainedModel
    normaliser: Wav2Vec2FeatureExtractor

    def ours(self, store: Store, utterances: Sequence[Utterance]) -> None:
        """Extract with everything that belongs to it: reading, pooling, storing."""
        work = [(each, key_of(self.model, each)) for each in utterances]
        failures = [each for each in embed_into(store, self.model, work, SETTINGS, {}) if each]
        if failures:
            raise RuntimeError(failures[0])

    def original(self, folder: Path, utterances: Sequence[Utterance]) -> None:
        """Extract and store as the original study did."""
        for each in utterances:
            found = original_way.extract(self.bare, self.normaliser, each)
            original_way.store(folder / f"{each.id}.json", found)

    def calls(self, values: Sequence[torch.Tensor]) -> None:
        """Only call the model, on what was read and normalised before."""
        with torch.inference_mode():
            for each in values:
                last = self.bare(each, output_hidden_states=True).last_hidden_state
                last[0, 0, 0].item()  # waits for a GPU

    def values(self, utterances: Sequence[Utterance]) -> list[torch.Tensor]:
        """Return the inputs of the bare calls."""
        recordings = [read_waveform(each.audio, 16_000) for each in utterances]
        return [
            self.normaliser(each, sampling_rate=16_000, return_tensors="pt")["input_values"].to(
                self.bare.device
            )
            for each in recordings
        ]


def ratios(minutes: float = MINUTES) -> Iterator[Ratio]:
    """Time extraction in turns with its references, then storing and loading back."""
    with TemporaryDirectory() as folder:
        yield from _ratios(Path(folder), minutes)


def _ratios(folder: Path, minutes: float) -> Iterator[Ratio]:
    utterances = write_speech(folder, minutes)
    ways = ways_on("cpu")
    name = f"wav2vec2-base, {minutes:g} min of speech, CPU"
    bare, ours, original = time_in_turns(ways, folder, utterances)
    yield Ratio(f"{name}: whole extraction", ours, "bare model calls", bare)
    yield Ratio(f"{name}: whole extraction", ours, "original way", original)
    yield from _of_records(ways, folder, utterances[:STORED])


def ways_on(device: str) -> Ways:
    """Load the model twice, with the same weights."""
    bare = random_model(Wav2Vec2Model, Wav2Vec2Config(), 0).eval().to(device)
    return Ways(open_model(MODEL, device), bare, Wav2Vec2FeatureExtractor())


def time_in_turns(
    ways: Ways, folder: Path, utterances: Sequence[Utterance], size: int = ROUND
) -> tuple[float, float, float]:
    """Return the seconds of the bare calls, of our extraction and of the original way.

    They take turns every few utterances, each beginning in its turn.
    """
    seconds = np.zeros(3)
    with Store(folder / "first") as first_calls:  # which set torch up
        ways.ours(first_calls, utterances[:2])
        ways.original(folder, utterances[:2])
    with Store(folder / "timed") as store:
        for turn, first in enumerate(range(0, len(utterances), size)):
            some = utterances[first : first + size]
            values = ways.values(some)
            functions = (
                lambda values=values: ways.calls(values),
                lambda some=some: ways.ours(store, some),
                lambda some=some: ways.original(folder, some),
            )
            for way in np.roll(np.arange(3), turn):
                start = perf_counter()
                functions[way]()
                seconds[way] += perf_counter() - start
    bare, ours, original = seconds.tolist()
    return bare, ours, original


def _of_records(ways: Ways, folder: Path, utterances: Sequence[Utterance]) -> Iterator[Ratio]:
    found = {key_of(ways.model, each): embed(ways.model, each, SETTINGS) for each in utterances}
    lists = {folder / f"{key.digest}.json": _as_lists(each) for key, each in found.items()}
    words = sum(len(each.token_ids) for each in found.values())
    name = f"{len(found)} utterances, {words} words"
    with ExitStack() as opened:
        # A store is opened once for all that a process does with it.
        places = [folder / f"store{number}" for number in range(REPEATS)]
        stores = iter([opened.enter_context(Store(place)) for place in places])
        seconds, reference_seconds = best_seconds(
            lambda: _there_and_back(next(stores), found),
            lambda: _there_and_back_as_json(lists),
            repeats=REPEATS,
        )
    yield Ratio(f"{name}: storing and loading back", seconds, "indented JSON", reference_seconds)
    size, reference_size = (
        sum(path.stat().st_size for path in paths if path.is_file()) / words
        for paths in (places[0].rglob("*"), lists)
    )
    yield Ratio(f"{name}: stored, a word", size, "indented JSON", reference_size, unit="bytes")


def _as_lists(embeddings: WordEmbeddings) -> original_way.Embeddings:
    vectors = embeddings.vectors.swapaxes(0, 1).tolist()
    return [
        {"word": f"word{index}", "layers": layers}
        for index, layers in zip(embeddings.token_ids.tolist(), vectors, strict=True)
    ]


def _there_and_back(store: Store, found: Mapping[Key, WordEmbeddings]) -> None:
    for key, each in found.items():
        put_embeddings(store, key, each, {})
    for key in found:
        _read_all(store, key)


def _there_and_back_as_json(lists: Mapping[Path, original_way.Embeddings]) -> None:
    for path, each in lists.items():
        original_way.store(path, each)
    for path in lists:
        original_way.load(path)


def _read_all(store: Store, key: Key) -> None:
    found = get_embeddings(store, key)
    if found is None:
        raise RuntimeError(f"{key.digest} was not stored")
    np.array(found.vectors)


def key_of(model: Model, utterance: Utterance) -> Key:
    """Return the key of an utterance's record."""
    return embedding_key(utterance, model.spec, SETTINGS, utterance.id)


if __name__ == "__main__":
    for ratio in ratios(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES):
        print(ratio.line)
