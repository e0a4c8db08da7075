"""What CKA is and is not, with numbers of layers whose relation is known."""

import streamlit as st

from dashboard import loading, selection
from dashboard.charts import repetition_curve, unrelated_curve
from dashboard.charts.base import number_text
from dashboard.components.plotly_chart import clickable_chart
from pipeline.similarity.illustrations import CAPS, DIMS, TABLE_DIMS

_HEIGHT_PX = 300
_ROWS = (20, 50, 100, 200, 500)
_DRAWS = 8
_IS = """
Centred kernel alignment asks one question of two layers: **do both place the same pairs of words
near to each other, and the same pairs far apart?** 1 is the same geometry but for rotation, scale
and shift, so that layers of different width compare; 0 is nothing in common.

It is **not**

- **a reason.** Words that come again and again, the same few speakers, how long words last: each
  makes layers alike without any meaning.
- **a test.** A value says little without its chance level, its null over words and its interval.
- **a grade.** Layers that agree need not be good, and an untrained network agrees with others too.
- **fair to all directions.** It weighs them by their variance: few large ones can decide it.
- **comparable beyond its setting.** Other rows, another estimator or another measure is another
  scale.
"""
_DIMENSIONS = """
Two layers of random numbers have nothing in common. The **biased** estimator, that of most papers,
rises with their dimensions all the same, to about dimensions / (dimensions + rows). The
**debiased** one, our default, is 0 on average, so that wide and narrow layers compare.
"""
_WORDS = f"""
Two tables give each of 991 word types a random vector, of {TABLE_DIMS[0]} and {TABLE_DIMS[1]}
dimensions. They have nothing in common, but both know **which tokens are the same word**. Let words
come as often as they do in speech, and token by token the tables look alike; with one row a word
type they do not. z over rows does not tell: shuffled rows do not repeat words either.
"""


def show() -> None:
    """Show what it is, then both ways in which it misleads."""
    with st.container(border=True):
        st.header("One question, one number")
        st.markdown(_IS)
    grid = st.grid(2, min_column_width=420)
    with grid.container(border=True, height="stretch", key="dimensions"):
        _show_dimensions()
    with grid.container(border=True, height="stretch", key="repetition"):
        _show_repetition()


def _show_dimensions() -> None:
    st.header("More dimensions, more CKA?")
    st.markdown(_DIMENSIONS)
    rows, dims = selection.choose_size(_ROWS, DIMS)
    found = loading.unrelated_layers(rows, st.session_state.get("demo_draw", 0))
    shown = next(each for each in found if each.dims == dims)
    biased, debiased, expected = st.columns(3)
    biased.metric("Biased", number_text(shown.biased, digits=3))
    debiased.metric(
        "Debiased",
        number_text(shown.debiased, digits=3),
        help=f"By chance ± {shown.chance_sd:.3f}.",
    )
    expected.metric("d / (d + n)", number_text(shown.expected_biased, digits=3))
    clickable_chart(
        unrelated_curve(found, dims),
        key="unrelated",
        alt=f"CKA of two unrelated layers of {rows} words over their dimensions: the biased "
        "estimator rises towards 1, the debiased stays about 0",
        height_px=_HEIGHT_PX,
    )
    st.button("Draw other numbers", icon=":material/casino:", on_click=_draw, key="draw")


def _draw() -> None:
    """Take the next of a few draws; runs before the page."""
    st.session_state["demo_draw"] = (st.session_state.get("demo_draw", 0) + 1) % _DRAWS


def _show_repetition() -> None:
    st.header("The same word again")
    st.markdown(_WORDS)
    cap = selection.choose_cap(CAPS)
    found = loading.repeated_words()
    shown = next(each for each in found if each.most_per_type == cap)
    tokens, types, z = st.columns(3)
    tokens.metric(
        "A row a token", number_text(shown.over_tokens, digits=3), help=f"{shown.tokens:,} tokens."
    )
    types.metric(
        "A row a type", number_text(shown.over_types, digits=3), help=f"{shown.types:,} types."
    )
    z.metric("z over rows", f"{shown.z:,.0f}".replace("-", "\N{MINUS SIGN}"))
    clickable_chart(
        repetition_curve(found, cap),
        key="repeated",
        alt="CKA of two random tables over how often a word may come: it rises from 0 to 0.7 with "
        "a row a token, and stays 0 with a row a type",
        height_px=_HEIGHT_PX,
    )
    st.caption(
        "On Compare: *Rows* limits the tokens of a type or takes type means; *Z over words* and "
        "*Mask* say what is left when word types exchange their vectors."
    )
