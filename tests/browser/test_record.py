"""Oversight searches the record and takes a proof away; an administrator makes a token and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from workbench.filled import fill
from workbench.prepared import with_database

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
PROGRAM = """
import sys
from pathlib import Path
from django.conf import settings
from foureyes.workbench import serving

def ready(url):
    from django.db import transaction
    from foureyes.workbench.accounts.actions import make_officer
    from foureyes.workbench.accounts.models import Officer, Role, Unit
    from foureyes.workbench.audit.actions import Did, append, append_many
    from foureyes.workbench.audit.checkpoints import make_checkpoint, signer
    from foureyes.workbench.audit.departures import send_out
    unit, ida = Unit.objects.get(), Officer.objects.get()
    make_officer("adam", "correct horse battery", unit, roles=(Role.ADMINISTRATOR,))
    make_officer("vera", "correct horse battery", unit, roles=(Role.OVERSIGHT,))
    with transaction.atomic():
        things = [(f"media:{n:064x}", {"series": "S-GOASWXCX"}) for n in range(1, 130)]
        append_many(ida, Did.MEDIA_REVEALED, things)
        append(ida, Did.DECIDED, "series:S-GOASWXCX", {"kind": "split", "reason": "other tiles", "media": ["a" * 64]})
    settings.FOUREYES_RECORD_OUT = Path(sys.argv[1]).parent
    make_checkpoint()
    send_out()
    print(url, signer().public, flush=True)

serving.serve(Path(sys.argv[1]), port=0, first_officer=("ida", "correct horse battery"), say=lambda line: None,
              on_ready=ready)
"""
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server with a record that was signed, and the public key."""
    workspace = with_database(fill(tmp_path_factory.mktemp("recorded") / "workspace").path)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address, key = process.stdout.readline().split()
        yield address, key
        process.terminate()
        process.wait(30)


def as_officer(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(base_url=address, viewport=SIZES["wide"], color_scheme="dark").new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def looks_right(page: Page, name: str, screenshots: Path) -> None:
    from browser.test_looks import axe  # noqa: PLC0415 - a sibling of ours

    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        page.screenshot(path=screenshots / f"{name}-{size}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert axe(page) == [], name
    page.set_viewport_size(SIZES["wide"])


def test_oversight_finds_an_entry_and_takes_its_proof(
    record: tuple[str, str], chromium: Browser, screenshots: Path, tmp_path: Path
) -> None:
    address, key = record
    page = as_officer(chromium, address, "vera")
    page.get_by_role("link", name="Record", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The record")
    expect(page.get_by_text("The last checkpoint that left this machine covers")).to_be_visible()
    looks_right(page, "oversight", screenshots)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()
    page.get_by_label("Series").fill("S-GOASWXCX")
    page.get_by_label("Action").select_option("decided")
    page.keyboard.press("Enter")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ida ruled on series S-GOASWXCX")
    rows.get_by_role("link").click()
    expect(page.get_by_text("Whoever holds the public key")).to_be_visible()
    looks_right(page, "oversight-entry", screenshots)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the proof").click()
    proof = tmp_path / "proof.jsonl"
    download.value.save_as(proof)
    from foureyes.workbench.audit import offline_verify  # noqa: PLC0415 - needs no Django

    assert "is in the record that was signed" in offline_verify.check(proof, [offline_verify.key_of(key)], [])
    page.goto("/record/checkpoints/")
    looks_right(page, "oversight-checkpoints", screenshots)
    page.goto("/record/mine/?media=zz")
    expect(page.get_by_text("A media is named by")).to_be_visible()
    looks_right(page, "record-mine-refused", screenshots)


def test_an_administrator_makes_a_token_and_ends_it(
    record: tuple[str, str], chromium: Browser, screenshots: Path
) -> None:
    page = as_officer(chromium, record[0], "adam")
    page.get_by_role("link", name="Programs", exact=True).click()
    page.get_by_label("What the program is for").fill("Counts series each night")
    page.get_by_label("search").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".secret code").inner_text()
    looks_right(page, "programs", screenshots)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert page.request.get("/api/1/series", headers=bearer).status == 200
    page.get_by_role("link", name="What the API can do").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The API")
    looks_right(page, "api-docs", screenshots)
    page.goto("/api/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke Counts series each night").click()
    expect(page.get_by_text("It opens nothing any more")).to_be_visible()
    assert page.request.get("/api/1/series", headers=bearer).status == 401
