"""What the layers of each kind of model are called."""


def text_layers(blocks: int) -> tuple[str, ...]:
    """Return the names of a text transformer's layers: the embeddings, then every block."""
    return ("0: token embeddings", *_blocks(blocks))


def speech_layers(blocks: int) -> tuple[str, ...]:
    """Return the names of a speech transformer's layers: its input, then every block."""
    return ("0: transformer input, after positional convolution", *_blocks(blocks))


def _blocks(count: int) -> tuple[str, ...]:
    return tuple(f"{block}: transformer layer {block}" for block in range(1, count + 1))
