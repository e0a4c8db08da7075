"""Care of the engine's own store, in a thread beside the engine's loop."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from distributed import Client

from cache import Entry, Store
from pipeline.engine.care_task import Pruning
from pipeline.engine.jobs import Job
from pipeline.engine.work import Counts
from pipeline.errors import EngineError

_MOST_TOLD = 50


class CareWork:
    """A store that is being checked, or pruned.

    It runs here and not on a worker, which may be another machine with a store of its own.
    """

    def __init__(self, job: Job, store: Store, note: Callable[[str], None]) -> None:
        actions = {"verify": self._verify, "prune": self._prune}
        action = job.task.get("action")
        if action not in actions:
            raise EngineError(
                f"a store cannot be asked to {action!r}; choose one of {', '.join(actions)}"
            )
        self.counts = Counts()
        self._task, self._store, self._note = job.task, store, note
        self._released = threading.Event()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._ended = self._thread.submit(actions[action])

    def advance(self, client: Client) -> bool:  # noqa: ARG002 - no worker takes part
        """Return whether it has ended.

        Raises
        ------
        CacheError
            If the store cannot be changed.
        """
        if not self._ended.done():
            return False
        self._ended.result()
        self.release()
        return True

    def _verify(self) -> None:
        known: dict[str, Entry] = {}

        def watched(entries: Sequence[Entry]) -> Iterator[Entry]:
            known.update((entry.digest, entry) for entry in entries)
            yield from self._watched(entries)

        found = self._store.verify(progress=watched)
        self.counts.failed = len(found.damaged)
        self.counts.done = found.checked - len(found.damaged)
        for digest in found.damaged[:_MOST_TOLD]:
            self._note(f"dropped {digest}: {_said(known[digest].kind, known[digest].labels)}")
        self._note(
            f"{found.checked:,} records checked, {len(found.damaged):,} damaged ones dropped"
        )

    def _prune(self) -> None:
        found = Pruning.from_task(self._task).run(self._store, progress=self._watched)
        self._note(f"{found.records:,} records deleted, {found.size_bytes / 2**20:,.1f} MiB")

    def _watched(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Count entries as they are settled; stop between two when nobody wants it any more."""
        self.counts.total = len(entries)
        for entry in entries:
            if self._released.is_set():
                raise EngineError("the care of the store was stopped")
            yield entry
            self.counts.done += 1

    def release(self) -> None:
        """Let it stop before the next record."""
        self._released.set()
        self._thread.shutdown(wait=False)


def _said(kind: str, labels: Mapping[str, str]) -> str:
    return ", ".join([kind, *(f"{name} {value}" for name, value in sorted(labels.items()))])
