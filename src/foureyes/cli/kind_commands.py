"""The command `foureyes kinds`: what links are made of, and which of it this workspace goes by. Thin."""

from __future__ import annotations

from pathlib import Path

import click

from foureyes.cli import printing
from foureyes.cli.frame import commands, json_option, workspace_option
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Workspace


@commands.command()
@click.option("--off", "turn_off", multiple=True, metavar="KIND", help="Go by this kind of link no longer.")
@click.option("--on", "turn_on", multiple=True, metavar="KIND", help="Go by it again.")
@json_option
@workspace_option
def kinds(turn_off: tuple[str, ...], turn_on: tuple[str, ...], as_json: bool, folder: Path) -> None:
    """List the kinds of links, and switch some off or on. It counts from the next linking on."""
    held = pipeline.kinds_of_links(Workspace.open(folder), turn_off, turn_on)
    if as_json:
        printing.put({"kinds": [one._asdict() for one in held]})
        return
    rows = [(one.name, one.group, f"{one.at_most:.1f}", "on" if one.on else "off") for one in held]
    printing.say_table(("kind", "evidence", "at most", ""), rows)
    if turn_off or turn_on:
        click.echo("`foureyes link` links by it.")
