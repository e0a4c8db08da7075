"""What is asked of a job that looks after the store: to check every record, or to delete some."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cache import Entry, PruneReport, Store

DAY_S = 86_400
# What records are told apart by, where they say so.
LABELS = ("corpus", "model", "settings")
VERIFY: Mapping[str, Any] = {"action": "verify"}


@dataclass(frozen=True)
class Pruning:
    """The records that meet every criterion given.

    Attributes
    ----------
    kind, corpus, model, settings : str or None
        As the store's accounts say them.
    older_than_days : float or None
    to_size_bytes : int or None
        Of the records that meet the others, the oldest, until all of the store's are no larger.
    """

    kind: str | None = None
    corpus: str | None = None
    model: str | None = None
    settings: str | None = None
    older_than_days: int | float | None = None
    to_size_bytes: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is any criterion."""
        return any(value is not None for value in vars(self).values())

    def as_task(self) -> dict[str, Any]:
        """Return what a job is asked for."""
        return {"action": "prune", **asdict(self)}

    @classmethod
    def from_task(cls, task: Mapping[str, Any]) -> "Pruning":
        """Return what `as_task` described."""
        return cls(**{name: value for name, value in task.items() if name != "action"})

    def run(
        self,
        store: Store,
        *,
        dry_run: bool = False,
        progress: Callable[[Sequence[Entry]], Iterable[Entry]] = iter,
    ) -> PruneReport:
        """Delete the records, or only count them; see :meth:`cache.Store.prune`."""
        labels = {name: getattr(self, name) for name in LABELS}
        days = self.older_than_days
        return store.prune(
            kind=self.kind,
            labels={name: value for name, value in labels.items() if value is not None} or None,
            older_than_s=None if days is None else float(days * DAY_S),
            to_size_bytes=self.to_size_bytes,
            dry_run=dry_run,
            progress=progress,
        )

    def __str__(self) -> str:
        """Return the criteria for people.

        Examples
        --------
        >>> str(Pruning(kind="embedding", older_than_days=30, to_size_bytes=2**30))
        'kind embedding, older than 30 days, the oldest down to 1.0 GiB in all'
        """
        said = [
            f"{name} {getattr(self, name)}" for name in ("kind", *LABELS) if getattr(self, name)
        ]
        if self.older_than_days is not None:
            said.append(f"older than {self.older_than_days:g} days")
        if self.to_size_bytes is not None:
            said.append(f"the oldest down to {self.to_size_bytes / 2**30:,.1f} GiB in all")
        return ", ".join(said)
