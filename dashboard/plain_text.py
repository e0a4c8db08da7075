"""Text of others where Streamlit reads Markdown."""

import string

_PUNCTUATION = str.maketrans({sign: f"\\{sign}" for sign in string.punctuation})


def as_plain(text: str) -> str:
    r"""Return Markdown that shows a text as it is, on one line: it may quote a name or a file.

    Streamlit makes links of web addresses all the same; `st.text` does not.

    Examples
    --------
    >>> print(as_plain("![a](http://b) <i>"))
    \!\[a\]\(http\:\/\/b\) \<i\>
    """
    return " ".join(text.split()).translate(_PUNCTUATION)
