#!/usr/bin/env bash
# Programs that the page tests, the PostgreSQL tests and the test of translations need beside Python: installed
# where the machine allows it, else named together with what is left out. Never fails the run.
set -u

have() { command -v "$1" >/dev/null 2>&1; }
have_browser() { have chromium || have chromium-browser || have google-chrome; }
have_postgresql() { have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

wanted=()
have_browser || wanted+=(chromium)
have_postgresql || wanted+=(postgresql)
have xgettext || wanted+=(gettext)
[ ${#wanted[@]} -eq 0 ] && exit 0

if have apt-get && [ "$(id -u)" = 0 ]; then
  echo "Installing ${wanted[*]} for the tests that need them."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >/dev/null 2>&1 ||
    echo "apt-get could not install ${wanted[*]}."
fi
have_browser || echo "No Chromium here: the tests of tests/browser are left out. Install the package 'chromium' to run them."
have_postgresql || echo "No PostgreSQL here: its tests are left out. Install the package 'postgresql' to run them."
have xgettext || echo "No GNU gettext here: the test that collects texts is left out. Install the package 'gettext' to run it."
exit 0
