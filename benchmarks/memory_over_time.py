"""The resident memory of a system's processes, looked at now and then."""

from collections import defaultdict
from itertools import pairwise
from statistics import median

import numpy as np

from benchmarks.system import PARTS, Part, System

COLUMNS = 6
# What a process loads takes its memory first.
SETTLED_S = 30.0


class MemoryOverTime:
    """What each process took, when."""

    def __init__(self) -> None:
        self._lives: dict[tuple[Part, int], list[tuple[float, float]]] = defaultdict(list)

    def look(self, now_s: float, running: System) -> None:
        """Note how much each process takes now."""
        for part, pid, mib in running.memory_mib():
            self._lives[part, pid].append((now_s, mib))

    def table(self) -> str:
        """Return the memory of each part over time, and how fast its processes grew."""
        last_s = max(life[-1][0] for life in self._lives.values())
        edges = np.linspace(0, last_s, COLUMNS + 1)
        head = "  ".join(f"{edge / 60:6.1f}" for edge in edges[1:])
        lines = [f"{'MiB a process, the most until minute':>38}  {head}  lives  MiB/min"]
        for part in PARTS:
            lives = self._of(part)
            most = [
                max((mib for life in lives for s, mib in life if low <= s <= high), default=np.nan)
                for low, high in pairwise(edges)
            ]
            row = "  ".join(f"{mib:6.0f}" for mib in most)
            lines.append(f"{part:>38}  {row}  {len(lives):5}  {self._slope(part):7.2f}")
        return "\n".join(lines)

    def growth(self) -> dict[Part, tuple[float, float]]:
        """Return what the process of each part that lived longest took early and late, in MiB."""
        found: dict[Part, tuple[float, float]] = {}
        for part in PARTS:
            sizes = [mib for _, mib in self._longest(part)]
            quarter = len(sizes) // 4
            if quarter:
                found[part] = (median(sizes[quarter : 2 * quarter]), median(sizes[-quarter:]))
        return found

    def _of(self, part: Part) -> list[list[tuple[float, float]]]:
        return [life for (each, _), life in self._lives.items() if each == part]

    def _longest(self, part: Part) -> list[tuple[float, float]]:
        """Return the longest life of a part, once it has settled."""
        life = max(self._of(part), key=lambda life: life[-1][0] - life[0][0], default=[])
        return [(s, mib) for s, mib in life if s - life[0][0] >= SETTLED_S]

    def _slope(self, part: Part) -> float:
        """Return by how much the process that lived longest grew, in MiB a minute."""
        settled = self._longest(part)
        if len({s for s, _ in settled}) < 2:  # noqa: PLR2004 - a line
            return np.nan
        seconds, sizes = zip(*settled, strict=True)
        return float(np.polynomial.Polynomial.fit(np.divide(seconds, 60), sizes, 1).deriv()(0))
