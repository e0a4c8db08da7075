import numpy as np
import pytest

PADDING = [
    "wav2vec2", "wav2vec2-large", "hubert", "wavlm", "unispeech", "unispeech-sat", "wav2vec2-bert",
]  # fmt: skip
ALONE = ["data2vec-audio", "conformer", "sew", "sew-d"]


@pytest.mark.parametrize("name", [*PADDING, *ALONE])
def test_recordings_heard_at_once_have_the_layers_that_each_has_alone(name, speech_model, noise):
    model = speech_model(name)
    recordings = [noise[:16_123], noise[5:800], noise, noise[7:16_130]]
    heard = model.hear(recordings, 16_000)
    for item, recording in enumerate(recordings):
        alone, together = model.extract(recording, 16_000), heard.extraction(item)
        assert together.frames.start_samples.tolist() == alone.frames.start_samples.tolist()
        for found, expected in zip(together.layers, alone.layers, strict=True):
            scale = np.abs(expected).max()
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize(("name", "runs"), [*((name, 1) for name in PADDING),
                                            *((name, 2) for name in ALONE)])  # fmt: skip
def test_what_padding_would_change_is_heard_one_by_one(name, runs, speech_model, noise):
    model, batches = speech_model(name), []
    hook = model._model.register_forward_pre_hook(  # noqa: SLF001
        lambda _model, _args, given: batches.append(len(next(iter(given.values())))),
        with_kwargs=True,
    )
    model.hear([noise[:16_000], noise[:8_000]], 16_000)
    hook.remove()
    assert batches == [2 // runs] * runs
