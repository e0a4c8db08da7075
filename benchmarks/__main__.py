"""Run benchmarks: each module of this folder that has a function ``ratios``, or those named.

What takes more than a few minutes has ``ONLY_BY_NAME``: ``python -m benchmarks whole_corpus``.
"""

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
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
    for ratio in _ratios(sys.argv[1:]):
        print(ratio.line, flush=True)
        found.append({**vars(ratio), "times": ratio.times})
    RESULTS.write_text(json.dumps({"machine": _machine(), "ratios": found}, indent=2) + "\n")
    print(f"written to {RESULTS}")


def _ratios(names: Sequence[str]) -> Iterator[Ratio]:
    found = {each.name for each in iter_modules([str(FOLDER)])} - {"__main__"}
    if unknown := set(names) - found:
        sys.exit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(sorted(found))}")
    for name in names or sorted(found):
        module = import_module(f"benchmarks.{name}")
        if names or not hasattr(module, "ONLY_BY_NAME"):
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
