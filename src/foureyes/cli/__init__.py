"""The command `foureyes`: it reads options, asks the engine and prints. It decides nothing itself."""

from foureyes.cli.commands import main

__all__ = ["main"]
