"""The router: page configuration, navigation, and what every page shows."""

from pathlib import Path

import streamlit as st

from dashboard import access, loading, selection
from dashboard.parts import engine, sign_in
from dashboard.turns import turn

HERE = Path(__file__).parent

# A Material icon as page icon would be fetched from outside.
st.set_page_config(page_title="LayerScope", page_icon=str(HERE / "icon.svg"), layout="wide")
st.html(HERE / "contrast.css")
selection.read_schema()
st.logo(str(HERE / "logo.svg"), size="large")

# Where a bundle is shown, nothing is computed, and nothing of it is stored.
computing = [
    st.Page("app_pages/jobs.py", title="Jobs", icon=":material/checklist:", url_path="jobs"),
    st.Page(
        "app_pages/storage.py", title="Storage", icon=":material/database:", url_path="storage"
    ),
]
page = st.navigation(
    {
        "Explore": [
            st.Page(
                "app_pages/compare.py",
                title="Compare",
                icon=":material/grid_on:",
                default=True,  # at the app's own address, and at no other
            ),
            st.Page(
                "app_pages/overview.py",
                title="Overview",
                icon=":material/dashboard:",
                url_path="overview",
            ),
            st.Page(
                "app_pages/beside.py",
                title="Side by side",
                icon=":material/view_column:",
                url_path="beside",
            ),
            st.Page(
                "app_pages/measures.py",
                title="Measures",
                icon=":material/straighten:",
                url_path="measures",
            ),
            st.Page(
                "app_pages/words.py",
                title="Words",
                icon=":material/match_word:",
                url_path="words",
            ),
            st.Page(
                "app_pages/alignments.py",
                title="Alignments",
                icon=":material/graphic_eq:",
                url_path="alignments",
            ),
            st.Page(
                "app_pages/views.py",
                title="Saved views",
                icon=":material/bookmarks:",
                url_path="views",
            ),
        ],
        "Manage": [
            st.Page(
                "app_pages/library.py",
                title="Library",
                icon=":material/library_books:",
                url_path="library",
            ),
            *([] if loading.bundle() else computing),
        ],
        "Learn": [
            st.Page("app_pages/help.py", title="Help", icon=":material/help:", url_path="help"),
        ],
    },
    position="sidebar" if access.role() is not None else "hidden",
)
if access.role() is None:
    sign_in.show()
    st.stop()
with st.sidebar:
    sign_in.show_badge()
    engine.show()
with turn():
    page.run()
