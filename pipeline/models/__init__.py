"""The models: what is known of them, and one module a family that runs them."""

from pipeline.models.catalogue import catalogue, find_model
from pipeline.models.extractor import Extraction, TextExtraction
from pipeline.models.spec import ModelSpec

__all__ = ["Extraction", "ModelSpec", "TextExtraction", "catalogue", "find_model"]
