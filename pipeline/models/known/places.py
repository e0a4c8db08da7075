"""From a model's name to the folder of its files: one that was named, or the hub's cache."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import AbsentModelError, ModelError
from pipeline.models.hub import cached_snapshot, is_repository


@dataclass(frozen=True)
class Place:
    """Where the files of a model are.

    Attributes
    ----------
    folder : Path
    weights : str or None
        What tells these weights from others, where it is known without reading them.
    """

    folder: Path
    weights: str | None = None


def locate(name: str) -> Place:
    """Return where the files of a model are.

    Raises
    ------
    AbsentModelError
        If they are not on this machine.
    ModelError
        If nothing can be called so.
    """
    place = name.partition(":")[2]
    folder = Path(place).expanduser().resolve()
    if place and folder.is_dir():
        return Place(folder)
    repo_id, revision = repository_of(name)
    snapshot = cached_snapshot(repo_id, revision)
    if snapshot is None:
        raise AbsentModelError(name, f"https://huggingface.co/{repo_id}")
    return Place(snapshot.folder, f"revision {snapshot.commit}")


def repository_of(name: str) -> tuple[str, str | None]:
    """Return the repository that ``KIND:ORG/NAME[@REVISION]`` names, and the revision.

    Raises
    ------
    ModelError
        If no repository can be called so.
    """
    kind, _, place = name.partition(":")
    repo_id, at, revision = place.partition("@")
    if not is_repository(repo_id):
        raise ModelError(
            f"{name}: expected {kind}:FOLDER on this machine, or {kind}:ORG/NAME of the Hugging "
            "Face hub; check the path"
        )
    return repo_id, revision if at else None
