#!/usr/bin/env bash
# Types and lint of the browser modules.
set -euo pipefail

source tools/node.sh
node node_modules/typescript/bin/tsc --project tsconfig.json
node node_modules/eslint/bin/eslint.js --max-warnings 0 src
