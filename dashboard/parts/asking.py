"""Buttons that ask for work: off, and saying why, for those who may not; a refusal is shown."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from dashboard import loading
from dashboard.plain_text import as_plain
from pipeline.errors import LayerScopeError


def button(
    label: str,
    ask: Callable[[], object],
    *,
    refusal: str | None,
    key: str | None = None,
    disabled: bool = False,
    help_: str | None = None,
    **look: Any,  # noqa: ANN401 - handed on to Streamlit
) -> bool:
    """Show a button that asks for work, and return whether it was clicked; none of a bundle.

    Parameters
    ----------
    label : str
    ask : callable
        Runs before the page.
    refusal : str or None
        Why whoever looks at the page may not ask for it.
    key, disabled, help_, look
        As Streamlit's button takes them.
    """
    if loading.bundle() is not None:
        return False
    return st.button(
        label,
        on_click=partial(asked, ask),
        disabled=disabled or refusal is not None,
        help=refusal or help_,
        key=key,
        **look,
    )


def asked(ask: Callable[[], object]) -> None:
    """Ask for work before the page is drawn; where it is refused, say why above the page."""
    try:
        ask()
    except LayerScopeError as problem:
        st.toast(as_plain(str(problem)), icon=":material/block:", duration="infinite")
