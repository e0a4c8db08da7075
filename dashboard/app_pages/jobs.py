"""Jobs: what does the engine compute, for whom, and how did it end?"""

import streamlit as st

from dashboard import selection
from dashboard.parts import job_details, job_list, page

page.heading("Jobs")
with st.container(horizontal=True, vertical_alignment="bottom"):
    chosen = selection.choose_jobs()
selected = selection.selected_job()
if selected is None:
    job_list.show(chosen)
else:
    # Side by side where there is room, one below the other where there is not.
    grid = st.grid(2, min_column_width=400)
    with grid.cell():
        job_list.show(chosen)
    with grid.cell().container(border=True, key="job-details"):
        job_details.show(selected)
