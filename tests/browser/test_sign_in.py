"""Signing in as officers do: password, code, recovery code, security key; and ending another browser's session."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import NARROW, PASSWORD, WIDE, serving, watched
from browser.test_looks import axe
from workbench.factors_now import code_of
from workbench.filled import fill
from workbench.prepared import with_database

pytestmark = pytest.mark.browser

PREPARE = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
path, password = Path(sys.argv[1]), sys.argv[2]
serving.prepare(path)
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from foureyes.workbench.accounts import factors
from foureyes.workbench.accounts.models import Officer
told = {}
for name in ("theo", "lena", "mila"):
    serving.add_officer(name, password, "This unit")
serving.add_officer("adam", password, "This unit", roles=["administrator"])
for name in ("theo", "lena"):
    officer = Officer.objects.get(username=name)
    told[name] = generate_totp_secret()
    TOTP.activate(officer, told[name])
    factors.make_codes(officer)
    told[name + " codes"] = factors.codes_to_keep(officer)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A workspace with officers: Ida and Mila without a second factor, Theo and Lena with an app."""
    path = with_database(fill(tmp_path_factory.mktemp("signing") / "workspace").path)
    command = [sys.executable, "-c", PREPARE, str(path), PASSWORD]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {**json.loads(said), "path": path}


@pytest.fixture(scope="module")
def server(told: dict[str, Any]) -> Iterator[str]:
    """By name: security keys do not work at an address of numbers."""
    for address in serving(told["path"]):
        yield address.replace("127.0.0.1", "localhost")


def give_password(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def test_password_and_code_by_keyboard(page: Page, told: dict[str, Any], screenshots: Path) -> None:
    give_password(page, "theo")
    page.wait_for_url("**/sign-in/second/")
    for name, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        page.screenshot(path=screenshots / f"second-factor-{name}.png")
        assert axe(page) == []
    expect(page.get_by_label("Code of the app, or a recovery code")).to_be_focused()
    page.keyboard.type(code_of(told["theo"]))
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/profile/")


def test_sign_in_works_without_scripts(chromium: Browser, server: str, told: dict[str, Any]) -> None:
    context = chromium.new_context(base_url=server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("lena")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code of the app").fill(told["lena codes"][0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/series/")
    page.goto("/profile/second-factors/")
    expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()
    context.close()


def test_a_security_key_is_made_known_and_signs_in(page: Page, screenshots: Path) -> None:
    give_password(page, "ida")
    page.wait_for_url("**/series/")
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/profile/second-factors/key/")
    assert axe(page) == []
    page.get_by_label("Name of the key").fill("The blue one")
    page.get_by_role("button", name="Make the key known").click()
    page.wait_for_url("**/codes/")
    page.screenshot(path=screenshots / "recovery-codes.png")
    assert axe(page) == []
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("rowheader", name="Security key: The blue one")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    give_password(page, "ida")
    page.wait_for_url("**/sign-in/second/")
    key = page.get_by_role("button", name="Use my security key")
    expect(key).to_be_focused()
    page.screenshot(path=screenshots / "second-factor-key.png")
    assert axe(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")
    page.goto("/again/")
    assert axe(page) == []
    page.screenshot(path=screenshots / "again.png")
    page.get_by_role("button", name="Use my security key").click()
    page.wait_for_url("**/series/")


def test_setting_up_an_app_by_its_secret(page: Page, screenshots: Path) -> None:
    give_password(page, "mila")
    page.wait_for_url("**/series/")
    page.goto("/profile/second-factors/")
    page.get_by_role("link", name="Set up an app").click()
    for name, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        page.screenshot(path=screenshots / f"add-app-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows now").fill(code_of(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/codes/")
    assert page.locator(".codes li").count() == 10


def test_a_session_ended_from_another_browser_is_out_at_once(
    page: Page, chromium: Browser, server: str, told: dict[str, Any], problems: list[str], screenshots: Path
) -> None:
    for name, code in (("here", told["lena codes"][1]), ("there", told["lena codes"][2])):
        if name == "there":
            context = chromium.new_context(base_url=server, viewport=WIDE)
            other = watched(context, server, problems)
        asked = page if name == "here" else other
        give_password(asked, "lena")
        asked.get_by_label("Code of the app").fill(code)
        asked.keyboard.press("Enter")
        asked.wait_for_url("**/series/")
    page.goto("/profile/sessions/")
    page.screenshot(path=screenshots / "sessions.png")
    assert axe(page) == []
    expect(page.get_by_text("this one")).to_have_count(1)
    page.get_by_role("button", name="End all others").click()
    expect(page.get_by_text("Sessions ended: ")).to_be_visible()
    other.goto("/series/")
    other.wait_for_url("**/sign-in/**")
    # The channel of the page that is out asks once more, and hears that there is nothing for it.
    problems[:] = [problem for problem in problems if "404" not in problem]
    page.goto("/profile/")
    page.wait_for_url("**/profile/")
    page.screenshot(path=screenshots / "profile.png")
    page.set_viewport_size(NARROW)
    page.screenshot(path=screenshots / "profile-narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
    context.close()


def test_an_administrator_makes_an_officer_who_chooses_a_password(
    page: Page, chromium: Browser, server: str, problems: list[str], screenshots: Path
) -> None:
    give_password(page, "adam")
    page.wait_for_url("**/people/")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/people/")
    for name, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)
        page.screenshot(path=screenshots / f"people-{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(page) == []
    page.set_viewport_size(WIDE)
    page.get_by_role("link", name="New officer").click()
    page.get_by_label("User name").fill("nora")
    page.get_by_label("Trainer", exact=True).check()
    assert axe(page) == []
    page.get_by_role("button", name="Make the officer").click()
    initial = page.locator(".once").inner_text()
    page.screenshot(path=screenshots / "officer.png", full_page=True)
    assert axe(page) == []
    context = chromium.new_context(base_url=server, viewport=WIDE)
    nora = watched(context, server, problems)
    give_password(nora, "nora", initial)
    nora.wait_for_url("**/profile/password/")
    nora.screenshot(path=screenshots / "initial-password.png")
    assert axe(nora) == []
    nora.keyboard.type(initial)
    for _ in range(2):
        nora.keyboard.press("Tab")
        nora.keyboard.type("a battery of four horses")
    nora.keyboard.press("Enter")
    nora.wait_for_url("**/profile/")
    context.close()


def test_five_failures_lock_the_name(page: Page, problems: list[str]) -> None:
    for _ in range(5):
        give_password(page, "theo", "wrong password")
        page.get_by_role("alert").wait_for()
    expect(page.get_by_role("alert")).to_contain_text("locked")
    give_password(page, "theo")
    expect(page.get_by_role("alert")).to_contain_text("locked")
    assert all("422" in problem for problem in problems)
    problems.clear()
