"""What is known of s3prl's families of models: their licences, and which do not run here."""

_WEIGHTS = "weights: as their authors say"
_CC_BY_NC = f"code CC-BY-NC (Facebook's files in s3prl), {_WEIGHTS}"
_FACEBOOK = (
    *("wav2vec2", "hubert", "multires_hubert", "data2vec", "wav2vec", "vq_wav2vec", "cpc"),
    *("mae_ast", "decoar2", "distiller"),  # these call files of the others, or have some
)
_LICENCES = {
    "baseline": "Apache-2.0",
    **dict.fromkeys(_FACEBOOK, _CC_BY_NC),
    **dict.fromkeys(("wavlm", "unispeech_sat"), f"code MIT (Microsoft), {_WEIGHTS}"),
    "byol_a": "NTT, for evaluation only: no copying, changing, passing on or reverse engineering",
}
_LEFT_OUT = {
    "example": "it is an example without a model",
    "log_stft": "it needs a configuration file; s3prl:spectrogram is like it",
    **dict.fromkeys(
        ("byol_s", "mos_prediction"), "s3prl's module of it does not import beside torchaudio 2.11"
    ),
    "roberta": "s3prl builds it through s3prl.hub, which does not import beside torchaudio 2.11",
    "passt": "s3prl downloads its weights while building it, so they cannot be checked before",
    **dict.fromkeys(
        ("ast", "ssast"),
        "it needs timm 0.4.5 (pip install timm==0.4.5), which was made for torch before 1.10",
    ),
    "espnet_hubert": "it needs ESPnet (pip install espnet), which unpickles checkpoints",
    "pase": "it needs PASE (pip install git+https://github.com/santi-pdp/pase), and its rows are "
    "not placed in time",
    "vggish": "it needs resampy (pip install resampy), and its rows, about one a second, are not "
    "placed in time",
}
_REMARKS = {
    "multires_hubert": "coarser layers repeat their rows every 20 ms",
    "byol_a": "windows of 0.2 s every 0.1 s",
}


def licence(family: str) -> str:
    """Return the licence of a family's code in s3prl, and of its weights."""
    return _LICENCES.get(family, f"code Apache-2.0, {_WEIGHTS}")


def left_out(family: str) -> str:
    """Return why the models of a family do not run here, empty where they do."""
    return _LEFT_OUT.get(family, "")


def remark(family: str) -> str:
    """Return what to know of the rows of a family, empty for most."""
    return _REMARKS.get(family, "")
