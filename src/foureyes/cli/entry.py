"""Where `foureyes` begins: every command is loaded, and every error is one clear line and an exit code."""

from __future__ import annotations

import os
import sys

import click

from foureyes.cli import (
    calibrate_commands,  # noqa: F401 - loaded to be there, as the others are
    commands,  # noqa: F401 - as above
    finding_commands,  # noqa: F401 - as above
    frame,
    hidden_commands,  # noqa: F401 - as above
    join_commands,  # noqa: F401 - as above
    kind_commands,  # noqa: F401 - as above
    list_commands,  # noqa: F401 - as above
    region_commands,  # noqa: F401 - as above
    review_commands,  # noqa: F401 - as above
    workbench_commands,  # noqa: F401 - as above
)
from foureyes.cli.frame import INTERRUPTED
from foureyes.engine.errors import EngineError


def main() -> None:
    """Run the command; every error of ours is one clear line and an exit code that the docs list."""
    try:
        status = frame.commands.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except EngineError as error:
        click.echo(f"foureyes: {error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "foureyes: interrupted; what was committed stands. Run the same command again to go on.", err=True
        )
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        click.echo(
            f"foureyes: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.", err=True
        )
        sys.exit(EngineError.exit_code)
    sys.exit(status if isinstance(status, int) else 0)
