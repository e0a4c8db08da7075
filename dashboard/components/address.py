"""Where on this server the browser finds what our routes serve."""

import streamlit as st


def address(path: str) -> str:
    """Return the address of a route, below the base path that the server is configured with.

    Examples
    --------
    >>> address("api/plotly.min.js")
    '/api/plotly.min.js'
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{path}" if base else f"/{path}"
