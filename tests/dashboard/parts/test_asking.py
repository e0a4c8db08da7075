import pytest
from streamlit.testing.v1 import AppTest

from dashboard.plain_text import as_plain


def page():
    """Draw two buttons, one of which may not be used."""
    from functools import partial  # noqa: PLC0415 - the script of a page

    import streamlit as st  # noqa: PLC0415 - the script of a page

    from dashboard.parts import asking  # noqa: PLC0415 - the script of a page
    from pipeline.errors import LimitError  # noqa: PLC0415 - the script of a page

    def ask(what):
        st.session_state["asked"] = what
        if what == "too much":
            raise LimitError("no more than 3 of `![x](http://evil.example)`")

    asking.button("Ask", partial(ask, "fine"), refusal=None, key="fine", help_="It helps.")
    asking.button("Ask", partial(ask, "too much"), refusal=None, key="much")
    asking.button("Ask", partial(ask, "never"), refusal="You may not.", key="never", help_="Help")


@pytest.fixture
def shown():
    return AppTest.from_function(page, default_timeout=60).run()


def test_a_button_asks_and_one_that_may_not_be_used_says_why(shown):
    assert not shown.exception
    shown.button("fine").click().run()
    assert shown.session_state["asked"] == "fine"
    assert shown.button("fine").help == "It helps."
    never = shown.button("never")
    assert (never.disabled, never.help) == (True, "You may not.")


def test_a_refusal_is_told_as_plain_text_and_the_page_is_drawn(shown):
    shown.button("much").click().run()
    assert not shown.exception
    assert len(shown.button) == 3
    (toast,) = shown.toast
    assert toast.value == as_plain("no more than 3 of `![x](http://evil.example)`")
