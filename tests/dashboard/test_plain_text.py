import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dashboard.plain_text import as_plain


@pytest.mark.parametrize(
    "text",
    ["a-b", "**a**", ":material/x:", "<b>b</b>", "[a](b)", "$x$", "a_b~c~", "&lt;", "# a", "1. b"],
)
def test_every_mark_is_shown_as_it_is(text):
    marked = as_plain(text)
    assert marked.replace("\\", "") == text
    marks = [at for at, letter in enumerate(marked) if not letter.isalnum() and letter not in "\\ "]
    assert all(marked[at - 1] == "\\" for at in marks)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_a_reader_of_markdown_finds_the_very_text(text):
    (_, inline, _) = MarkdownIt("commonmark").parse(as_plain(text))
    assert "".join(token.content for token in inline.children) == text
    assert {token.type for token in inline.children} <= {"text", "text_special"}


def test_a_name_cannot_start_another_line():
    assert as_plain("a\n\n# b") == "a \\# b"
