#!/bin/sh
# Install Debian packages where that is possible without asking anyone; exit 1 where it is not.
set -eu

command -v apt-get >/dev/null 2>&1 || exit 1
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root=sudo
else
  exit 1
fi
# sudo drops the environment: env hands the one variable on
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >&2 || exit 1
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" </dev/null >&2 || exit 1
