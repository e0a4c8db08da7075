"""Run every benchmark: each module of this folder that has a function ``ratios``."""

import json
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np

from benchmarks.ratio import Ratio

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"


def main() -> None:
    """Print one table and write it to ``results.json`` beside this file."""
    print(f"{'ratio':>7}  {'seconds':>8}  {'reference':>9}  what / compared with")
    found = []
    for ratio in _all_ratios():
        print(ratio.line, flush=True)
        found.append({**vars(ratio), "times": ratio.times})
    RESULTS.write_text(json.dumps({"machine": _machine(), "ratios": found}, indent=2) + "\n")
    print(f"written to {RESULTS}")


def _all_ratios() -> Iterator[Ratio]:
    for found in iter_modules([str(FOLDER)]):
        if found.name != "__main__":
            module = import_module(f"benchmarks.{found.name}")
            yield from getattr(module, "ratios", list)()


def _machine() -> dict[str, str | int | None]:
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


if __name__ == "__main__":
    main()
