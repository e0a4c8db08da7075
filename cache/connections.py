"""diskcache with connections that end with their threads."""

import sqlite3
from contextlib import suppress

import diskcache


class ThreadwiseCache(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """Closes a thread's connection to the database as soon as the thread is gone.

    diskcache opens one for each thread and leaves closing to garbage collection, because a
    connection refers to itself (through the statements it keeps). A server that draws each page in
    a thread of its own has hundreds open until then, with three files each.
    """

    @property
    def _con(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._con
        ending = getattr(self._local, "ending", None)
        if ending is None or ending.connection is not connection:
            self._local.ending = _Ending(connection)
        return connection


class _Ending:
    """Closes a connection when what belongs to its thread is given up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        # Where another thread gives it up, SQLite refuses, and garbage collection is left.
        with suppress(sqlite3.ProgrammingError):
            self.connection.close()
