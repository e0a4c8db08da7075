"""How the layers of a model are labelled along an axis."""

import re

_NUMBER = re.compile(r"(?:layer )?([0-9]{1,4})\b")


def layer_label(name: str, position: int) -> str:
    """Return the number that a layer's name gives it, or else its position.

    The original study counts its layers from 1, and layers may have been left out.

    Examples
    --------
    >>> layer_label("3: transformer layer 4", 0), layer_label("layer 7", 6), layer_label("top", 2)
    ('3', '7', '2')
    """
    number = _NUMBER.match(name)
    return number[1] if number else str(position)


def layer_ticks(layers: int, *, ticks: int = 24) -> list[int]:
    """Return the layers to label: every layer, or every second, fourth... of many.

    Models mostly have 12, 24 or 48 blocks after layer 0, so these steps label the last layer too.

    Examples
    --------
    >>> layer_ticks(49)
    [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]
    """
    step = next((step for step in (1, 2, 4, 6, 12) if layers <= ticks * step), 24)
    return list(range(0, layers, step))
