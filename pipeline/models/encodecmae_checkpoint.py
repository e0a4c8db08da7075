"""Checkpoints of EnCodecMAE in both published layouts; what is not needed to listen is left out.

The first generation is a folder with ``model.pt`` (``{"state_dict"}``) and ``config.gin``; the
second one file, ``{"state_dict", "config", "imports"}``.
"""

import re
from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from pipeline.errors import ModelError
from pipeline.models.checkpoint import load_checkpoint, load_weights
from pipeline.models.encodecmae_front_ends import MEL_CONFIGURATION, Codec, Mel
from pipeline.models.encodecmae_network import Encoder, Network
from pipeline.models.known.tensors import layer_count

Weights = Mapping[str, Tensor]


@dataclass(frozen=True)
class Generation:
    """What the generations call the same parts."""

    codec: str
    projection: str
    position_scale: str


FIRST = Generation("wav_encoder.model.model.", "feat_projector.", "positional_encoder.scale")
SECOND = Generation(
    "wav_encoder.encoder.model.model.", "wav_encoder.post_net.", "masker.positional_encoder.scale"
)
# What sizes are read from, and its number of axes.
_SIZES = {
    "visible_encoder.final_norm.bias": 1,
    "visible_encoder.encoder_layers.0.att_layer.wq.weight": 2,
    "visible_encoder.encoder_layers.0.ff_layer.0.bias": 1,
}


def load_network(place: Path) -> tuple[Network, Generation]:
    """Return the network of a checkpoint and its generation.

    Raises
    ------
    ModelError
        If the checkpoint is damaged, or of another layout or architecture.
    """
    path = place / "model.pt" if place.is_dir() else place
    content = load_checkpoint(path)
    config, weights = content.get("config"), content.get("state_dict")
    if place.is_dir():
        config = (place / "config.gin").read_text(encoding="utf-8", errors="replace")
    if not isinstance(config, str) or not isinstance(weights, Mapping):
        raise ModelError(
            f"{path}: expected 'state_dict' and 'config' (of the first generation: a folder with "
            f"model.pt and config.gin), found {', '.join(map(str, content)) or 'nothing'}"
        )
    generation = SECOND if f"{SECOND.projection}weight" in weights else FIRST
    needed = _SIZES | {f"{generation.projection}weight": 2, generation.position_scale: 0}
    wrong = [
        name for name, axes in needed.items() if getattr(weights.get(name), "ndim", -1) != axes
    ]
    if wrong:
        raise ModelError(
            f"{path}: expected a checkpoint of EnCodecMAE, found no {', no '.join(wrong)}; is it "
            "of another model?"
        )
    return _network(path, config, weights, generation), generation


def _network(path: Path, config: str, weights: Weights, generation: Generation) -> Network:
    dim, features = weights[f"{generation.projection}weight"].shape
    with torch.device("meta"):
        projection = nn.Linear(features, dim)
    load_weights(path, projection, _part(weights, generation.projection))
    codec = _part(weights, generation.codec)
    _require(path, config, {} if codec else MEL_CONFIGURATION)
    front_end = Codec(path, codec) if codec else Mel(features)
    position_scale = float(weights[generation.position_scale])
    return Network(front_end, projection, position_scale, _encoder(path, config, weights))


def _encoder(path: Path, config: str, weights: Weights) -> Encoder:
    found = _part(weights, "visible_encoder.")
    # Of the second generation: what leads on to the decoder.
    needed = {name: found[name] for name in found if not name.startswith("post_net.")}
    inner, dim = needed["encoder_layers.0.att_layer.wq.weight"].shape
    heads = _setting(config, "NUM_ENCODER_HEADS")
    if not isinstance(heads, int) or heads < 1 or inner % heads:
        raise ModelError(
            f"{path}: expected NUM_ENCODER_HEADS in its configuration, a divisor of {inner}, found "
            f"{heads}"
        )
    with torch.device("meta"):
        encoder = Encoder(
            layer_count(dict.fromkeys(needed, ()), "encoder_layers.{}.norm2.bias"),
            dim=dim,
            heads=heads,
            inner=inner,
            hidden=len(needed["encoder_layers.0.ff_layer.0.bias"]),
        )
    load_weights(path, encoder, needed)
    return encoder


def _part(weights: Weights, prefix: str) -> dict[str, Tensor]:
    names = (name for name in weights if name.startswith(prefix))
    return {name.removeprefix(prefix): weights[name] for name in names}


def _require(path: Path, config: str, expected: Mapping[str, object]) -> None:
    """Refuse a front end, or a length of chunks, that is not computed here."""
    found = {name: _setting(config, name) for name in expected}
    wrong = [f"{name} {found[name]}" for name in expected if found[name] != expected[name]]
    # These have the values that are expected where they are not mentioned.
    wrong += [
        f"{name} {value}"
        for name, usual in (("MAX_AUDIO_DURATION", 4), ("scale", 1.0))
        if (value := _setting(config, name)) not in (None, usual)
    ]
    if wrong:
        raise ModelError(
            f"{path}: its configuration has {', '.join(wrong)}; expected EnCodec's encoder, or the "
            "mel spectrogram of the published models, and chunks of 4 s; others are not supported"
        )


def _setting(config: str, name: str) -> object:
    """Return the value that a gin configuration gives to a name, None where it gives none."""
    line = re.search(rf"^\s*(?:\S+\.)?{name}\s*=\s*([^#\n]+)", config, re.MULTILINE)
    if line is None:
        return None
    try:
        return literal_eval(line[1].strip())
    except (ValueError, SyntaxError):
        return line[1]
