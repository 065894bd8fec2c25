"""The small council of parish.py at every test's disposal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from parish import Parish


@pytest.fixture
def parish(tmp_path: Path) -> Iterator[Parish]:
    with Parish(tmp_path) as made:
        yield made
