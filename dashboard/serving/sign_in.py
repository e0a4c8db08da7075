"""What Streamlit's sign-in needs, and who asks for what is no page: read from the same cookie."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import AUTH_COOKIE_NAME, get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from dashboard.access import Access, Role
from pipeline.configuration import home

_SECRET_BYTES = 48


def streamlit_secrets(access: Access) -> dict[str, Any]:
    """Return what `st.login` reads; empty where nobody signs in."""
    provider = access.provider
    if provider is None:
        return {}
    return {
        "auth": {
            "redirect_uri": f"{provider.public_url}/oauth2callback",
            "cookie_secret": cookie_secret(home()),
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "server_metadata_url": provider.metadata_url,
        }
    }


def cookie_secret(folder: Path) -> str:
    """Return what cookies are signed with: made once, readable by this user only.

    Servers that share a home folder share it; without the file, everybody signs in anew.
    """
    path = folder / "cookie-secret"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(_SECRET_BYTES))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def role_of(request: Request, access: Access) -> Role | None:
    """Return the role of whoever sends a request that is not of a page."""
    return access.role_of(claims_of(request))


def claims_of(request: Request) -> Mapping[str, Any]:
    """Return what the provider said of whoever sends a request, as Streamlit's cookie keeps it."""

    def one(name: str) -> bytes | None:
        value = request.cookies.get(name)
        if value is None:
            return None
        return decode_signed_value(get_cookie_secret(), name, value.encode("latin-1"))

    content = get_cookie_with_chunks(one, AUTH_COOKIE_NAME)
    if content is None:
        return {}
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
