"""How this server is open, as its environment says: checked as it is read."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit

from dashboard.access.policy import EVERYBODY, GROUP, HERE, Access, Mode, Network, Provider
from dashboard.access.roles import Role
from pipeline import variables
from pipeline.bundle import bundle
from pipeline.errors import SettingsError

_ROLE_VARIABLES: Mapping[Role, str] = {
    Role.ADMIN: "ADMINS",
    Role.ANALYST: "ANALYSTS",
    Role.VIEWER: "VIEWERS",
}
_METADATA = "/.well-known/openid-configuration"


def read_access() -> Access:
    """Return how the environment says this server is open.

    Raises
    ------
    SettingsError
        If a variable says what it cannot say, or one is missing.
    """
    mode = _mode()
    people = {role: variables.listed(name) for role, name in _ROLE_VARIABLES.items()}
    if mode != "oidc":
        _refuse_people(mode, people)
    provider = _provider(people) if mode == "oidc" else None
    hours = variables.number("OIDC_HOURS", "for how many hours somebody stays signed in") or 12.0
    return Access(
        mode=mode,
        people=people,
        groups_claim=variables.said("OIDC_GROUPS_CLAIM") or Access.groups_claim,
        session_s=3600 * hours,
        contact=variables.said("CONTACT") or Access.contact,
        hosts=_hosts(mode, provider),
        local_clients=tuple(map(_network, variables.listed("LOCAL_CLIENTS"))),
        provider=provider,
    )


def _mode() -> Mode:
    """Return the mode; a bundle is shown read-only."""
    if bundle() is None:
        return cast(Mode, variables.chosen("MODE", get_args(Mode)))
    if variables.said("MODE") not in ("", "read-only"):
        raise SettingsError(
            f"LAYERSCOPE_MODE is {variables.said('MODE')!r}, but a bundle (LAYERSCOPE_BUNDLE) is "
            "shown read-only; unset one of them"
        )
    return "read-only"


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingsError(
            f"LAYERSCOPE_LOCAL_CLIENTS lists {text!r}; expected addresses or networks such as "
            "172.17.0.1 or 172.17.0.0/16"
        ) from error


def _refuse_people(mode: Mode, people: Mapping[Role, tuple[str, ...]]) -> None:
    for role, listed in people.items():
        if listed:
            raise SettingsError(
                f"LAYERSCOPE_{_ROLE_VARIABLES[role]} is set, but in mode {mode} nobody signs in; "
                "set LAYERSCOPE_MODE=oidc, or unset it"
            )


def _provider(people: Mapping[Role, tuple[str, ...]]) -> Provider:
    for role, listed in people.items():
        for name in listed:
            if name != EVERYBODY and not name.startswith(GROUP) and "@" not in name:
                raise SettingsError(
                    f"LAYERSCOPE_{_ROLE_VARIABLES[role]} lists {name!r}; expected e-mail "
                    "addresses, group:NAME, or *"
                )
    if not any(people.values()):
        raise SettingsError(
            "LAYERSCOPE_MODE is oidc, but nobody may sign in; list e-mail addresses or group:NAME "
            "in LAYERSCOPE_ADMINS, LAYERSCOPE_ANALYSTS or LAYERSCOPE_VIEWERS"
        )
    metadata_url = _web_address("OIDC_METADATA_URL", f"https://HOST{_METADATA}")
    if not metadata_url.endswith(_METADATA):
        raise SettingsError(
            f"LAYERSCOPE_OIDC_METADATA_URL is {metadata_url!r}; expected it to end with {_METADATA}"
        )
    return Provider(
        public_url=_web_address("PUBLIC_URL", "https://layerscope.example.org").rstrip("/"),
        metadata_url=metadata_url,
        client_id=_needed("OIDC_CLIENT_ID", "the name by which the provider knows this server"),
        client_secret=_secret_of(
            _needed("OIDC_CLIENT_SECRET_FILE", "the file that holds the client's secret")
        ),
    )


def _needed(name: str, expected: str) -> str:
    text = variables.said(name)
    if not text:
        raise SettingsError(
            f"LAYERSCOPE_MODE is oidc, which needs LAYERSCOPE_{name}; expected {expected}"
        )
    return text


def _web_address(name: str, example: str) -> str:
    text = _needed(name, f"an address such as {example}")
    parts = urlsplit(text)
    is_here = parts.hostname in HERE
    if parts.scheme not in (("http", "https") if is_here else ("https",)) or not parts.hostname:
        raise SettingsError(
            f"LAYERSCOPE_{name} is {text!r}; expected an address such as {example} (http only on "
            "this machine)"
        )
    if parts.query or parts.fragment or parts.username or parts.password:
        raise SettingsError(
            f"LAYERSCOPE_{name} is {text!r}; expected it to end with its path, and to hold no name"
        )
    return text


def _secret_of(path: str) -> str:
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"LAYERSCOPE_OIDC_CLIENT_SECRET_FILE names {path}, which cannot be read ({error})"
        ) from error
    if not secret:
        raise SettingsError(f"LAYERSCOPE_OIDC_CLIENT_SECRET_FILE names {path}, which is empty")
    return secret


def _hosts(mode: Mode, provider: Provider | None) -> tuple[str, ...]:
    named = variables.listed("HOSTS")
    for name in named:
        if "/" in name or ":" in name:
            raise SettingsError(
                f"LAYERSCOPE_HOSTS lists {name!r}; expected names of hosts, without http:// or port"
            )
    if mode == "read-only" and not named:
        return ()
    public = () if provider is None else (urlsplit(provider.public_url).hostname or "",)
    return tuple(dict.fromkeys((*HERE, *public, *(name.lower() for name in named))))
