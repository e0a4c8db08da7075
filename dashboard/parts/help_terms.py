"""What the words on the pages mean, and which keys do what."""

import streamlit as st

TERMS = {
    "Token, word type": "A *token* is one spoken word in one recording; a *type* is the word that "
    "its tokens have in common.",
    "Row": "What is compared: by default the vector of a token. *Type means* has one row a word "
    "type, *within type* what is left of a token less the mean of its type, *within speaker* less "
    "that of its speaker.",
    "Layer": "Layers are counted from 0, which is what enters the first block; the name under a "
    "layer's selector says what it is.",
    "Frame": "What a speech model gives each few milliseconds: one vector a layer.",
    "Stride": "Time from one frame to the next, in ms. *Automatic* takes the model's own; another "
    "one is for models whose frames are counted otherwise.",
    "Sample rate": "The rate at which a model hears the recordings. *Automatic* is the rate it was "
    "trained on; at another one it hears speech at another speed.",
    "Unit": "What is aligned and pooled: a *word*, or a *phone* where the alignment has phones.",
    "Frame rule": "Which frames belong to a word. *Centre*: those whose centre lies in it. "
    "*Overlap*: all that touch it, weighted by how much. *Thesis*, *Pasad*: as in these studies, "
    "where neighbours may share a frame.",
    "Pooling": "How a word's frames become one vector: their *mean*, the mean of the *middle "
    "third*, the frame at the *centre*, the *first*, the *last*, or the *max* of each dimension. A "
    "text model's word pieces are pooled in the same way.",
    "Estimator": "*Debiased* is 0 on average for unrelated layers; *biased*, that of most papers, "
    "rises with dimensions.",
    "Chance": "Mean and standard deviation of a value over all permutations of one model's rows.",
    "z": "How many standard deviations a value is above chance.",
    "Type null": "What a value is when word types exchange their vectors; *Z over words* is how "
    "far the value is above it.",
    "Mask": "Crosses on the cells that are not above chance over rows, not above what word types "
    "give by chance, with the best of all cells in mind, or whose interval reaches down to it.",
    "Interval": "Where 95 % of the values lie when whole types and whole speakers are drawn again.",
    "Ceiling": "How well halves of the tokens agree with each other: what noise leaves to reach.",
    "Control": "A model that knows one thing only: `control:onehot` which word it is, "
    "`control:lookup` a random vector a word, `control:duration` how long it is.",
    "Untrained": "A network with random weights, which has never heard a word.",
    "Cached": "Computed before, from the same recordings, times, weights and settings; never "
    "computed twice.",
    "Left out": "Words without a time, a frame or a vector. They are counted and listed, never "
    "guessed.",
}
_KEYS = """
| Where | Key | What it does |
| --- | --- | --- |
| Heatmap, map of models | Arrow keys | Go from cell to cell |
| | Drag, double click | Zoom in, and out again |
| Alignments | ← → | Go from word to word, and hear it |
| | Space | Play what is shown, or stop |
| | Enter | Play the word again |
| | +, - | Zoom in and out; also Ctrl and the wheel |
| | Home | Show the whole recording |
| | Drag, Shift and the wheel | Move along the recording |
| Guide | Escape | Close it |
| Every page | Tab, Shift and Tab | Go to the next control, or back |
"""
_LINKS = """
The address bar describes the view, so that a bookmark or the back button returns to it. *Copy
link* writes every setting, also those at their default: such a link keeps its meaning when a
default changes. Links to another page's view open in a tab of their own.
"""


def show_terms() -> None:
    """Show the glossary."""
    grid = st.grid(3, min_column_width=280, gap="medium")
    for term, meaning in TERMS.items():
        with grid.container():
            st.markdown(f"**{term}**  \n{meaning}")


def show_keys() -> None:
    """Show the keys, and what a link holds."""
    grid = st.grid(2, min_column_width=420)
    with grid.container(border=True):
        st.header("Keys")
        st.markdown(_KEYS)
    with grid.container(border=True):
        st.header("Links")
        st.markdown(_LINKS)
