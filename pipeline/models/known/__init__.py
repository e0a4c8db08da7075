"""What is known of models before any is loaded: one module a kind of name, free of torch.

Each has `PREFIXES`, how its names begin; ``describe(name)``, the spec of a model, which raises
ModelError where there is no such model; and ``listed()``, the models that need no path. Where
models can be downloaded it has ``fetch(name)``, which does so and returns the spec.
"""
