"""The jobs of a home folder: a small table that pages, commands and the engine share."""

import fcntl
import json
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.configuration import home
from pipeline.engine.jobs import ENDED, KINDS, Job, Kind, LogLine, State, Summary, job_digest
from pipeline.errors import EngineError

_PATIENCE_S = 10.0
_COLUMNS = tuple(field.name for field in fields(Job))
_LISTED = ", ".join(_COLUMNS)
_ACTIVE = "state IN ('queued', 'running')"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    digest TEXT PRIMARY KEY, kind TEXT NOT NULL, task TEXT NOT NULL, state TEXT NOT NULL,
    asked_by TEXT NOT NULL, attempt INTEGER NOT NULL, submitted_at_s REAL NOT NULL,
    started_at_s REAL NOT NULL, finished_at_s REAL NOT NULL, total INTEGER NOT NULL,
    done INTEGER NOT NULL, failed INTEGER NOT NULL, settled_at_start INTEGER NOT NULL, error TEXT
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
CREATE TABLE IF NOT EXISTS job_log (digest TEXT NOT NULL, at_s REAL NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS job_log_by_job ON job_log (digest);
PRAGMA user_version = 1;
"""


class JobQueue(AbstractContextManager["JobQueue"]):
    """A table of jobs, safe under many processes.

    Each change of state is one conditional statement: of two processes that want to change the
    same job, one does, and the other is told that it did not.

    Parameters
    ----------
    path : Path
        Made, readable by this user only, if absent. Not on a network file system.
    """

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=_PATIENCE_S, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = NORMAL")
        if not self._is_made():
            self._make(path.with_suffix(".lock"))

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the table."""
        self._database.close()

    def _is_made(self) -> bool:
        return bool(self._rows("PRAGMA user_version")[0][0])

    def _make(self, lock: Path) -> None:
        # SQLite does not wait for others where it changes the journal's mode.
        with lock.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not self._is_made():
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.executescript(_SCHEMA)

    def submit(self, kind: Kind, task: Mapping[str, Any], asked_by: str = "local") -> Job:
        """Queue a job, unless the same one waits or runs already; return it as it stands."""
        job = Job(kind, task, asked_by=asked_by, submitted_at_s=time.time())
        values = [job.digest, *(_as_stored(job, name) for name in _COLUMNS)]
        anew = ", ".join(
            "attempt = attempt + 1" if name == "attempt" else f"{name} = excluded.{name}"
            for name in _COLUMNS
        )
        marks = ", ".join("?" * len(values))
        self._change(
            f"INSERT INTO jobs (digest, {_LISTED}) VALUES ({marks}) "  # noqa: S608 - our own names
            f"ON CONFLICT (digest) DO UPDATE SET {anew} WHERE NOT {_ACTIVE}",
            values,
            job.digest,
            f"asked for by {asked_by}",
        )
        found = self.find(job.digest)
        return job if found is None else found

    def find(self, digest: str) -> Job | None:
        """Return the job of a digest."""
        jobs = self._jobs("WHERE digest = ?", [digest])
        return jobs[0] if jobs else None

    def by_id(self, prefix: str) -> Job:
        """Return the one job whose digest starts so.

        Raises
        ------
        EngineError
            If there is none, or several.
        """
        jobs = self._jobs("WHERE substr(digest, 1, ?) = ? LIMIT 2", [len(prefix), prefix])
        if len(jobs) == 1 and prefix:
            return jobs[0]
        fault = "several jobs start" if jobs else "there is no job that starts"
        raise EngineError(f"{fault} with {prefix!r}; run: python -m pipeline jobs list --all")

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, the earliest first."""
        return self._jobs(f"WHERE {_ACTIVE} ORDER BY submitted_at_s, digest", [])

    def latest(self, most: int = -1) -> list[Job]:
        """Return the jobs asked for last, the latest first; all of them by default."""
        return self._jobs("ORDER BY submitted_at_s DESC, digest LIMIT ?", [most])

    def ended(
        self, most: int, *, states: Collection[State] = ENDED, kinds: Collection[Kind] = KINDS
    ) -> list[Job]:
        """Return the jobs that ended last, in such states and of such kinds, the latest first."""
        of_states, of_kinds = (", ".join("?" * len(names)) for names in (states, kinds))
        return self._jobs(
            f"WHERE state IN ({of_states}) AND kind IN ({of_kinds}) "
            "ORDER BY finished_at_s DESC, digest LIMIT ?",
            [*states, *kinds, most],
        )

    def summary(self) -> Summary:
        """Return how many jobs there are and what became of what they needed."""
        counts = self._rows("SELECT kind, state, count(*) FROM jobs GROUP BY kind, state")
        total = self._rows(
            "SELECT coalesce(sum(settled_at_start), 0), "
            "coalesce(sum(max(done + failed - settled_at_start, 0)), 0), "
            "coalesce(sum(failed), 0) FROM jobs"
        )[0]
        oldest = self._rows("SELECT min(submitted_at_s) FROM jobs WHERE state = 'queued'")[0][0]
        return Summary(
            jobs={(kind, state): count for kind, state, count in counts},
            pieces=dict(zip(("found", "settled", "failed"), total, strict=True)),
            waiting_since_s=oldest,
        )

    def claim(self, job: Job) -> bool:
        """Note that a job that waits now runs; return whether it still waited."""
        return self._move(job, ["queued"], "running", "started", started_at_s=time.time())

    def requeue(self, job: Job, why: str) -> bool:
        """Let a running job wait again; return whether it still ran."""
        return self._move(job, ["running"], "queued", f"waits again: {why}")

    def count(self, job: Job, *, total: int, done: int, failed: int, at_start: int) -> bool:
        """Note how far a running job is."""
        return self._change(
            "UPDATE jobs SET total = ?, done = ?, failed = ?, settled_at_start = ? "
            "WHERE digest = ? AND attempt = ? AND state = 'running'",
            [total, done, failed, at_start, job.digest, job.attempt],
        )

    def finish(self, job: Job, error: str | None = None) -> bool:
        """Note that a running job is done, or why it failed; return whether it still ran."""
        state: State = "failed" if error else "done"
        text = f"failed: {error}" if error else "done"
        now_s = time.time()
        return self._move(job, ["running"], state, text, finished_at_s=now_s, error=error)

    def cancel(self, job: Job, asked_by: str = "local") -> bool:
        """Cancel a job that waits or runs; return whether it did."""
        text = f"cancelled by {asked_by}"
        now_s = time.time()
        return self._move(job, ["queued", "running"], "cancelled", text, finished_at_s=now_s)

    def _move(
        self, job: Job, sources: Iterable[State], state: State, text: str, **values: object
    ) -> bool:
        """Change the state of a job's attempt if it is one of `sources`."""
        listed = list(sources)
        setting = "".join(f", {name} = ?" for name in values)
        return self._change(
            f"UPDATE jobs SET state = ?{setting} WHERE digest = ? AND attempt = ? "  # noqa: S608 - our own names
            f"AND state IN ({', '.join('?' * len(listed))})",
            [state, *values.values(), job.digest, job.attempt, *listed],
            job.digest,
            text,
        )

    def log(self, digest: str, text: str) -> None:
        """Write a line into a job's log."""
        self._change("INSERT INTO job_log VALUES (?, ?, ?)", [digest, time.time(), text])

    def log_of(self, digest: str) -> list[LogLine]:
        """Return a job's log, the earliest line first."""
        rows = self._rows(
            "SELECT at_s, text FROM job_log WHERE digest = ? ORDER BY rowid", [digest]
        )
        return [LogLine(*row) for row in rows]

    def forget_ended(self, before_s: float) -> None:
        """Drop the jobs that ended before a time, in seconds since the epoch, and their logs."""
        ended = f"NOT {_ACTIVE} AND finished_at_s < ?"
        logs = f"DELETE FROM job_log WHERE digest IN (SELECT digest FROM jobs WHERE {ended})"  # noqa: S608 - our own names
        self._change(logs, [before_s])
        self._change(f"DELETE FROM jobs WHERE {ended}", [before_s])  # noqa: S608 - our own names

    def _change(
        self, statement: str, values: Iterable[object], digest: str = "", text: str = ""
    ) -> bool:
        """Change one row, and log it in the same transaction; return whether one was changed."""
        with self._lock, self._database:
            changed = self._database.execute(statement, tuple(values)).rowcount > 0
            if changed and text:
                line = (digest, time.time(), text)
                self._database.execute("INSERT INTO job_log VALUES (?, ?, ?)", line)
        return changed

    def _jobs(self, clause: str, values: Iterable[object]) -> list[Job]:
        rows = self._rows(f"SELECT {_LISTED} FROM jobs {clause}", values)  # noqa: S608 - our own names
        named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return [Job(**{**each, "task": json.loads(each["task"])}) for each in named]

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, tuple(values)).fetchall()


def _as_stored(job: Job, name: str) -> object:
    return json.dumps(job.task, sort_keys=True) if name == "task" else getattr(job, name)


def open_queue() -> JobQueue:
    """Open the jobs of this user."""
    return JobQueue(home() / "jobs.db")


def find_job(queue: JobQueue, kind: Kind, task: Mapping[str, Any]) -> Job | None:
    """Return the job of a task."""
    return queue.find(job_digest(kind, task))
