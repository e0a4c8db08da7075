"""The environment variables of LayerScope: every one, its default, and what it says.

docs/configuration.md holds the same table; tests compare the two, and both with the code.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pipeline.errors import SettingsError

PREFIX = "LAYERSCOPE_"


@dataclass(frozen=True)
class Variable:
    """What a variable says; the default is what an unset one means, in words."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Group:
    """Variables of one subject."""

    title: str
    variables: tuple[Variable, ...]


def _group(title: str, *rows: tuple[str, str, str]) -> Group:
    return Group(title, tuple(Variable(PREFIX + name, *told) for name, *told in rows))


GROUPS: tuple[Group, ...] = (
    _group(
        "Places",
        (
            "HOME",
            "`~/.cache/layerscope`",
            "folder of the store, the lists of corpora and models, and the engine's files",
        ),
        (
            "STORE_LIMIT",
            "as large as the disk",
            (
                "what the store may take of the disk, such as `200GB` or `500MiB`; work is refused "
                "beyond it, nothing is deleted"
            ),
        ),
        (
            "SHARED",
            "nowhere",
            (
                "where several hosts share results: `file:///mnt/shared/layerscope` (a folder that "
                "exists) or `s3://bucket/folder` (with s3fs installed)"
            ),
        ),
        (
            "BUNDLE",
            "none",
            (
                "folder that `publish` wrote: the server shows it and nothing else, to everybody "
                "who reaches it; `HOME` is not used then"
            ),
        ),
    ),
    _group(
        "Computing",
        (
            "WORKERS",
            "1",
            "how many workers share the CPU where there is no GPU",
        ),
        (
            "WORKER_MEMORY",
            "an equal share of the machine's",
            (
                "memory that a worker that the engine starts on this machine may take, such as "
                "`8GB`; one that takes more ends; those of a scheduler are told by "
                "`dask worker --memory-limit`"
            ),
        ),
        (
            "TASK_MINUTES",
            "no limit",
            (
                "minutes that one task may take: some speech through a model, or one comparison; "
                "the worker of one that takes longer is started anew"
            ),
        ),
        (
            "SCHEDULER",
            "an engine of this machine",
            "address of a Dask scheduler to use instead",
        ),
        (
            "WORKER_REQUIREMENTS",
            "what is installed here",
            (
                "file that pins what the workers of that scheduler run on, such as "
                "`requirements.txt`, for a server without torch: names of results hold the versions"
            ),
        ),
    ),
    _group(
        "Corpora and models",
        (
            "MODELS",
            "none",
            (
                "further models for the menus, separated by commas: "
                "`hf-text:/models/bert,hf-speech:/models/wav2vec2`"
            ),
        ),
        (
            "ROOTS",
            "anywhere",
            "folders that corpora must lie in, and models that are added; separated as in `PATH`",
        ),
        (
            "ALLOW_PYTHON_MODELS",
            "not allowed",
            "`1`: models may be named `python:MODULE:FACTORY`, which runs that code",
        ),
        (
            "OFFLINE",
            "downloads are allowed",
            "`1`: `models fetch` downloads nothing for s3prl; `HF_HUB_OFFLINE` is that of the hub",
        ),
    ),
    _group(
        "Who may do what",
        (
            "MODE",
            "`local`",
            (
                "`local`: one person on this machine, who may do everything; `read-only`: "
                "everybody who reaches the server, as viewers; `oidc`: people sign in with "
                "OpenID Connect"
            ),
        ),
        (
            "ADMINS",
            "nobody",
            (
                "who may do everything in mode `oidc`, separated by commas: e-mail addresses, "
                "`group:NAME`, or `*` for everybody who signs in"
            ),
        ),
        ("ANALYSTS", "nobody", "who may start jobs and save views; written as `ADMINS`"),
        ("VIEWERS", "nobody", "who may look at what is there; written as `ADMINS`"),
        (
            "CONTACT",
            "whoever runs this server",
            "whom a page names where somebody lacks a right",
        ),
        (
            "HOSTS",
            "this machine's; in mode `oidc` also that of `PUBLIC_URL`; in mode `read-only` any",
            "further names, separated by commas, under which browsers reach the server",
        ),
        (
            "LOCAL_CLIENTS",
            "none",
            (
                "addresses or networks, separated by commas, that mode `local` answers beside its "
                "own machine: `172.17.0.1`, the host of a container; whoever is there may do "
                "everything"
            ),
        ),
    ),
    _group(
        "Signing in (mode `oidc`)",
        (
            "PUBLIC_URL",
            "none; needed",
            (
                "where browsers find the server, such as `https://layerscope.example.org`; the "
                "provider must know `PUBLIC_URL/oauth2callback` as a redirect"
            ),
        ),
        (
            "OIDC_METADATA_URL",
            "none; needed",
            "the provider's description, which ends with `/.well-known/openid-configuration`",
        ),
        ("OIDC_CLIENT_ID", "none; needed", "how the provider knows this server"),
        (
            "OIDC_CLIENT_SECRET_FILE",
            "none; needed",
            "file that holds the secret of that client, and nothing else",
        ),
        ("OIDC_GROUPS_CLAIM", "`groups`", "the claim of the ID token that lists a person's groups"),
        ("OIDC_HOURS", "12", "for how many hours somebody stays signed in"),
    ),
    _group(
        "Limits of what is asked for on the pages",
        ("MAX_SESSIONS", "500", "pages that may be open at once; nobody gets one beyond them"),
        ("MAX_JOBS", "no limit", "jobs that may wait or run at once"),
        ("MAX_JOBS_PER_USER", "no limit", "those of one person"),
        ("MAX_UTTERANCES", "no limit", "utterances that one job may be about"),
        ("MAX_HOURS", "no limit", "hours of speech that one job may be about"),
        (
            "ALLOWED_MODELS",
            "all",
            (
                "patterns of the names or families of the models that jobs may use, separated by "
                "commas: `control:*,s3prl:hubert*,text_transformer`"
            ),
        ),
    ),
    _group(
        "Operations",
        (
            "LOG",
            "`text`",
            "`json`: each line of the log, which goes to standard error, is a JSON object",
        ),
        (
            "METRICS_TOKEN_FILE",
            "no metrics",
            "file that holds what whoever reads `/api/metrics` has to know, and nothing else",
        ),
    ),
    _group(
        "Tests",
        ("CHROMIUM", "the first that is found", "the Chromium that the browser tests drive"),
    ),
)

VARIABLES: Mapping[str, Variable] = {
    variable.name: variable for group in GROUPS for variable in group.variables
}


def said(name: str) -> str:
    """Return what a variable says without the space around it, empty where it says nothing.

    Parameters
    ----------
    name : str
        Without the prefix.
    """
    return os.environ.get(VARIABLES[PREFIX + name].name, "").strip()


def listed(name: str) -> tuple[str, ...]:
    """Return what a variable lists, separated by commas."""
    return tuple(part.strip() for part in said(name).split(",") if part.strip())


def chosen(name: str, choices: Iterable[str]) -> str:
    """Return the one of a few words that a variable says; the first where it says nothing.

    Raises
    ------
    SettingsError
        If it says another.
    """
    words = list(choices)
    word = said(name) or words[0]
    if word not in words:
        raise SettingsError(f"{PREFIX}{name} is {word!r}; expected one of {', '.join(words)}")
    return word


def whole_number(name: str, what: str, least: int = 1) -> int | None:
    """Return the whole number that a variable says, None where it says nothing.

    Raises
    ------
    SettingsError
        If it says something else, or less than `least`.
    """
    text = said(name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise SettingsError(f"{PREFIX}{name} is {text!r}; expected {what}, from {least}")
    return int(text)


def number(name: str, what: str) -> float | None:
    """Return the number above 0 that a variable says, None where it says nothing.

    Raises
    ------
    SettingsError
        If it says something else.
    """
    text = said(name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text) or not float(text):
        raise SettingsError(f"{PREFIX}{name} is {text!r}; expected {what}, such as 0.5 or 12")
    return float(text)


def refuse_unknown() -> None:
    """Do nothing unless the environment names a variable that LayerScope does not have.

    Raises
    ------
    SettingsError
        If it does: a limit with a wrong name would limit nothing.
    """
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in VARIABLES:
            near = get_close_matches(name, VARIABLES, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/configuration.md lists them all"
            raise SettingsError(f"there is no variable {name}; {hint}")
