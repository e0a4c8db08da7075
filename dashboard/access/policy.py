"""How this server is open, and to whom: who has which role by what the provider says of them."""

import ipaddress
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.access.roles import Role

Mode = Literal["local", "read-only", "oidc"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
EVERYBODY, GROUP = "*", "group:"
HERE = ("localhost", "127.0.0.1")
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
