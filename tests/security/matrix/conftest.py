"""One world and one site for each file: what is refused changes nothing, what is one's own may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.matrix.site import Site, matrix_site
from tests.security.matrix.world import MatrixWorld, matrix_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MatrixWorld]:
    with matrix_world(tmp_path_factory.mktemp("matrix")) as world:
        yield world


@pytest.fixture(scope="module")
def site(world: MatrixWorld) -> Iterator[Site]:
    with matrix_site(world) as site:
        yield site
