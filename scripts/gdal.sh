#!/bin/sh
# Try to have GDAL's programs for the tests marked gdal; those skip, with the reason, where this cannot be done.
set -eu

command -v ogrinfo >/dev/null 2>&1 && exit 0
echo "corridors: installing gdal-bin for the exchange tests" >&2
sh "$(dirname "$0")/apt-install.sh" gdal-bin ||
  echo "corridors: no ogrinfo here; the tests marked gdal will be skipped" >&2
