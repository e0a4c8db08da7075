"""Who looks at the pages, and what they may do: asked wherever work starts, and by every button."""

from dashboard.access.environment import read_access
from dashboard.access.policy import Access, Mode, Provider
from dashboard.access.rights import (
    require,
    require_for,
    require_roots,
    role,
    visitor,
    why_not,
    why_not_for,
    why_not_signed_in,
)
from dashboard.access.roles import LEAST_ROLE, Action, Role

__all__ = [
    "LEAST_ROLE",
    "Access",
    "Action",
    "Mode",
    "Provider",
    "Role",
    "read_access",
    "require",
    "require_for",
    "require_roots",
    "role",
    "visitor",
    "why_not",
    "why_not_for",
    "why_not_signed_in",
]
