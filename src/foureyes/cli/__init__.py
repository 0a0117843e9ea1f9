"""The command `foureyes`: it reads options, asks the engine and prints. It decides nothing itself."""

from __future__ import annotations

from foureyes.engine.loading import without_sweeps

with without_sweeps():
    from foureyes.cli.entry import main

__all__ = ["main"]
