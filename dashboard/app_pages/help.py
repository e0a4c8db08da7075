"""Help: what is CKA and what not, how is a cell read, and how cited?"""

import streamlit as st

from dashboard import selection
from dashboard.parts import (
    guide,
    help_cell,
    help_citing,
    help_cka,
    help_terms,
    page,
    sharing,
)

TOPICS = {
    "What CKA says": help_cka.show,
    "Reading a cell": help_cell.show,
    "Keys and links": help_terms.show_keys,
    "Glossary": help_terms.show_terms,
    "Citing": help_citing.show,
}

actions = page.heading("Help")
with actions:
    guide.link_to_it()
tabs = st.tabs(list(TOPICS), key="topic", bind="query-params")
for (title, show), tab in zip(TOPICS.items(), tabs, strict=True):
    if not tab.open:
        continue
    with tab:
        show()
    with actions:
        sharing.copy_link(selection.help_parameters(title))
