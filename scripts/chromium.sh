#!/bin/sh
# Make sure tests/browser finds a Chromium under one of the names it tries: one on PATH, else Debian's package, else Playwright's own build.
# Usage: chromium.sh BIN, where BIN is the folder of the environment's programs.
set -eu

for name in google-chrome chromium chromium-browser; do
  # Ubuntu's chromium-browser is a stub that only asks for a snap: a browser is one that tells its version
  if "$name" --version >/dev/null 2>&1; then
    exit 0
  fi
done

here=$(dirname "$0")
echo "corridors: installing Chromium for the browser tests" >&2
if sh "$here/apt-install.sh" chromium && chromium --version >/dev/null 2>&1; then
  exit 0
fi
if "$1/playwright" install chromium >&2; then
  exit 0
fi
echo "corridors: the browser tests need Chrome or Chromium and none could be installed." >&2
echo "  Install one so that google-chrome or chromium is on PATH, or run the others: .venv/bin/pytest -m 'not browser'" >&2
exit 1
