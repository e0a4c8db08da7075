"""Writing records and matrices, and comparing them with their checksums."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import save_file

from benchmarks.ratio import Ratio, best_seconds
from cache import Key, Store

RECORDS, LAYERS, WORDS, DIM = 200, 13, 20, 768
MATRIX_ROWS = 60_000


def ratios() -> Iterator[Ratio]:
    """Time the store beside what it cannot do without: writing, hashing and reading bytes."""
    vectors = np.random.default_rng(0).normal(size=(LAYERS, WORDS, DIM)).astype(np.float32)
    keys = [Key("embedding", 1, {"n": n}) for n in range(RECORDS)]
    size_mb = vectors.nbytes / 1e6
    with TemporaryDirectory() as folder, Store(Path(folder) / "store") as store:
        putting, saving = best_seconds(
            lambda: [store.put(key, {"vectors": vectors}) for key in keys],
            lambda: [_save(Path(folder), vectors) for _ in keys],
        )
        name = f"{RECORDS} records of {size_mb:.1f} MB"
        yield Ratio(f"writing {name}", putting, "safetensors and SHA-256", saving)
        comparing, hashing = best_seconds(
            lambda: [store.get(key, verify=True) for key in keys],
            lambda: [_hash(store.path / entry.file) for entry in store.find()],
        )
        yield Ratio(f"opening and comparing {name}", comparing, "SHA-256 of their files", hashing)
        by_rows, plain = best_seconds(
            lambda: _write_matrix(store, vectors[0]), lambda: _write_file(Path(folder), vectors[0])
        )
        name = f"a matrix of {MATRIX_ROWS} by {DIM}, {WORDS} rows at a time"
        yield Ratio(f"writing {name}", by_rows, "the same bytes into a file, and SHA-256", plain)


def _save(folder: Path, vectors: np.ndarray) -> None:
    save_file({"vectors": vectors}, folder / "record")
    _hash(folder / "record")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_matrix(store: Store, rows: np.ndarray) -> None:
    key = Key("matrix", 1, {})
    with store.row_writer(key, "x", rows.dtype, (MATRIX_ROWS, DIM)) as writer:
        for _ in range(MATRIX_ROWS // WORDS):
            writer.append(rows)


def _write_file(folder: Path, rows: np.ndarray) -> None:
    digest = hashlib.sha256()
    with (folder / "matrix").open("wb") as file:
        for _ in range(MATRIX_ROWS // WORDS):
            file.write(rows.data)
            digest.update(rows.data)
