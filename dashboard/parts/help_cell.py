"""How to read a cell: each number and badge of the page Compare, beside a real cell."""

import streamlit as st

from dashboard import loading, selection
from dashboard.parts import layer_pair, sharing
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.similarity.score_matrix import TIE, cell_of_largest

_NUMBERS = """
- **CKA** is debiased unless you choose otherwise: 0 by chance whatever the number of words and
  dimensions. Single values may be negative.
- **By chance** is its mean and standard deviation over *all* permutations of one model's rows,
  exactly. **z** is how many of these standard deviations the value is above the mean. Words that
  repeat and speakers lift z to hundreds, so a large z alone proves little.
- **Z over words**, or the *type null*, lets the word types of one model exchange their vectors, and
  leaves how often each comes as it is. *By words alone* is the value that types then give; what is
  above it is more than knowing which tokens are the same word.
- **95 % interval**: how far the value would move with other word types and other speakers. It is no
  test: the interval of unrelated models is above 0 as well if their words repeat.
- **Ceiling (corrected)**: how high the means of word types could reach with so few and such noisy
  tokens, and their value divided by it.
- **Mask** strikes out cells that are not above chance. By *chance*: at most two standard deviations
  above what rows give in any order. By *words*: word types reach the value by chance, given that
  you look at the best of all cells (family-wise, 5 %). By *interval*: the 95 % interval reaches
  down to the mean of the type null, each cell by itself.
- A **grey cell** has no value: a layer there gives every word the same vector.
"""
_QUESTIONS = """
| Question | Where to look |
| --- | --- |
| Do both layers know the tokens apart in the same way? | CKA, chance and z |
| Is it more than knowing which tokens are the same word? | *Z over words*, *Calibrate this cell* |
| Is it more than telling frequent words from rare ones? | *Calibrate this cell*, *As frequent* |
| Do they place rare words alike, like the frequent? | *Rows: Type means* |
| Do they agree on how tokens of one word differ? | *Rows: Within type* |
| Is it the speakers? | *Rows: Within speaker* |
| Is it duration or the spectrum? | *Rows: Regressed out first* |
| Would other words and speakers give the same? | *Calibrate this cell*: the interval |
| Is the best of many cells better than the best by chance? | *Mask* by words |
| Is a cell above words by chance with other words and speakers, too? | *Mask* by interval |
"""
_BADGES = """
- :green-badge[:material/check: A cached 80 / 80] All recordings have model A's word vectors in the
  store: the result shows at once.
- :orange-badge[:material/schedule: B cached 12 / 80] The rest is computed when you press *Compute*.
- :green-badge[:material/check: A needs no computing] A control, made from the words themselves.
- :green-badge[:material/memory: Engine ready] The process that computes runs;
  :gray-badge[:material/memory: Engine idle] it starts with the next computation.
- :orange[:material/warning:] A setting does not fit a model, or an attempt failed; the text says
  what to do.
"""


def show() -> None:
    """Show a real cell, what its numbers mean, and what the badges say."""
    _show_cell()
    grid = st.grid(2, min_column_width=420)
    with grid.container(border=True, height="stretch"):
        st.header("The numbers")
        st.markdown(_NUMBERS)
    with grid.cell():
        with st.container(border=True):
            st.header("Which number answers which question")
            st.markdown(_QUESTIONS)
        with st.container(border=True):
            st.header("The badges")
            st.markdown(_BADGES)


def _show_cell() -> None:
    """Show the best cell of the demonstration once it is computed; a bundle may hold others."""
    if loading.bundle() is not None:
        return
    result = loading.result(DEFAULT_REQUEST, "debiased")
    best = None if result is None else cell_of_largest(result.scores, TIE)
    if result is None or best is None:
        return
    with st.container(border=True, key="real-cell"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("A real cell", width="stretch")
            view = selection.CompareView(DEFAULT_REQUEST, selection.ShownValues(), *best)
            sharing.page_link("compare", "Open it", ":material/grid_on:", view.parameters())
        st.caption(
            f"The best of the demonstration: layer {best[0]} of {result.model_a} against layer "
            f"{best[1]} of {result.model_b}, which was never trained, over "
            f"{result.counts.tokens:,} tokens of only {result.counts.types:,} words."
        )
        layer_pair.show_values(result, *best)
