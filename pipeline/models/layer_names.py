"""What the layers of each kind of model are called."""


def text_layers(blocks: int) -> tuple[str, ...]:
    """Return the names of a text transformer's layers: the embeddings, then every block."""
    return numbered("token embeddings", *_blocks(blocks))


def speech_layers(blocks: int, first: str = "after positional convolution") -> tuple[str, ...]:
    """Return the names of a speech transformer's layers: its input, then every block."""
    return numbered(f"transformer input, {first}", *_blocks(blocks))


def patch_layers(blocks: int) -> tuple[str, ...]:
    """Return the names of a spectrogram transformer's layers: its patches, then every block."""
    return numbered("patch embeddings plus positions", *_blocks(blocks))


def numbered(*names: str) -> tuple[str, ...]:
    """Return the names, each after its index.

    Examples
    --------
    >>> numbered("token embeddings", "transformer layer 1")
    ('0: token embeddings', '1: transformer layer 1')
    """
    return tuple(f"{index}: {name}" for index, name in enumerate(names))


def _blocks(count: int) -> tuple[str, ...]:
    return tuple(f"transformer layer {block}" for block in range(1, count + 1))
