"""Linear CKA over as many words as the original study had: its memory, and how its time grows."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float32

from benchmarks.memory import peak_mib
from benchmarks.ratio import Ratio, best_seconds
from pipeline.similarity.cross_statistics import cross_statistics
from pipeline.similarity.routes import by_features

# Of some minutes, and of 7 GB in the folder for temporary files.
ONLY_BY_NAME = True
ROWS = 46_906
MODELS = (13, 768), (25, 1024)
MOST_MIB = 4000

Model = Sequence[Float32[np.ndarray, "rows dim"]]


def ratios() -> Iterator[Ratio]:
    """Time a quarter, half and all of the rows, and watch the memory over all of them."""
    with TemporaryDirectory() as folder:
        a, b = (_stored_model(Path(folder) / f"{dim}.npy", layers, dim) for layers, dim in MODELS)
        size = " x ".join(f"{layers} layers of {dim}" for layers, dim in MODELS)
        seconds, peak = {}, 0.0
        for rows in (ROWS // 4, ROWS // 2, ROWS):
            some = [[layer[:rows] for layer in model] for model in (a, b)]
            seconds[rows], peak = _seconds_and_mib(partial(cross_statistics, *some, by_features))
            if rows // 2 in seconds:
                name = f"{size}, {rows} words"
                yield Ratio(name, seconds[rows], "twice half of them", 2 * seconds[rows // 2])
        name = f"peak memory, {size}, {ROWS} words"
        yield Ratio(name, peak, "what a laptop spares", MOST_MIB, unit="MiB")


def _seconds_and_mib(work: Callable[[], object]) -> tuple[float, float]:
    times: list[float] = []
    peak = peak_mib(lambda: times.extend(best_seconds(work, repeats=1)))
    return times[0], peak


def _stored_model(path: Path, layers: int, dim: int) -> Model:
    """Write random layers and map them into memory."""
    random = np.random.default_rng(dim)
    stored = np.lib.format.open_memmap(path, "w+", np.float32, (layers, ROWS, dim))
    for layer in stored:
        random.standard_normal(dtype=np.float32, out=layer)
    stored.flush()
    return np.load(path, mmap_mode="r")
