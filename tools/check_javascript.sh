#!/usr/bin/env bash
# Types and lint of the browser modules. Without npm they are left out, and the run says so.
set -euo pipefail

if ! command -v npm >/dev/null 2>&1 ||
  ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "No npm of Node.js 20.19 or later here: the types and lint of the browser modules are left out."
  exit 0
fi
if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
  touch node_modules
fi
npx --no-install tsc --project tsconfig.json
npx --no-install eslint --max-warnings 0 src
