"""A second officer, of another unit, in a workspace that is being served: the first series is given to the unit.

A program of its own, since this process may have Django set up for something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

PASSWORD = "correct horse battery"
PROGRAM = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
serving.add_officer("otto", sys.argv[2], "Other unit", "AT")
from foureyes.workbench.accounts.models import Officer, OfficerLanguage, RoleHeld
from foureyes.workbench.library.holdings import catalogue
from workbench.cast import give
otto = Officer.objects.get(username="otto")
RoleHeld.objects.get_or_create(officer=otto, role="expert")
OfficerLanguage.objects.get_or_create(officer=otto, code="pl")
give(catalogue().series_list()[0].id, otto.unit)
"""


def join(workspace: Path) -> None:
    """Make Otto and give the first series to Otto's unit."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(workspace), PASSWORD], check=True, env=environment, timeout=60
    )


def arrive(chromium: Browser, server: str) -> Page:
    """Otto's page at the board, in a browser context of its own."""
    page = chromium.new_context(base_url=server, viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(15_000)
    page.goto("/")
    page.keyboard.type("otto")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")
    return page
