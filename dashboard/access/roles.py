"""Three roles, each of which may do what the one before may, and what each is needed for."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Literal, get_args


class Role(IntEnum):
    """What somebody is on this server."""

    VIEWER = 1
    ANALYST = 2
    ADMIN = 3

    @property
    def title(self) -> str:
        """The name that pages show.

        Examples
        --------
        >>> Role.ANALYST.title
        'Analyst'
        """
        return self.name.capitalize()


Action = Literal[
    "start a job",
    "cancel or retry a job of your own",
    "save a view",
    "cancel or retry a job of somebody else",
    "add a corpus",
    "add or remove a model",
    "check or prune the storage",
    "see what the server says of its files",
]

_ANALYSTS_TOO: tuple[Action, ...] = (
    "start a job",
    "cancel or retry a job of your own",
    "save a view",
    "see what the server says of its files",
)

LEAST_ROLE: Mapping[Action, Role] = {
    action: Role.ANALYST if action in _ANALYSTS_TOO else Role.ADMIN for action in get_args(Action)
}
"""The least role that each action needs; what is not listed, everybody may who has a role."""
