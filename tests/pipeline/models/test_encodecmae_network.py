import math

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.models.encodecmae_network import Attention, Encoder, Network, positions


def attention_twin(weights, x, heads, heard):
    """Attention in float64, one head after the other."""
    query, key, value = (x @ weights[f"w{part}.weight"].T for part in "qkv")
    mixed = np.zeros_like(query)
    for head in range(heads):
        # Interleaved: the features of a head are `heads` apart.
        q, k, v = (part[:, head::heads] for part in (query, key[:heard], value[:heard]))
        scores = q @ k.T / math.sqrt(q.shape[1])
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        mixed[:, head::heads] = shares / shares.sum(axis=1, keepdims=True) @ v
    return mixed @ weights["wo.weight"].T


def norm_twin(weights, name, x):
    centred = x - x.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + 1e-5)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def encoder_twin(weights, x, heads, heard):
    """Two residual streams: one normalised after each addition, one never."""
    normalised, raw, layers = x, x, []
    for layer in range(3):
        prefix = f"encoder_layers.{layer}."
        own = {k.removeprefix(prefix): w for k, w in weights.items() if k.startswith(prefix)}
        attention = {k.removeprefix("att_layer."): w for k, w in own.items()}
        attended = attention_twin(attention, normalised, heads, heard)
        normalised, raw = norm_twin(own, "norm1", normalised + attended), raw + attended
        hidden = normalised @ own["ff_layer.0.weight"].T + own["ff_layer.0.bias"]
        fed = np.maximum(hidden, 0) @ own["ff_layer.2.weight"].T + own["ff_layer.2.bias"]
        normalised, raw = norm_twin(own, "norm2", normalised + fed), raw + fed
        layers.append(normalised)
    return layers, normalised + norm_twin(weights, "final_norm", raw)


def as_float64(module):
    return {name: weight.numpy().astype(np.float64) for name, weight in module.state_dict().items()}


def randomise(module, seed=1):
    drawn = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data = torch.randn(parameter.shape, generator=drawn) / 2
    return module


@pytest.mark.parametrize("heard", [9, 4])
def test_attention_is_its_definition_head_by_head(heard):
    module = randomise(Attention(dim=12, heads=5, inner=10))
    x = torch.randn(9, 12, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        found = module(x, heard).numpy()
    expected = attention_twin(as_float64(module), x.numpy().astype(np.float64), 5, heard)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("heard", [9, 8])
def test_layers_and_output_are_those_of_the_two_residual_streams(heard):
    encoder = randomise(Encoder(3, dim=12, heads=5, inner=10, hidden=16))
    x = torch.randn(9, 12, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        layers, output = encoder(x, heard)
    expected, joined = encoder_twin(as_float64(encoder), x.numpy().astype(np.float64), 5, heard)
    for found, twin in zip([*layers, output], [*expected, joined], strict=True):
        np.testing.assert_allclose(found, twin, atol=2e-5)


def test_rows_that_are_not_heard_change_no_other_row():
    encoder = randomise(Encoder(3, dim=12, heads=5, inner=10, hidden=16))
    x = torch.randn(9, 12, generator=torch.Generator().manual_seed(2))
    other = torch.cat([x[:8], x[:1]])
    with torch.no_grad():
        first, second = encoder(x, 8)[1], encoder(other, 8)[1]
    assert torch.equal(first[:8], second[:8])
    assert not torch.equal(first[8], second[8])


def test_positions_are_sines_and_cosines_in_turns():
    found = positions(300, 6, torch.device("cpu")).numpy()
    for row in (0, 1, 299):
        for pair in range(3):
            angle = row / 10_000 ** (2 * pair / 6)
            expected = [math.sin(angle), math.cos(angle)]
            np.testing.assert_allclose(found[row, 2 * pair : 2 * pair + 2], expected, atol=1e-4)


def test_a_network_adds_scaled_positions_and_hears_all_rows_where_none_is_whole():
    encoder = randomise(Encoder(1, dim=6, heads=3, inner=6, hidden=4))
    projection = randomise(nn.Linear(2, 6))
    network = Network(nn.Unflatten(0, (-1, 2)), projection, 0.5, encoder)
    samples = torch.arange(8.0)
    with torch.no_grad():
        x = projection(samples.reshape(4, 2)) + 0.5 * positions(4, 6, samples.device)
        for heard, expected in ((3, encoder(x, 3)), (0, encoder(x, 4))):
            layers, output = network(samples, heard)
            assert torch.equal(output, expected[1])
            assert torch.equal(layers[0], expected[0][0])
