"""All that is known of one model: what ``models show`` says, and what can be done with it."""

from functools import partial
from pathlib import Path

import streamlit as st

from dashboard import access, loading
from dashboard.parts import asking
from pipeline.models.listing import facts, fetch_command, layers_are_known
from pipeline.models.spec import ModelSpec

MOST_IN_SIGHT, HEIGHT_PX, LABEL_PX = 11, 420, 100
_ELSEWHERE = ("name", "on disk", "layers", "description")


def show(spec: ModelSpec) -> None:
    """Show a model's facts and layers, how to fetch it, and where to use it."""
    st.text(spec.description)
    _show_actions(spec)
    # Side by side where there is room, one below the other where there is not.
    grid = st.grid(5, min_column_width=165)
    with grid.cell(column_span=3):
        _show_facts(spec)
    with grid.cell(column_span=2):
        _show_layers(spec)


def _show_facts(spec: ModelSpec) -> None:
    told = access.why_not("see what the server says of its files") is None
    with st.container(gap="xsmall"):
        for name, value in facts(spec).items():
            if name not in _ELSEWHERE and (told or not is_path(value)):
                with st.container(horizontal=True):
                    st.markdown(f":gray[{name[0].upper()}{name[1:]}]", width=LABEL_PX)
                    st.text(value, width="stretch")


def is_path(value: str) -> bool:
    """Return whether a fact says where files lie on the server."""
    return Path(value).is_absolute()


def _show_layers(spec: ModelSpec) -> None:
    if not layers_are_known(spec):
        st.caption("Its layers are known once it is on this machine.")
        return
    numbered = [name.partition(": ") for name in spec.layer_names]
    st.dataframe(
        [{"Layer": number, "What it is": said} for number, _, said in numbered],
        hide_index=True,
        height=HEIGHT_PX if len(numbered) > MOST_IN_SIGHT else "auto",
        column_config={"Layer": st.column_config.TextColumn(width="small")},
        alt=f"The layers of {spec.name}",
    )


def _show_actions(spec: ModelSpec) -> None:
    if not spec.on_disk:
        st.caption("It is not on this machine. To fetch it, run this on the server:")
        st.code(fetch_command(spec.name), language=None)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for letter, key in (("A", "a"), ("B", "b")):
            st.page_link(
                "app_pages/compare.py",
                label=f"Compare as {letter}",
                icon=":material/grid_on:",
                query_params={key: spec.name},
            )
        if loading.model_was_added(spec.name):
            asking.button(
                "Remove from the menus",
                partial(loading.forget_model, spec.name),
                refusal=access.why_not("add or remove a model"),
                type="tertiary",
                icon=":material/delete:",
                help_="The model's files stay where they are.",
            )
