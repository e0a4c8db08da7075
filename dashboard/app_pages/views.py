"""Saved views: what did people here keep, why, and where does it open?"""

import streamlit as st

from dashboard import selection
from dashboard.parts import page, saved_views

page.heading("Saved views")
with st.container(border=True, key="saved-list"):
    saved_views.show_list()
selected = selection.selected_view()
if selected is not None:
    with st.container(border=True, key="saved-view"):
        saved_views.show_view(selected)
