"""Where products are formed: by NumPy on the CPU, by torch on a GPU, with the same code."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float64
from threadpoolctl import threadpool_limits

# Float32 has enough digits, and float64 is slow, where there is much to multiply.
MUCH = 10**9

Array: TypeAlias = Any
"""A NumPy array, or a tensor of torch on some device; only what both can do is asked of it."""


@dataclass(frozen=True)
class Processor:
    """A library of arrays, the device that it uses, and the type of number in products.

    Attributes
    ----------
    library : module
        ``numpy`` or ``torch``.
    dtype : {"float32", "float64"}
    device : str
        ``"cpu"``, or a device of torch.
    """

    library: Any
    dtype: str
    device: str = "cpu"

    def put(self, values: np.ndarray) -> Array:
        """Return a copy of an array, there and of the products' type."""
        converted = np.array(values, dtype=self.dtype)
        if self.library is np:
            return converted
        return self.library.from_numpy(converted).to(self.device)

    def less(self, values: np.ndarray, row: np.ndarray) -> Array:
        """Return an array less one row, there and of the products' type."""
        if self.library is np:
            return np.subtract(values, row.astype(self.dtype), dtype=self.dtype)
        return self.put(values).sub_(self.put(row))

    @contextmanager
    def threads(self) -> Iterator[Executor]:
        """Yield an executor with a thread a core, in each of which products use that core alone.

        So everything else that a thread does is spread over the cores as well. A GPU gets one.
        """
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(self.thread_count) as executor:
            yield executor

    @property
    def thread_count(self) -> int:
        """How many threads work at once."""
        return _cores() if self.library is np else 1

    def empty(self, *shape: int) -> Array:
        """Return room for numbers of the products' type, there."""
        if self.library is np:
            return np.empty(shape, self.dtype)
        named = getattr(self.library, self.dtype)
        return self.library.empty(shape, dtype=named, device=self.device)

    def zeros(self, *shape: int) -> Array:
        """Return zeros in float64, there."""
        if self.library is np:
            return np.zeros(shape)
        return self.library.zeros(shape, dtype=self.library.float64, device=self.device)

    def sum(self, values: Array) -> Float64[np.ndarray, "..."]:
        """Return the sum over the first axis, in float64 of NumPy."""
        return self.get(values.sum(axis=0, dtype=self.library.float64))

    def get(self, values: Array) -> Float64[np.ndarray, "..."]:
        """Return an array of this processor as float64 of NumPy."""
        on_host = values if self.library is np else values.cpu().numpy()
        return np.asarray(on_host, dtype=np.float64)


def processor_for(layers: Sequence[np.ndarray], device: str = "cpu") -> Processor:
    """Return what multiplies such layers: in float64, unless much is to be multiplied.

    Parameters
    ----------
    layers : sequence of array [shape=(rows, dim)]
    device : str
        ``"cpu"`` or, as torch calls them, ``"cuda"`` and the like.
    """
    single = all(layer.dtype in (np.float16, np.float32) for layer in layers)
    operations = len(layers[0]) * sum(layer.size for layer in layers) if layers else 0
    dtype = "float32" if single and operations > MUCH else "float64"
    if device == "cpu":
        return Processor(np, dtype)
    # By name: the web process reads results with this package, and must never load torch.
    return Processor(import_module("torch"), dtype, device)


def _cores() -> int:
    """Return how many cores products may use, as libraries of algebra are told."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
