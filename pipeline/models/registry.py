"""The models that a user added to the menus: a list of names in a folder."""

import json
from pathlib import Path
from uuid import uuid4

from pipeline.errors import ModelError

_FILE = "models.json"


def added_models(folder: Path) -> tuple[str, ...]:
    """Return the names that were added in a folder, the earliest first.

    Raises
    ------
    ModelError
        If the list is damaged.
    """
    file = folder / _FILE
    if not file.exists():
        return ()
    try:
        names = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError("it is no list of names")  # noqa: TRY301 - one message for all damage
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"{file}: the list of added models is damaged ({error}); mend or delete it"
        ) from error
    return tuple(dict.fromkeys(names))


def add_model(name: str, folder: Path) -> None:
    """Add a name to the list.

    Raises
    ------
    ModelError
        If it is there already, or the list cannot be read or written.
    """
    names = added_models(folder)
    if name in names:
        raise ModelError(f"{name} was added already; it is in the menus")
    _write(folder / _FILE, [*names, name])


def remove_model(name: str, folder: Path) -> None:
    """Take a name off the list; the model's files stay where they are.

    Raises
    ------
    ModelError
        If it is not there, or the list cannot be read or written.
    """
    names = added_models(folder)
    if name not in names:
        raise ModelError(f"{name} was not added; those that were are: {', '.join(names) or 'none'}")
    _write(folder / _FILE, [each for each in names if each != name])


def _write(file: Path, names: list[str]) -> None:
    """Replace the list as a whole: a reader finds the old or the new one."""
    draft = file.with_name(f".{uuid4().hex}.tmp")
    try:
        draft.write_text(json.dumps(names, indent=1), encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise ModelError(f"{file}: cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)
