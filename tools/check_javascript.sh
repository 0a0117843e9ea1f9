#!/usr/bin/env bash
# Types and lint of the browser modules. Without npm they are left out, and the run says so.
set -euo pipefail

if ! command -v npm >/dev/null 2>&1; then
  echo "No npm here: the types and lint of the browser modules are left out. Install Node.js 20 or later to run them."
  exit 0
fi
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
  touch node_modules
fi
npx --no-install tsc --project tsconfig.json
npx --no-install eslint --max-warnings 0 src
