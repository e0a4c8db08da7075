"""Storage: what takes the room, is it sound, and what can go?"""

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import asking, messages, page, storage_care, storage_usage

_HELP = "Compares every record with its checksum, and drops damaged ones; it may take long."

actions = page.heading("Storage")
with actions:
    asking.button(
        "Verify",
        loading.verify,
        refusal=access.why_not("check or prune the storage"),
        icon=":material/fact_check:",
        help_=_HELP,
        key="verify",
    )
usage = loading.usage()
storage_usage.show_capacity(usage, loading.capacity())
storage_care.show_latest()
if usage:
    with st.container(border=True, key="usage"):
        st.header("What takes the room")
        by = selection.side_by_side(
            "By", storage_usage.GROUPS, key="by", help_="Of what the records say of themselves."
        )
        storage_usage.show_table(usage, by)
    if access.why_not("check or prune the storage") is None:
        with st.container(border=True, key="pruning"):
            st.header("Prune")
            storage_care.show_pruning(selection.choose_pruning(usage))
else:
    messages.empty(
        "Nothing is stored yet",
        "What is computed is kept here, so that it is computed once.",
        ":material/database:",
    )
