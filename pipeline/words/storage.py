"""Word embeddings of one utterance in one model: their key, and how they lie in the store."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float16, Float32, Int32

from cache import Key, Record, Store
from pipeline.corpus.utterance import Utterance
from pipeline.errors import MatrixError
from pipeline.models.spec import ModelSpec
from pipeline.settings import AlignmentSettings, Storage
from pipeline.time_axis import FrameTimes

# Raise it when spans, pooling or reading audio give other values for the same inputs.
EMBEDDING_VERSION = 3

Vectors = Float32[np.ndarray, "layers words dim"] | Float16[np.ndarray, "layers words dim"]


@dataclass(frozen=True, eq=False)
class WordEmbeddings:
    """One vector for each layer and word of an utterance.

    Attributes
    ----------
    vectors : float32 array [shape=(layers, words, dim)]
        Or float16, where they were stored so.
    token_ids : int32 array [shape=(words,)]
        Which word of the transcript (or which phone) each vector is; words without a frame or
        token are not here.
    spans : int32 array [shape=(words, 2)]
        Half-open range of the model's rows that were pooled.
    frames : FrameTimes or None
        When the rows were; None for models that read text.
    """

    vectors: Vectors
    token_ids: Int32[np.ndarray, " words"]
    spans: Int32[np.ndarray, "words 2"]
    frames: FrameTimes | None = None

    def __post_init__(self) -> None:
        words = (self.vectors.shape[1], len(self.token_ids), len(self.spans))
        if len(set(words)) > 1:
            raise ValueError(f"vectors, token ids and spans are of {words} words")


def embedding_key(
    utterance: Utterance, spec: ModelSpec, settings: AlignmentSettings, audio_digest: str
) -> Key:
    """Return the key of an utterance's embeddings: everything that decides their values.

    A model that reads text depends on the words alone, so that no setting but how its vectors are
    stored computes it anew; vectors that are looked up are an utterance's own.

    Parameters
    ----------
    audio_digest : str
        SHA-256 of the audio file.
    """
    inputs: dict[str, object] = {"model": spec.fingerprint}
    if spec.hears:
        if settings.sample_rate_hz == spec.sample_rate_hz:
            settings = replace(settings, sample_rate_hz=None)
        inputs |= {"audio": audio_digest, "settings": settings.as_dict()}
        by_word = settings.unit == "word"
        inputs["intervals"] = utterance.words_digest if by_word else utterance.phones_digest
    else:
        inputs |= {"words": list(utterance.words), "storage": settings.storage}
    if spec.modality == "words":
        inputs["utterance"] = utterance.id
    return Key("embedding", EMBEDDING_VERSION, inputs)


def failure_key(key: Key) -> Key:
    """Return the key under which it is noted why an embedding cannot be computed."""
    return Key("failure", 1, {"embedding": key.digest})


def put_embeddings(
    store: Store,
    key: Key,
    embeddings: WordEmbeddings,
    labels: Mapping[str, str],
    storage: Storage = "float32",
) -> None:
    """Write one utterance's embeddings; `labels` say whose they are, for accounting.

    Raises
    ------
    ValueError
        If a vector is not finite, or too large for float16.
    """
    if not np.isfinite(embeddings.vectors).all():
        raise ValueError("the model gave vectors that are not finite")
    arrays = {
        "vectors": _as_stored(embeddings.vectors, storage),
        "token_ids": embeddings.token_ids,
        "spans": embeddings.spans,
    }
    metadata: dict[str, object] = {}
    if embeddings.frames is not None:
        arrays["frame_start_samples"] = embeddings.frames.start_samples
        arrays["frame_end_samples"] = embeddings.frames.end_samples
        metadata["sample_rate_hz"] = embeddings.frames.sample_rate_hz
        metadata["stride_samples"] = embeddings.frames.stride_samples
    store.put(key, arrays, metadata, labels)


def _as_stored(vectors: Vectors, storage: Storage) -> Vectors:
    if storage == "float32":
        return vectors
    largest, limit = float(np.abs(vectors).max(initial=0)), float(np.finfo(np.float16).max)
    if largest > limit:
        raise ValueError(
            f"a vector holds {largest:g}, but float16 ends at {limit:g}; choose the storage float32"
        )
    return vectors.astype(np.float16)


def get_embeddings(store: Store, key: Key, *, verify: bool = False) -> WordEmbeddings | None:
    """Return one utterance's embeddings, memory-mapped, or None; `verify`: if they are whole."""
    record = store.get(key, verify=verify)
    return None if record is None else _from_record(record)


@dataclass(frozen=True, eq=False)
class StoredEmbeddings(Mapping[str, WordEmbeddings]):
    """Embeddings by utterance id, each opened and compared with its checksum when it is looked at.

    An open record holds a file, and a corpus has more utterances than a process may open files.

    Raises
    ------
    MatrixError
        When an utterance is looked at whose embeddings are not in the store.
    """

    store: Store
    key_of: Mapping[str, Key]

    def __getitem__(self, name: str) -> WordEmbeddings:
        found = get_embeddings(self.store, self.key_of[name], verify=True)
        if found is None:
            raise MatrixError(f"utterance {name} has no embeddings; compute them first")
        return found

    def token_ids(self) -> dict[str, list[int]]:
        """Return which words of each utterance have vectors, without a look at the checksums.

        Whoever then looks at the vectors finds out what is damaged.
        """
        found = {name: get_embeddings(self.store, key) for name, key in self.key_of.items()}
        return {name: each.token_ids.tolist() for name, each in found.items() if each is not None}

    def __contains__(self, name: object) -> bool:
        return name in self.key_of

    def __iter__(self) -> Iterator[str]:
        return iter(self.key_of)

    def __len__(self) -> int:
        return len(self.key_of)


def _from_record(record: Record) -> WordEmbeddings:
    arrays, frames = record.arrays, None
    if "sample_rate_hz" in record.metadata:
        frames = FrameTimes(
            np.asarray(arrays["frame_start_samples"]),
            np.asarray(arrays["frame_end_samples"]),
            int(str(record.metadata["sample_rate_hz"])),
            int(str(record.metadata["stride_samples"])),
        )
    return WordEmbeddings(arrays["vectors"], arrays["token_ids"], arrays["spans"], frames)


def labels_of(spec: ModelSpec, corpus_name: str, settings: AlignmentSettings) -> dict[str, str]:
    """Return what a record says of its origin in the store's accounts."""
    taken = str(settings) if spec.hears else settings.storage
    return {"model": spec.name, "corpus": corpus_name, "settings": taken}
