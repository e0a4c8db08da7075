"""How to cite: the software, the measure, and a number."""

import streamlit as st

from dashboard import loading
from dashboard.plain_text import as_plain
from pipeline.similarity import MEASURES

_ALL = MEASURES.values()

_METHODS = """\
We compared A and B layer by layer with debiased linear CKA (Kornblith et al. 2019; Song et al. \
2012) over N tokens of T word types by S speakers of CORPUS, with LayerScope {version}. A word's \
vector is the mean of the frames whose centre lies in it. Values are given with their type null \
over 200 permutations of word types, and 95 % intervals over types and speakers.\
"""


def show() -> None:
    """Show what to copy."""
    grid = st.grid(2, min_column_width=420)
    with grid.container(border=True, height="stretch"):
        st.header("LayerScope")
        citation = loading.citation()
        if citation is None:
            st.caption("This installation came without its CITATION.cff, which says how.")
        else:
            st.code(citation.bibtex(), language=None, wrap_lines=True)
        st.header("A number")
        st.caption(
            "A sentence for the methods; the counts stand below the heatmap. *Export* on Compare "
            "writes every number with its provenance: corpus, settings, weights and code."
        )
        version = "" if citation is None else citation.version
        st.code(_METHODS.format(version=version), language=None, wrap_lines=True)
    with grid.container(border=True, height="stretch"):
        st.header("The measures")
        rows = [f"| {_capitalised(each.title)} | {as_plain(each.reference)} |" for each in _ALL]
        st.markdown("\n".join(("| Measure | Defined in |", "| --- | --- |", *rows)))
        st.caption(
            "Chance levels: all permutations of rows, exactly (after Kazi-Aoual et al. 1995). That "
            "biased CKA rises with dimensions: Murphy et al. 2024."
        )


def _capitalised(title: str) -> str:
    return as_plain(f"{title[0].upper()}{title[1:]}")
