"""The command `foureyes`: it reads options, asks the engine and prints. It decides nothing itself."""

from foureyes.cli.entry import main

__all__ = ["main"]
