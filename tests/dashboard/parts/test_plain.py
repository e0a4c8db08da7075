import string

import pytest
from markdown_it import MarkdownIt

from dashboard.parts.plain import escaped


@pytest.mark.parametrize(
    "name",
    [
        "s3prl:fbank",
        "[odd](https://example.org)",
        "**bold** _x_ `code` <b>html</b> ~~no~~",
        "# heading",
        "1. list",
        string.punctuation,
    ],
)
def test_a_name_is_shown_as_it_is_written(name):
    (paragraph,) = [token for token in MarkdownIt().parse(escaped(name)) if token.type == "inline"]
    assert {child.type for child in paragraph.children} <= {"text", "text_special"}
    assert "".join(child.content for child in paragraph.children) == name


def test_a_name_cannot_start_another_line():
    assert escaped("a\n\n# b") == "a \\# b"
