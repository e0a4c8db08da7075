"""A short guide above a page, for first visitors; once closed, their browser remembers it.

It waits for nobody: the page below it can be used, and nothing is asked of the server until it is
closed. What it talks about is outlined.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from dashboard.components.address import address

COOKIE, CLOSED = "layerscope_guide", "closed"

_HTML = """
<section class="layerscope-guide" aria-label="Guide" hidden>
  <div class="layerscope-guide-told" aria-live="polite"><strong></strong> <span></span></div>
  <div class="layerscope-guide-actions">
    <span class="layerscope-guide-place"></span>
    <button type="button" data-action="back">Back</button>
    <button type="button" data-action="next" class="layerscope-guide-first"></button>
    <button type="button" data-action="close" aria-label="Close the guide">✕</button>
  </div>
</section>
"""

_mount = st.components.v2.component(
    "layerscope_guide",
    html=_HTML,
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,  # it outlines parts of the page, beyond a shadow root
)


@dataclass(frozen=True)
class Step:
    """One thing that the guide tells.

    Attributes
    ----------
    title, text : str
        Plain text.
    selector : str
        CSS selector of what is outlined meanwhile; empty for nothing.
    """

    title: str
    text: str
    selector: str = ""


def was_closed() -> bool:
    """Return whether the visitor's browser said, when it came, that the guide was closed."""
    return st.context.cookies.get(COOKIE) == CLOSED


def guide(steps: Sequence[Step], *, key: str, again: bool, on_close: Callable[[], None]) -> None:
    """Show the guide, unless it was closed in another tab meanwhile.

    Parameters
    ----------
    steps : sequence of Step
        The first is the invitation.
    key : str
    again : bool
        Show it even though it was closed.
    on_close : callable
        Called before the page runs without it.
    """
    _mount(
        key=key,
        data={
            "steps": [asdict(step) for step in steps],
            "cookie": COOKIE,
            "closed": CLOSED,
            "path": address(""),
            "again": again,
        },
        on_close_change=on_close,
    )
