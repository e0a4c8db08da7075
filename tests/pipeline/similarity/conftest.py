import pytest

from pipeline.similarity.routes import by_features, by_gram_tiles


@pytest.fixture(params=[by_gram_tiles, by_features], ids=lambda route: route.__name__)
def route(request):
    return request.param


@pytest.fixture
def small_blocks(monkeypatch):
    """Cut even small inputs into several blocks, the last one shorter."""
    monkeypatch.setattr("pipeline.similarity.routes.TILE_ROWS", 7)
    monkeypatch.setattr("pipeline.similarity.routes.RUN", 5)
    monkeypatch.setattr("pipeline.similarity.routes.BLOCK_ROWS", 11)
    monkeypatch.setattr("pipeline.similarity.centring.BLOCK_ROWS", 9)
