"""Tiny seeded checkpoints in the layouts of s3prl's real ones, one a kind."""

import argparse
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

WAV2VEC2 = {
    "encoder_layers": 2,
    "encoder_embed_dim": 16,
    "encoder_ffn_embed_dim": 24,
    "encoder_attention_heads": 2,
    "conv_feature_layers": "[(8,10,5)] + [(8,3,2)] * 4 + [(8,2,2)] * 2",
    "conv_pos": 8,
    "conv_pos_groups": 2,
    "final_dim": 8,
    "latent_dim": 8,
    "latent_vars": 4,
    "latent_groups": 2,
}
_FBANK = {"feat_type": "fbank", "feat_dim": 12, "frame_length": 25, "frame_shift": 10}
_KALDI = {
    "kaldi": {"feat_type": "fbank", "fbank": {"num_mel_bins": 8, "use_log_fbank": True}},
    "delta": {"order": 2, "win_length": 5},
    "cmvn": {"use_cmvn": True},
}
_MEL = {"feat_type": "mel", "channel": 0, "log": True, "delta": 0, "cmvn": True}
_CENTRED = {
    "sample_rate": 16_000,
    "win_ms": 25,
    "hop_ms": 10,
    "n_freq": 201,
    "n_mels": 80,
    "n_mfcc": 13,
    "input": _MEL,
    "target": {**_MEL, "channel": 1},
    "target_level": -25,
}
Content = dict[str, Any]


def save(kind: str, path: Path) -> Path:
    """Write the checkpoint of a kind, with weights that are the same every time."""
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # s3prl's code is of an older torch
        torch.default_generator.manual_seed(5)
        torch.save(MAKERS[kind](), path)
    return path


def _module(name: str) -> Any:
    return import_module(f"s3prl.upstream.{name}")


def _config(kind: type, settings: Mapping[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    return kind(**{key: value for key, value in settings.items() if key in known})


def wav2vec2(**settings: Any) -> Content:
    module, settings = _module("wav2vec2.wav2vec2_model"), {**WAV2VEC2, **settings}
    model = module.Wav2Vec2Model(_config(module.Wav2Vec2Config, settings))
    return {
        "task_cfg": {"normalize": True},
        "model_cfg": settings,
        "model_weight": model.state_dict(),
    }


def conformer() -> Content:
    return wav2vec2(
        layer_type="conformer",
        attn_type="espnet",
        pos_enc_type="rel_pos",
        depthwise_conv_kernel_size=3,
    )


def hubert() -> Content:
    module, settings = _module("hubert.hubert_model"), {**WAV2VEC2, "label_rate": 50.0}
    task, symbols = {"sample_rate": 16_000, "normalize": False}, [["a", "b"]]
    model = module.HubertModel(
        _config(module.HubertConfig, settings),
        _config(module.HubertPretrainingConfig, task),
        symbols,
    )
    return {
        "task_cfg": task,
        "model_cfg": settings,
        "dictionaries_symbols": symbols,
        "model_weight": model.state_dict(),
    }


def multires_hubert() -> Content:
    module = _module("multires_hubert.hubert_model")
    settings = {
        **WAV2VEC2,
        "label_rate": 50,
        "label_rate_ratios": [1, 2],
        "override_encoder_layers": "[2,1,2]",
    }
    task = {"sample_rate": 16_000, "normalize": False, "label_rate": 50.0}
    symbols = [["a", "b"], ["a", "b"]]
    model = module.MultiresHubertModel(
        _config(module.MultiresHubertConfig, settings),
        _config(module.MultiresHubertPretrainingConfig, task),
        symbols,
    )
    return {
        "task_cfg": task,
        "model_cfg": settings,
        "dictionaries_symbols": symbols,
        "model_weight": model.state_dict(),
    }


def data2vec() -> Content:
    module = _module("data2vec.data2vec_model")
    settings = {**WAV2VEC2, "extractor_mode": "layer_norm", "pos_conv_depth": 2, "conv_pos": 9}
    model = module.Data2VecAudioModel(_config(module.Data2VecAudioConfig, settings))
    model.remove_pretraining_modules()
    return {
        "task_cfg": {"normalize": True},
        "model_cfg": settings,
        "model_weight": {**model.state_dict(), "_ema": {}},
    }


def wavlm(**settings: Any) -> Content:
    module = _module("wavlm.WavLM")
    settings = {**WAV2VEC2, "num_buckets": 8, "max_distance": 32, **settings}
    model = module.WavLM(module.WavLMConfig(settings))
    return {"cfg": settings, "model": model.state_dict()}


def wavlm_large() -> Content:
    return wavlm(
        relative_position_embedding=True,
        gru_rel_pos=True,
        normalize=True,
        extractor_mode="layer_norm",
        layer_norm_first=True,
    )


def distiller() -> Content:
    module = _module("distiller.model")
    settings = {
        **{key: WAV2VEC2[key] for key in WAV2VEC2 if not key.startswith(("latent", "conv_f"))},
        "final_dim": 16,
        "out_layer_inter_dim": 8,
        "n_tasks": 3,
        "pred_layer_id": [4, 8, 12],
        "task_emb_type": "expand-last",
        "out_layer_type": "expand-last",
        "extractor_conv_feature_layers": WAV2VEC2["conv_feature_layers"],
    }
    model = module.DistillerModel(module.DistillerConfig(settings))
    return {
        "Config": {"distiller": settings},
        "Distiller": model.state_dict(),
        "Args": argparse.Namespace(seed=1),  # as s3prl's training writes it
    }


def masked_reconstruction(audio: Mapping[str, Any], *, share_layer: bool = False) -> Content:
    module = _module("mockingjay.model")
    settings = {
        "input_dim": -1,
        "downsample_rate": 1,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "pre_layer_norm": False,
        "share_layer": share_layer,
    }
    inputs = 24 if "kaldi" in audio else 80
    model = module.TransformerModel(module.TransformerConfig(settings), inputs)
    return {
        "Config": {"transformer": settings, "audio": audio, "task": {"sequence_length": 1500}},
        "Transformer": model.state_dict(),
        "Args": argparse.Namespace(seed=1),
    }


def apc(**settings: Any) -> Content:
    paras = {"hidden_size": 16, "num_layers": 3, "dropout": 0.1, "residual": True, **settings}
    model = _module("apc.apc").APC(12, **paras)
    config = {"data": {"audio": {**_FBANK, "cmvn": True}}, "model": {"paras": paras}}
    return {"config": config, "model": model.state_dict()}


def npc() -> Content:
    paras = {
        "hidden_size": 16,
        "n_blocks": 2,
        "dropout": 0.1,
        "residual": True,
        "kernel_size": 9,
        "mask_size": 3,
        "vq": {"codebook_size": [4], "code_dim": [16], "gumbel_temperature": 0.5},
    }
    model = _module("npc.npc").NPC(12, **paras)
    config = {"data": {"audio": {**_FBANK, "cmvn": True}}, "model": {"paras": paras}}
    return {"config": config, "model": model.state_dict()}


def cpc() -> Content:
    loader, settings = _module("cpc.feature_loader"), {"hiddenEncoder": 16, "hiddenGar": 16}
    arguments = _module("cpc.cpc_default_config").get_default_cpc_config()
    loader.loadArgs(arguments, argparse.Namespace(**settings))
    encoder, context = loader.getEncoder(arguments), loader.getAR(arguments)
    model = _module("cpc.model").CPCModel(encoder, context)
    return {"config": settings, "weights": model.state_dict()}


def wav2vec(**settings: Any) -> Content:
    module = _module("wav2vec.wav2vec_model")
    settings = {
        "conv_feature_layers": "[(8,10,5),(8,8,4),(8,4,2),(8,4,2),(8,4,2)]",
        "conv_aggregator_layers": "[(8,2,1),(8,3,1),(8,4,1)]",
        "infonce": True,
        **settings,
    }
    model = module.Wav2VecModel(_config(module.Wav2VecConfig, settings))
    return {
        "task_cfg": {"normalize": False},
        "model_cfg": settings,
        "model_weight": model.state_dict(),
    }


def vq_wav2vec() -> Content:
    return wav2vec(vq_type="gumbel", vq_vars=4, vq_groups=2, vq_dim=8, vq_temp=(2.0, 0.5, 0.9))


def mae_ast(bands: int, frames: int) -> Content:
    module = _module("mae_ast.mae_ast")
    settings = {
        **asdict(module.MAE_AST_Config()),
        **{key: WAV2VEC2[key] for key in WAV2VEC2 if key.startswith(("encoder", "conv_pos"))},
        "decoder_embed_dim": 16,
        "decoder_layers": 1,
        "decoder_ffn_embed_dim": 24,
        "decoder_attention_heads": 2,
        "ast_kernel_size_chan": bands,
        "ast_kernel_size_time": frames,
        "ast_kernel_stride_chan": bands,
        "ast_kernel_stride_time": frames,
    }
    task = {"sample_rate": 16_000, "feature_dim": 128, "feature_rate": 100}
    task |= {"mask_type": "random", "feature_type": "fbank"}
    model = module.MAE_AST(SimpleNamespace(**settings), SimpleNamespace(**task))
    return {"cfg": {"model": settings, "task": task}, "model": model.state_dict()}


# The kinds by the name that s3prl loads their checkpoints by, with what is special after a colon.
MAKERS: dict[str, Callable[[], Content]] = {
    "wav2vec2_local": wav2vec2,
    "wav2vec2_custom": conformer,
    "hubert_local": hubert,
    "multires_hubert_local": multires_hubert,
    "data2vec_local": data2vec,
    "wavlm_local": wavlm_large,
    "unispeech_sat_local": wavlm,
    "distiller_local": distiller,
    "mockingjay_local": lambda: masked_reconstruction(_CENTRED),
    "tera_local": lambda: masked_reconstruction(_KALDI),
    "audio_albert_local": lambda: masked_reconstruction(_CENTRED, share_layer=True),
    "apc_local": apc,
    "npc_local": npc,
    "cpc_local": cpc,
    "wav2vec_local": wav2vec,
    "vq_wav2vec_custom": vq_wav2vec,
    "mae_ast_local": lambda: mae_ast(128, 2),
}
