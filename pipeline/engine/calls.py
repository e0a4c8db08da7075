"""One function on the workers, run again when it is lost on the way."""

from collections.abc import Callable
from typing import Literal
from uuid import uuid4

from distributed import Client, Future, KilledWorker

from pipeline.configuration import task_seconds
from pipeline.engine.time_limit import within
from pipeline.errors import EngineError

Outcome = Literal["pending", "done", "killed"]

# Here, two workers end before a call comes back as killed (cluster.py): six are no accident.
MOST_KILLS = 3
WORKER_ENDED = "the process that computed it ended each time, perhaps for lack of memory"
_PATIENCE_S = 10.0


class Call:
    """A function on the workers, until it is over.

    Parameters
    ----------
    function : callable
        It may run more than once.
    arguments : tuple
    name : str, optional
        Calls of the same name run once, whoever makes them. By default nobody else's.
    priority : int
        Greater ones run first.
    """

    def __init__(
        self,
        function: Callable[..., object],
        *arguments: object,
        name: str | None = None,
        priority: int = 0,
    ) -> None:
        self._function, self._arguments = function, arguments
        self._name, self._priority = name or uuid4().hex, priority
        self._future: Future[object] | None = None
        self._kills = 0

    def submit(self, client: Client) -> None:
        """Give it to the workers, which take no longer than a task may.

        Raises
        ------
        SettingsError
            If LAYERSCOPE_TASK_MINUTES is no number.
        """
        limit_s = task_seconds()
        limited = () if limit_s is None else (within, limit_s)
        self._future = client.submit(
            *limited,
            self._function,
            *self._arguments,
            # Dask groups its tasks by what is before the first hyphen.
            key=f"{self._function.__name__}-{self._name}-{self._kills}",
            priority=self._priority,
        )

    def look(self, client: Client) -> Outcome:
        """Return what became of it, and submit it anew if its scheduler was.

        Raises
        ------
        Exception
            What the function raised.
        """
        if self._future is None or self._future.status in ("cancelled", "lost"):
            self.submit(client)
            return "pending"
        if self._future.status == "finished":
            return "done"
        if self._future.status != "error":
            return "pending"
        error = self._future.exception(timeout=_PATIENCE_S)
        if isinstance(error, KilledWorker):
            return "killed"
        raise error

    def is_done(self, client: Client) -> bool:
        """Look whether it is done; where its worker ends, submit it anew, a few times.

        Raises
        ------
        EngineError
            If its workers end again and again.
        Exception
            What the function raised.
        """
        outcome = self.look(client)
        if outcome == "killed":
            self.release()
            self._kills += 1
            if self._kills == MOST_KILLS:
                raise EngineError(f"{WORKER_ENDED}; ask for less, or give it more")
            self.submit(client)
        return outcome == "done"

    def result(self) -> object:
        """Return what the function returned.

        Raises
        ------
        TimeoutError, CancelledError
            If it is lost meanwhile; look again.
        """
        return None if self._future is None else self._future.result(timeout=_PATIENCE_S)

    def release(self) -> None:
        """Let go of it: it is cancelled unless it runs, or is somebody else's as well."""
        if self._future is not None:
            self._future.release()
            self._future = None
