"""What whoever looks at the page may do; the same question for a button and for the work itself."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.access.environment import read_access
from dashboard.access.policy import name_of
from dashboard.access.roles import LEAST_ROLE, Action, Role
from pipeline.bundle import bundle
from pipeline.configuration import allowed_roots
from pipeline.engine import Job
from pipeline.errors import RightsError

OWN: Action = "cancel or retry a job of your own"
OTHERS: Action = "cancel or retry a job of somebody else"


def claims() -> Mapping[str, Any]:
    """Return what the provider said of whoever looks at the page; nothing where nobody signs in."""
    return st.user.to_dict()


def role() -> Role | None:
    """Return the role of whoever looks at the page, None: they have none."""
    return read_access().role_of(claims())


def why_not_signed_in() -> str | None:
    """Return why whoever looks at the page has to sign in, None where they have done so."""
    access, said = read_access(), claims()
    if access.mode != "oidc" or access.is_signed_in(said):
        return None
    if said.get("is_logged_in"):
        return "Your session has ended. Sign in again; you come back to this very view."
    return "Its pages are for people whom this server knows. You come back to this very view."


def visitor() -> str:
    """Return who looks at the page, by what nobody else is called: their jobs bear it."""
    access = read_access()
    if access.mode != "oidc":
        return "local" if access.mode == "local" else "a viewer"
    return name_of(claims())


def why_not(action: Action) -> str | None:
    """Return why whoever looks at the page may not do something, None where they may."""
    access, needed = read_access(), LEAST_ROLE[action]
    have = access.role_of(claims())
    if have is not None and have >= needed:
        return None
    if access.mode == "read-only":
        shown = bundle()
        what = "This server only shows what is there" if shown is None else shown.said
        return f"{what.removesuffix('.')}; nobody can {action} here."
    are = "have no role here" if have is None else f"are {_article(have)}"
    return f"Only {_article(needed)} can {action}; you {are}. Ask {access.contact}."


def _article(role: Role) -> str:
    name = role.title.lower()
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def require(action: Action) -> None:
    """Do nothing if whoever looks at the page may do something.

    Raises
    ------
    RightsError
        If they may not; it says who may, and whom to ask.
    """
    refusal = why_not(action)
    if refusal is not None:
        raise RightsError(refusal)


def require_roots() -> None:
    """Do nothing if a person may name a path of this machine.

    Raises
    ------
    RightsError
        If others than this machine's own user look at the pages, and no folders are allowed.
    """
    if read_access().mode != "local" and not allowed_roots():
        raise RightsError(
            "Nothing can be added from the pages of this server: LAYERSCOPE_ROOTS names no folders "
            f"that corpora and models may lie in. Ask {read_access().contact}."
        )


def why_not_for(job: Job) -> str | None:
    """Return why whoever looks at the page may not cancel or retry a job, None where they may."""
    return why_not(OWN if job.asked_by == visitor() else OTHERS)


def require_for(job: Job) -> None:
    """Do nothing if whoever looks at the page may cancel or retry a job.

    Raises
    ------
    RightsError
        If they may not.
    """
    refusal = why_not_for(job)
    if refusal is not None:
        raise RightsError(refusal)
