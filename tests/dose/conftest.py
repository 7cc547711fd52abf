"""Doses as fixtures."""

import pytest

from vagus.dose import Protocol

from .doses import EAR, IMPLANT, build


@pytest.fixture
def ear() -> Protocol:
    return build(**EAR)


@pytest.fixture
def implant() -> Protocol:
    return build(**IMPLANT)
