"""How this server is open, and to whom: read from the environment, checked as it is read."""

import ipaddress
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from dashboard.access.roles import Role
from pipeline import variables
from pipeline.errors import SettingsError

Mode = Literal["local", "read-only", "oidc"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
EVERYBODY, GROUP = "*", "group:"
HERE = ("localhost", "127.0.0.1")
_ROLE_VARIABLES: Mapping[Role, str] = {
    Role.ADMIN: "ADMINS",
    Role.ANALYST: "ANALYSTS",
    Role.VIEWER: "VIEWERS",
}
_METADATA = "/.well-known/openid-configuration"
_CLOCKS_DIFFER_S = 300.0


@dataclass(frozen=True)
class Provider:
    """Where people sign in.

    Attributes
    ----------
    public_url : str
        Where browsers find this server, without a slash at the end.
    metadata_url, client_id, client_secret : str
        The provider, and how it knows this server.
    """

    public_url: str
    metadata_url: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Access:
    """How this server is open, and to whom.

    Attributes
    ----------
    mode : {"local", "read-only", "oidc"}
    people : mapping of Role to tuple of str
        E-mail addresses, ``group:NAME``, or ``*``.
    groups_claim : str
        The claim that lists a person's groups.
    session_s : float
        For how long somebody stays signed in.
    contact : str
        Whom a page names where somebody lacks a right.
    hosts : tuple of str
        Names under which browsers may reach the server; none: any.
    local_clients : tuple of networks
        From where mode ``local`` is reached beside its own machine.
    provider : Provider or None
        None where nobody signs in.
    """

    mode: Mode = "local"
    people: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    groups_claim: str = "groups"
    session_s: float = 12 * 3600.0
    contact: str = "whoever runs this server"
    hosts: tuple[str, ...] = HERE
    local_clients: tuple[Network, ...] = ()
    provider: Provider | None = None

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach this server by https."""
        return self.provider is not None and self.provider.public_url.startswith("https:")

    def role_of(self, claims: Mapping[str, Any], now_s: float | None = None) -> Role | None:
        """Return the highest role of somebody, None: they have none, or are not signed in.

        Parameters
        ----------
        claims : mapping
            Of the ID token; only mode ``oidc`` looks at them.
        now_s : float, optional
            Seconds since the epoch.
        """
        if self.mode != "oidc":
            return Role.ADMIN if self.mode == "local" else Role.VIEWER
        if not self.is_signed_in(claims, now_s):
            return None
        names = {EVERYBODY, *_addresses(claims), *_groups(claims.get(self.groups_claim))}
        found = (role for role, listed in self.people.items() if names & {*map(_same, listed)})
        return max(found, default=None)

    def is_signed_in(self, claims: Mapping[str, Any], now_s: float | None = None) -> bool:
        """Return whether claims are of somebody who signed in, and not too long ago."""
        if claims.get("is_logged_in") is not True:
            return False
        issued_s = claims.get("iat")
        if not isinstance(issued_s, int | float):
            return False
        age_s = (time.time() if now_s is None else now_s) - issued_s
        return -_CLOCKS_DIFFER_S <= age_s < self.session_s


def _same(name: str) -> str:
    """Return what is equal for equal names; letters that only look alike stay different."""
    return name.lower() if name.isascii() and not name.startswith(GROUP) else name


def name_of(claims: Mapping[str, Any]) -> str:
    """Return what nobody else is called at the provider, as readable as it can be."""
    return next(iter(_addresses(claims)), "") or str(claims.get("sub") or "somebody")


def _addresses(claims: Mapping[str, Any]) -> set[str]:
    """Return the e-mail address, unless the provider says that it was never verified."""
    address, verified = claims.get("email"), claims.get("email_verified", True)
    # An address has an @, so that nobody is called "*" or like a group.
    if not isinstance(address, str) or "@" not in address or address.startswith(GROUP):
        return set()
    return {_same(address)} if verified in (True, "true") else set()


def _groups(said: object) -> set[str]:
    names = [said] if isinstance(said, str) else said
    if not isinstance(names, Iterable):
        return set()
    return {GROUP + name for name in names if isinstance(name, str)}


def read_access() -> Access:
    """Return how the environment says this server is open.

    Raises
    ------
    SettingsError
        If a variable says what it cannot say, or one is missing.
    """
    mode = cast(Mode, variables.chosen("MODE", get_args(Mode)))
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
