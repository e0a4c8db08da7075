"""The comparison that a first visitor sees, ready without any download."""

from pipeline.request import ComparisonRequest

DEFAULT_REQUEST = ComparisonRequest(
    corpus="demo", model_a="minilm", model_b="untrained:wav2vec2-base"
)
