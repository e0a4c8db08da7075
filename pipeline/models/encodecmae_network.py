"""The transformer of EnCodecMAE: ResiDual layers, which keep a normalised and a raw branch.

After Xie et al. 2023, "ResiDual: Transformer with Dual Residual Connections". The attributes are
named as in the published checkpoints.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

Rows = Float[Tensor, "rows dim"]


class Attention(nn.Module):
    """Self-attention whose heads are interleaved: feature ``d * heads + h`` belongs to head h."""

    def __init__(self, dim: int, heads: int, inner: int) -> None:
        super().__init__()
        self._heads = heads
        self.wq, self.wk, self.wv = (nn.Linear(dim, inner, bias=False) for _ in range(3))
        self.wo = nn.Linear(inner, dim, bias=False)

    def forward(self, x: Rows, heard: int) -> Rows:
        """Let all rows attend to the first `heard`."""
        query, key, value = (
            part(x).unflatten(1, (-1, self._heads)).permute(2, 0, 1)
            for part in (self.wq, self.wk, self.wv)
        )
        mixed = scaled_dot_product_attention(query, key[:, :heard], value[:, :heard])
        output: Tensor = self.wo(mixed.permute(1, 2, 0).flatten(1))
        return output


class Layer(nn.Module):
    """One layer; to both branches it adds what it makes of the normalised one."""

    def __init__(self, dim: int, heads: int, inner: int, hidden: int) -> None:
        super().__init__()
        self.att_layer = Attention(dim, heads, inner)
        self.ff_layer = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, dim))
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)

    def forward(self, normalised: Rows, raw: Rows, heard: int) -> tuple[Rows, Rows]:
        """Return both branches after this layer."""
        attended = self.att_layer(normalised, heard)
        normalised, raw = self.norm1(normalised + attended), raw + attended
        fed = self.ff_layer(normalised)
        return self.norm2(normalised + fed), raw + fed


class Encoder(nn.Module):
    """All layers, and the norm by which the raw branch joins the other at the end."""

    def __init__(self, layers: int, *, dim: int, heads: int, inner: int, hidden: int) -> None:
        super().__init__()
        self.encoder_layers = nn.ModuleList(Layer(dim, heads, inner, hidden) for _ in range(layers))
        self.final_norm = nn.LayerNorm(dim)

    def forward(self, x: Rows, heard: int) -> tuple[list[Rows], Rows]:
        """Return the normalised branch after each layer, and the joined output of the last."""
        normalised = raw = x
        layers = []
        for layer in self.encoder_layers:
            normalised, raw = layer(normalised, raw, heard)
            layers.append(normalised)
        return layers, normalised + self.final_norm(raw)


class Network(nn.Module):
    """From the samples of a chunk to layers.

    Parameters
    ----------
    front_end : torch.nn.Module
        From samples to rows of features.
    projection : torch.nn.Linear
    position_scale : float
        What the positions are multiplied by, which was learned.
    encoder : Encoder
    """

    def __init__(
        self, front_end: nn.Module, projection: nn.Linear, position_scale: float, encoder: Encoder
    ) -> None:
        super().__init__()
        self._front_end, self._projection, self._encoder = front_end, projection, encoder
        self._position_scale = position_scale

    def forward(self, samples: Float[Tensor, " samples"], heard: int) -> tuple[list[Rows], Rows]:
        """Return what `Encoder` does, of rows that attend to the first `heard`; to all, if 0."""
        x = self._projection(self._front_end(samples))
        x = x + self._position_scale * positions(len(x), x.shape[1], x.device)
        layers: tuple[list[Rows], Rows] = self._encoder(x, heard or len(x))
        return layers


def positions(rows: int, dim: int, device: torch.device) -> Rows:
    """Return the sines and cosines of Vaswani et al. 2017, in turns."""
    steps = torch.arange(0, dim, 2, dtype=torch.float32, device=device)
    frequencies = torch.exp(steps * (-math.log(10_000) / dim))
    angles = torch.arange(rows, device=device)[:, None] * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
