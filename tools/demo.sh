#!/usr/bin/env bash
# The main job on the pictures of samples/: taken in, linked, explained, and served on loopback.
set -euo pipefail

foureyes="${BIN:?}/foureyes"
workspace="${DEMO:?}/workspace"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { say "\$ foureyes $*"; "$foureyes" "$@"; }

rm -rf "$workspace"
mkdir -p "$DEMO"
export FOUREYES_WORKSPACE="$workspace"

# Only the demo may open its own samples under what limits this machine has; anything else refuses.
cage=()
if ! "$foureyes" cage >/dev/null 2>&1; then
  say "This machine cannot build the cage for hostile bytes; the demo goes on with its own samples only:"
  "$foureyes" cage || true
  cage=(--without-cage)
fi

run ingest samples --source samples "${cage[@]}"
run ingest samples/case --source "VICS case" "${cage[@]}"
run status
run faults
run series
a=$("$foureyes" series --json | "$BIN/python" -c 'import json,sys; print(json.load(sys.stdin)[0]["members"][0]["sha256"][:12])')
b=$("$foureyes" series --json | "$BIN/python" -c 'import json,sys; print(json.load(sys.stdin)[0]["members"][-1]["sha256"][:12])')
run explain "$a" "$b"
# What no copy, camera, place or time says: a box, and a table that it stands on.
run explain phone/received/box.jpg laptop/Pictures/misc/table.jpg
run find phone/received/box.jpg 0.1,0.1,0.9,0.9
run review --list
run match samples/phone/received/IMG-20200101-WA0001.jpg
# A list as agencies exchange them: one digest a line.
"$BIN/python" -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' \
  samples/phone/received/IMG-20200101-WA0001.jpg >"$DEMO/known.txt"
run hashlist add "$DEMO/known.txt" --name "Known elsewhere" --kind known --origin "the demo" "${cage[@]}"
run changes --since 0
run series --write "$DEMO/series.json"
run verify

# An edition of three units at work, by the workbench's own actions. One password for all, made for this demo.
password=$("$BIN/python" -c 'import secrets; print(secrets.token_urlsafe(12))')
say "The people of the demo: an edition with officers of three units, a clue, notes, a question, a proposal."
"$BIN/python" "$(dirname "$0")/demo_cast.py" "$workspace" "$password"
run officer list

if [ "${SERVE:-1}" = 0 ]; then
  say "Done. 'make demo' serves the same on a page."
  exit 0
fi
cat <<TOLD

Sign in with the password $password (made for this demo) as
  demo    coordinates the edition and sees everything
  marie   an expert of another unit: open a private window beside, and each sees what the other does
  otto    an expert of a third unit, which sees other series: what is not theirs answers 404
  adam    administers people and programs, and sees no media
  vera    oversight: reads the record
A tour of the pages: docs/workbench/tour.md. Ctrl-C ends it.
TOLD
run serve
