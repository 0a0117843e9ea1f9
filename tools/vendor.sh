#!/usr/bin/env bash
# The libraries that pages load, bundled into the static files. Needs a registry of npm once; nothing at run time.
set -euo pipefail

source tools/node.sh
node tools/vendor.mjs
