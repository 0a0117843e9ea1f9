"""Takes the pictures of docs/pictures/ from a workspace that is served: board, series page, media page.

    python tools/screenshots.py WORKSPACE [FOLDER]

Needs Chromium and the developers' dependencies. The workspace is copied: an officer is made in the copy.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Serve a copy, sign in, and take each page in each size."""
    workspace = Path(sys.argv[1])
    target = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/pictures")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(workspace, Path(folder) / "workspace"))
        for old in copy.glob("workbench.*"):
            old.unlink()
        password = secrets.token_urlsafe(12)
        command = [sys.executable, "-c", "from foureyes.cli import main; main()", "serve", "--port", "0"]
        command += ["--workspace", str(copy), "--first-officer", "demo", "--first-password", password]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = _address(server)
            _take_all(address, password, target)
        finally:
            server.terminate()
            server.wait()


def _address(server: subprocess.Popen[str]) -> str:
    for line in server.stdout or ():
        if line.startswith("Serving "):
            return line.split()[1]
    raise SystemExit("the server ended before it served")


def _take_all(address: str, password: str, target: Path) -> None:
    chromium = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
            page = context.new_page()
            page.goto(address)
            page.get_by_label("Name").fill("demo")
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")
            page.wait_for_load_state("networkidle")
            _take(page, target / f"board-{name}.png")
            page.locator("main tbody a").first.click()
            page.wait_for_selector("[role=listbox]")
            _reveal_some(page)
            _take(page, target / f"series-{name}.png")
            page.keyboard.press("Enter")
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1000)
            _take(page, target / f"media-{name}.png")
            context.close()
        browser.close()


def _reveal_some(page: Page) -> None:
    """Reveal the first three: toggled, one after the other."""
    page.locator("[role=grid], [role=listbox]").first.focus()
    for _ in range(3):
        page.keyboard.press("t")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)


def _take(page: Page, target: Path) -> None:
    page.screenshot(path=target)
    print(target)


if __name__ == "__main__":
    main()
