"""The LayerScope dashboard: thin pages over the pipeline; no arithmetic and no model code."""
