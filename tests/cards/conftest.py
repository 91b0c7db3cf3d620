"""The views are drawn once for all checks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cards.gallery import Shown, gallery


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Everything that Staffroom shows on Teams."""
    folder: Path = tmp_path_factory.mktemp("gallery")
    return asyncio.run(gallery(folder))
