"""Doses as fixtures."""

import pytest
from doses import EAR, IMPLANT, build

from vagus.dose import Protocol


@pytest.fixture
def ear() -> Protocol:
    return build(**EAR)


@pytest.fixture
def implant() -> Protocol:
    return build(**IMPLANT)
