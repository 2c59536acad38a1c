#!/bin/sh
# Print the Python to build .venv with: $PYTHON if set, else the first on PATH that is new enough and can make environments.
# 3.11 to 3.13 come first: Fiona publishes no wheels for later versions yet and would need GDAL's headers to build.
set -eu

has_version() { "$1" -c "import sys; sys.exit(not $2)" >/dev/null 2>&1; }
has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

no_venv=
for wanted in '(3, 11) <= sys.version_info[:2] <= (3, 13)' 'sys.version_info >= (3, 11)'; do
  for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    has_version "$python" "$wanted" || continue
    if has_venv "$python"; then
      command -v "$python"
      exit 0
    fi
    no_venv="$no_venv $python"
  done
done

if [ -n "$no_venv" ]; then
  set -- $no_venv
  echo "corridors: $1 cannot make virtual environments: its venv or ensurepip module is missing." >&2
  echo "  Debian, Ubuntu: apt-get install $("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2
else
  echo "corridors: Python 3.11 or newer is needed; none found under the names ${PYTHON:-python3, python3.11 … python3.14, python}." >&2
  echo "  Install one, or name it: make PYTHON=/path/to/python3.12 …" >&2
fi
exit 1
