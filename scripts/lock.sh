#!/bin/sh
# Write the lock files: every version with its hashes, for every platform, no host name in them.
# Usage: lock.sh UV [OPTION…]; --upgrade takes newer versions, without it the pins in the files stay where they can.
set -eu

uv=$1
shift
lock() {
  "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
    --no-header --no-emit-index-url --no-emit-find-links "$@"
}
lock "$@" pyproject.toml -o requirements/run.txt
lock "$@" requirements/build.in -c requirements/run.txt -o requirements/build.txt
lock "$@" pyproject.toml --extra dev -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt
lock "$@" pyproject.toml --extra dev --extra data -c requirements/dev.txt -o requirements/data.txt
lock "$@" pyproject.toml --extra dev --extra names --extra bench -c requirements/data.txt -o requirements/bench.txt
lock "$@" requirements/lock.in -o requirements/lock.txt
