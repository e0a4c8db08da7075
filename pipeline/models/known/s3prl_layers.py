"""Names and widths of the layers of s3prl's models: of well-known ones, or from a checkpoint."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.models.known.torch_file import TensorShape
from pipeline.models.layer_names import speech_layers


@dataclass(frozen=True)
class Layers:
    """What a model's layers are called, and how many dimensions each has."""

    names: tuple[str, ...]
    dims: int


Content = Mapping[str, Any]


def _numbered(names: list[str]) -> tuple[str, ...]:
    return tuple(f"{index}: {name}" for index, name in enumerate(names))


def _distilled(blocks: int, predictions: list[str]) -> tuple[str, ...]:
    return _numbered(
        [
            "features of the convolutions, projected",
            *(f"transformer layer {block}" for block in range(1, blocks + 1)),
            *predictions,
        ]
    )


def _blocks(kind: str, count: int) -> tuple[str, ...]:
    return _numbered([f"{kind} input", *(f"{kind} layer {block + 1}" for block in range(count))])


_BASE, _LARGE = Layers(speech_layers(12), 768), Layers(speech_layers(24), 1024)
_CONFORMER = Layers(_blocks("conformer", 24), 1024)
_DISTILLED = Layers(_distilled(2, [f"prediction of teacher layer {k}" for k in (4, 8, 12)]), 768)
# What the papers say of the released checkpoints; of the others, it is known once they are here.
_RELEASED = {
    **dict.fromkeys(("wav2vec2", "wav2vec2_base_960"), _BASE),
    **dict.fromkeys(("hubert", "hubert_base", "hubert_base_robust_mgr"), _BASE),
    **dict.fromkeys(("mhubert_base_vp_en_es_fr_it3", "contentvec"), _BASE),
    **dict.fromkeys(("contentvec_km100", "contentvec_km500"), _BASE),
    **dict.fromkeys(("wavlm", "wavlm_base", "wavlm_base_plus"), _BASE),
    **dict.fromkeys(("unispeech_sat", "unispeech_sat_base", "unispeech_sat_base_plus"), _BASE),
    **dict.fromkeys(("data2vec", "data2vec_base_960"), _BASE),
    **dict.fromkeys(("wav2vec2_large_960", "wav2vec2_large_ll60k"), _LARGE),
    **dict.fromkeys(("wav2vec2_large_lv60_cv_swbd_fsh", "wav2vec2_large_voxpopuli_100k"), _LARGE),
    **dict.fromkeys(("wav2vec2_conformer_relpos", "wav2vec2_conformer_rope"), _CONFORMER),
    **dict.fromkeys(("xlsr_53", "xls_r_300m", "hubert_large_ll60k", "wavlm_large"), _LARGE),
    **dict.fromkeys(("unispeech_sat_large", "data2vec_large_ll60k"), _LARGE),
    "xls_r_1b": Layers(speech_layers(48), 1280),
    "xls_r_2b": Layers(speech_layers(48), 1920),
    **dict.fromkeys(("distilhubert", "distilhubert_base"), _DISTILLED),
    **{
        f"byol_a_{dims}": Layers(("0: pooled over the window",), dims) for dims in (512, 1024, 2048)
    },
}
UNKNOWN = Layers(("0: its layers are known once its checkpoint is on this machine",), 0)


def released_layers(name: str) -> Layers | None:
    """Return the layers of a well-known checkpoint by its s3prl name; None of the others."""
    return _RELEASED.get(name)


def layers_of(family: str, content: Content) -> Layers:
    """Return the layers that a checkpoint has, from its names, shapes and settings.

    Parameters
    ----------
    family : str
        As in s3prl.
    content : mapping
        As :func:`~pipeline.models.known.torch_file.read_torch_file` returns it.

    Raises
    ------
    LookupError, TypeError, ValueError, AttributeError
        If it is no checkpoint of that family.
    """
    return _READERS[family](content)


def _count(weights: Content, prefix: str) -> int:
    """Return how many numbers follow `prefix` in the names of weights."""
    found = {match[1] for key in weights if (match := re.match(rf"{prefix}\.(\d+)\.", key))}
    return len(found)


def _width(weights: Content, key: str) -> int:
    tensor = weights[key]
    if not isinstance(tensor, TensorShape):
        raise TypeError(f"{key} is no tensor")
    return tensor.shape[0]


def _at_least_one(count: int) -> int:
    if count < 1:
        raise ValueError("it has no layer")
    return count


def _encoder(weights_key: str) -> Callable[[Content], Layers]:
    def read(content: Content) -> Layers:
        weights = content[weights_key]
        blocks = _at_least_one(_count(weights, r"encoder\.layers"))
        is_conformer = content.get("model_cfg", {}).get("layer_type") == "conformer"
        names = _blocks("conformer", blocks) if is_conformer else speech_layers(blocks)
        return Layers(names, _width(weights, "encoder.layer_norm.weight"))

    return read


def _distiller(content: Content) -> Layers:
    config, weights = content["Config"]["distiller"], content["Distiller"]
    blocks = _at_least_one(_count(weights, r"encoder\.layers"))
    teachers = config.get("pred_layer_id", range(1, config["n_tasks"] + 1))
    predictions = [f"prediction of teacher layer {layer}" for layer in teachers]
    if config["task_emb_type"] != "expand-last" or len(predictions) != config["n_tasks"]:
        raise ValueError("its predictions are not one a teacher layer")
    return Layers(_distilled(blocks, predictions), _width(weights, "encoder.layer_norm.weight"))


def _masked_reconstruction(content: Content) -> Layers:
    config = content["Config"]
    settings = (config if "transformer" in config else content["Upstream_Config"])["transformer"]
    _ = content["Transformer"]
    return Layers(_blocks("transformer", settings["num_hidden_layers"]), settings["hidden_size"])


def _apc(content: Content) -> Layers:
    weights = content["model"]
    names = [f"recurrent layer {layer}" for layer in (1, 2, 3)]
    if _count(weights, "rnn_layers") != len(names):
        raise ValueError("s3prl takes three recurrent layers")
    return Layers(_numbered(names), content["config"]["model"]["paras"]["hidden_size"])


def _npc(content: Content) -> Layers:
    weights = content["model"]
    blocks = _at_least_one(_count(weights, "blocks"))
    masked = sorted(
        {int(match[1]) for key in weights if (match := re.match(r"masked_convs\.(\d+)\.", key))}
    )
    names = []
    for block in range(blocks):
        names.append(f"convolution block {block + 1}")
        names += [f"masked convolution {block + 1}"] * (block in masked)
    return Layers(_numbered([*names, "output"]), content["config"]["model"]["paras"]["hidden_size"])


def _cpc(content: Content) -> Layers:
    dims = _width(content["weights"], "gEncoder.conv0.weight")
    return Layers(_numbered(["convolutional encoder", "recurrent network"]), dims)


def _decoar(content: Content) -> Layers:
    _ = content["model"]["forward_lstm.weight_ih_l0"]
    return Layers(("0: last recurrent layer, both directions",), 2048)


def _decoar_layers(content: Content) -> Layers:
    _ = content["model"]["forward_lstm.weight_ih_l0"]
    names = [f"recurrent layer {layer}, both directions" for layer in (1, 2, 3, 4)]
    return Layers(_numbered(names), 2048)


def _mae_ast(content: Content) -> Layers:
    model, task, weights = content["cfg"]["model"], content["cfg"]["task"], content["model"]
    kernel, stride = model["ast_kernel_size_chan"], model["ast_kernel_stride_chan"]
    bands = (task["feature_dim"] - kernel) // stride + 1
    blocks = range(1, _at_least_one(_count(weights, r"encoder\.layers")) + 1)
    beside = f", {bands} bands side by side" if bands > 1 else ""
    names = [f"transformer layer {block}{beside}" for block in blocks]
    return Layers(_numbered(names), bands * model["encoder_embed_dim"])


def _wav2vec(content: Content) -> Layers:
    weights = content["model_weight"]
    convolutions = _at_least_one(_count(weights, r"feature_aggregator\.conv_layers"))
    names = ["features of the convolutions"]
    names += [f"context convolution {layer}" for layer in range(1, convolutions)]
    dims = _width(weights, "feature_extractor.conv_layers.0.0.weight")
    return Layers(_numbered([*names, "context network's output"]), dims)


def _multires_hubert(content: Content) -> Layers:
    weights = content["model_weight"]
    encoders, decoders = _count(weights, "encoders"), _count(weights, "decoders")
    stages = {
        **{f"encoder {index + 1}": rf"encoders\.{index}" for index in range(encoders)},
        "middle encoder": "middle_encoder",
        **{f"decoder {index + 1}": rf"decoders\.{index}" for index in range(decoders)},
    }
    names = []
    for stage, prefix in stages.items():
        blocks = _at_least_one(_count(weights, rf"{prefix}\.layers"))
        names += [f"{stage}, input", *(f"{stage}, layer {block + 1}" for block in range(blocks))]
    return Layers(_numbered(names), _width(weights, "middle_encoder.layer_norm.weight"))


def _lighthubert(content: Content) -> Layers:
    model, _ = content["cfg"]["model"], content["model"]
    if model["_name"] == "student_hubert":  # its widest form, as s3prl's expert chooses
        dims = 512 if str(model.get("supernet_type", "base")) == "small" else 768
    else:
        dims = 384 if model["pruner_supernet"].lower().endswith("small.yaml") else 640
    return Layers(speech_layers(12), dims)


_READERS: dict[str, Callable[[Content], Layers]] = {
    **dict.fromkeys(("wav2vec2", "hubert", "data2vec"), _encoder("model_weight")),
    **dict.fromkeys(("wavlm", "unispeech_sat", "decoar2"), _encoder("model")),
    "distiller": _distiller,
    **dict.fromkeys(("mockingjay", "tera", "audio_albert"), _masked_reconstruction),
    **dict.fromkeys(("apc", "vq_apc"), _apc),
    "npc": _npc,
    "cpc": _cpc,
    "decoar": _decoar,
    "decoar_layers": _decoar_layers,
    "mae_ast": _mae_ast,
    **dict.fromkeys(("wav2vec", "vq_wav2vec"), _wav2vec),
    "multires_hubert": _multires_hubert,
    "lighthubert": _lighthubert,
}
