"""Chosen views as a read-only bundle: their results and sounds, for a server without models."""

from pipeline.publishing.choosing import ChosenView, choose_views
from pipeline.publishing.publish import PublishReport, publish

__all__ = ["ChosenView", "PublishReport", "choose_views", "publish"]
