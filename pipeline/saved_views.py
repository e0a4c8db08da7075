"""Views that people keep on the server: a name, a note and the parameters of a link."""

import fcntl
import json
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from pipeline.bundle import Bundle, bundle
from pipeline.configuration import home
from pipeline.errors import SavedViewError
from pipeline.link_parameters import Parameters, as_parameters

PAGES: Final = ("compare", "words", "alignments", "measures", "beside")
LONGEST_NAME, LONGEST_NOTE, LONGEST_LINK, MOST_VIEWS = 100, 2_000, 20_000, 10_000

PUBLISHED: Final = "the bundle"
"""Who saved the views of a bundle: it names nobody."""

_PATIENCE_S = 10.0
_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS views (
    id INTEGER PRIMARY KEY AUTOINCREMENT, page TEXT NOT NULL, name TEXT NOT NULL,
    note TEXT NOT NULL, parameters TEXT NOT NULL, saved_by TEXT NOT NULL, saved_at_s REAL NOT NULL,
    changed_at_s REAL NOT NULL, searched TEXT NOT NULL
);
PRAGMA user_version = {_VERSION};
"""


@dataclass(frozen=True)
class SavedView:
    """A view under a name.

    Attributes
    ----------
    id : int
    page : {"compare", "words", "alignments", "measures", "beside"}
    name, note : str
        Plain text.
    parameters : mapping of str to str or list of str
        Of the link, the number of its schema included.
    saved_by : str
    saved_at_s, changed_at_s : float
        In seconds since the epoch.
    """

    id: int
    page: str
    name: str
    note: str
    parameters: Parameters
    saved_by: str
    saved_at_s: float
    changed_at_s: float

    def may_be_changed_by(self, who: str) -> bool:
        """Return whether somebody may rename, annotate or delete it: who saved it."""
        return who == self.saved_by


_COLUMNS = tuple(field.name for field in fields(SavedView))
_LISTED = ", ".join(_COLUMNS)


class SavedViews(AbstractContextManager["SavedViews"]):
    """A table of views, safe under many processes.

    Parameters
    ----------
    path : Path
        Made, readable by this user only, if absent. Not on a network file system.

    Raises
    ------
    SavedViewError
        If a newer LayerScope made it.
    """

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._path, self._lock = path, threading.Lock()
        self._database = sqlite3.connect(path, timeout=_PATIENCE_S, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = NORMAL")
        version = self._version()
        if version > _VERSION:
            self.close()
            raise SavedViewError(
                f"{path}: expected saved views of version {_VERSION} or earlier, found version "
                f"{version}; a newer LayerScope wrote them: update this one"
            )
        if not version:
            self._make()

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the table."""
        self._database.close()

    def _version(self) -> int:
        return int(self._rows("PRAGMA user_version")[0][0])

    def _make(self) -> None:
        # SQLite does not wait for others where it changes the journal's mode.
        with self._path.with_suffix(".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not self._version():
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.executescript(_SCHEMA)

    def save(
        self, page: str, name: str, note: str, parameters: Parameters, saved_by: str
    ) -> SavedView:
        """Keep a view; return it.

        Raises
        ------
        SavedViewError
            If it has no name, or a text is too long, or there are too many views.
        """
        now_s = time.time()
        return self.keep(SavedView(0, page, name, note, parameters, saved_by, now_s, now_s))

    def keep(self, view: SavedView) -> SavedView:
        """Keep a view with its times, under a number of its own; return it.

        Raises
        ------
        SavedViewError
            As :meth:`save`.
        """
        if view.page not in PAGES:
            raise SavedViewError(f"expected a page among {', '.join(PAGES)}, found {view.page!r}")
        name, note = _checked(view.name, view.note)
        link = json.dumps(dict(view.parameters), ensure_ascii=False)
        if len(link) > LONGEST_LINK:
            raise SavedViewError(
                f"the view's settings take {len(link):,} characters; expected {LONGEST_LINK:,} at "
                "most: choose fewer words"
            )
        values = (view.page, name, note, link, view.saved_by, view.saved_at_s, view.changed_at_s)
        with self._lock, self._database:
            added = self._database.execute(
                f"INSERT INTO views ({_LISTED}, searched) SELECT NULL, ?, ?, ?, ?, ?, ?, ?, ? "  # noqa: S608 - our own names
                "WHERE (SELECT count(*) FROM views) < ?",
                (*values, _searched(name, note, link), MOST_VIEWS),
            )
        if not added.rowcount or added.lastrowid is None:
            raise SavedViewError(f"{MOST_VIEWS:,} views are saved, and no more can be; delete some")
        return replace(view, id=added.lastrowid, name=name, note=note)

    def find(self, view_id: int) -> SavedView:
        """Return a view.

        Raises
        ------
        SavedViewError
            If there is none of this number.
        """
        found = self._views("WHERE id = ?", [view_id])
        if not found:
            raise SavedViewError(f"there is no saved view {view_id}; it may have been deleted")
        return found[0]

    def search(self, text: str, most: int) -> tuple[list[SavedView], int]:
        """Return the views that hold a text in name, note or settings, the latest first.

        At most so many; and how many there are.
        """
        clause, values = "WHERE instr(searched, ?) > 0", [text.strip().casefold()]
        count = self._rows(f"SELECT count(*) FROM views {clause}", values)[0][0]  # noqa: S608 - our own clause
        order = "ORDER BY changed_at_s DESC, id DESC LIMIT ?"
        return self._views(f"{clause} {order}", [*values, most]), int(count)

    def change(self, view_id: int, name: str, note: str, asked_by: str) -> SavedView:
        """Rename and annotate a view; return it as it is now.

        Raises
        ------
        SavedViewError
            If there is none, if somebody else saved it, or if a text is too long.
        """
        view = self._own(view_id, asked_by)
        name, note = _checked(name, note)
        searched = _searched(name, note, json.dumps(dict(view.parameters), ensure_ascii=False))
        self._execute(
            "UPDATE views SET name = ?, note = ?, searched = ?, changed_at_s = ? WHERE id = ?",
            [name, note, searched, time.time(), view_id],
        )
        return self.find(view_id)

    def delete(self, view_id: int, asked_by: str) -> None:
        """Delete a view.

        Raises
        ------
        SavedViewError
            If there is none, or if somebody else saved it.
        """
        self._own(view_id, asked_by)
        self._execute("DELETE FROM views WHERE id = ?", [view_id])

    def _own(self, view_id: int, asked_by: str) -> SavedView:
        view = self.find(view_id)
        if not view.may_be_changed_by(asked_by):
            raise SavedViewError(
                f"{view.saved_by} saved this view, and only they may change it; save your own"
            )
        return view

    def _execute(self, statement: str, values: Iterable[object]) -> None:
        with self._lock, self._database:
            self._database.execute(statement, tuple(values))

    def _views(self, clause: str, values: Iterable[object]) -> list[SavedView]:
        rows = self._rows(f"SELECT {_LISTED} FROM views {clause}", values)  # noqa: S608 - our own names
        named = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        return [
            SavedView(**{**each, "parameters": as_parameters(json.loads(each["parameters"]))})
            for each in named
        ]

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, tuple(values)).fetchall()


def _checked(name: str, note: str) -> tuple[str, str]:
    """Return a name on one line and a note, without what would not be seen."""
    name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    note = "".join(c for c in note.strip() if c.isprintable() or c == "\n")
    if not name:
        raise SavedViewError("expected a name for the view; write one")
    for what, text, longest in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
        if len(text) > longest:
            raise SavedViewError(
                f"the {what} has {len(text):,} characters; expected {longest:,} at most"
            )
    return name, note


def _searched(*texts: str) -> str:
    return "\n".join(texts).casefold()


def open_saved_views() -> SavedViews:
    """Open the views that are saved on this server, or those of the bundle which is shown."""
    shown, path = bundle(), home() / "views.db"
    is_new = not path.exists()
    views = SavedViews(path)
    if shown is not None and is_new:
        _fill(views, shown)
    return views


def _fill(views: SavedViews, shown: Bundle) -> None:
    """Keep a bundle's views; the latest is listed first, and among equals its first."""
    for each in reversed(shown.views):
        views.keep(
            SavedView(
                *(0, each.page, each.name, each.note, each.parameters, PUBLISHED),
                *(each.saved_at_s, each.saved_at_s),
            )
        )
