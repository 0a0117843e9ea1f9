"""A record of 600 entries that was signed and left the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

import workbench.cast  # noqa: F401 - sets Django up

# isort: split
from django.test import override_settings

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.checkpoints import make_checkpoint
from foureyes.workbench.audit.departures import send_out
from workbench.proving import act


@pytest.fixture
def out(tmp_path: Path) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    return place


@pytest.fixture
def signed(ida: Officer, out: Path) -> Path:
    """A record of 600 entries, signed at 5, 300 and 600, all of it on the stick; gives the stick."""
    with override_settings(FOUREYES_RECORD_OUT=out):
        for more in (5, 295, 300):
            act(ida, more)
            assert make_checkpoint() is not None
        send_out()
    return out
