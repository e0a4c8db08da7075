"""What is checked before the server starts: a wrong value stops it with one sentence."""

import ipaddress
import resource
from importlib.metadata import version
from importlib.util import find_spec

import streamlit as st

from cache import CacheError
from dashboard.access import Access, read_access
from dashboard.serving.metrics import metrics_token
from dashboard.serving.session_limit import most_sessions
from pipeline import configuration, variables
from pipeline.bundle import bundle
from pipeline.comparison import load_result
from pipeline.configuration import open_store
from pipeline.demonstration import first_request
from pipeline.errors import BundleError, LayerScopeError, SettingsError
from pipeline.limits import read_limits
from pipeline.saved_views import open_saved_views

# Each open page takes four, those that were closed three for two minutes more, and many systems
# start a process with a thousand.
ENOUGH_DESCRIPTORS = 16_384


def checked_access() -> Access:
    """Return how this server is open, after a look at all that the environment says.

    Raises
    ------
    SystemExit
        If something is wrong; its text says what, and what to do.
    """
    try:
        configuration.check()
        read_limits()
        metrics_token()
        most_sessions()
        access = read_access()
        check_server(access)
        check_bundle()
    except (LayerScopeError, CacheError) as error:
        raise SystemExit(f"LayerScope does not start: {error}") from None
    return access


def check_server(access: Access) -> None:
    """Do nothing if the mode, Streamlit's own options and what is installed fit each other.

    Raises
    ------
    SettingsError
        If mode local would listen to others, others could run code, or a protection is off.
    """
    address = str(st.get_option("server.address") or "0.0.0.0")  # noqa: S104 - Streamlit's default
    if access.mode == "local" and not access.local_clients and not _is_loopback(address):
        raise SettingsError(
            f"in mode local everybody who reaches the server may do everything, and it would "
            f"listen on {address}; leave out --server.address, or choose LAYERSCOPE_MODE=read-only "
            "or oidc (docs/configuration.md)"
        )
    for option in ("server.enableCORS", "server.enableXsrfProtection"):
        if not st.get_option(option):
            raise SettingsError(
                f"Streamlit's option {option} is off, so that pages of other sites could act as "
                "whoever looks at them; switch it on"
            )
    if access.mode != "local" and variables.said("ALLOW_PYTHON_MODELS") == "1":
        raise SettingsError(
            f"LAYERSCOPE_ALLOW_PYTHON_MODELS is 1, but in mode {access.mode} others use this "
            "server, and such models run any code; unset it"
        )
    if access.mode == "oidc" and find_spec("authlib") is None:
        raise SettingsError("LAYERSCOPE_MODE is oidc, which needs Authlib; pip install Authlib")


def check_bundle() -> None:
    """Do nothing if no bundle is shown, or its views and its first comparison can be.

    Raises
    ------
    BundleError
        If its records are of another version of LayerScope, or not there.
    SavedViewError
        If a view is none.
    """
    shown = bundle()
    if shown is None:
        return
    open_saved_views().close()
    if all(view.page == "alignments" for view in shown.views):
        return
    with open_store() as store:
        if load_result(first_request().plan(store), store) is None:
            raise BundleError(
                f"{shown.folder} holds no result of its first comparison for this LayerScope "
                f"({version('layerscope')}); publish it again with this one, or show it with the "
                "one that wrote it"
            )


def raise_descriptor_limit() -> None:
    """Let this process open as many files and connections as it needs, if the system does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"
