#!/bin/sh
# Installs the two peers that are not Rust or C, below this directory only. Each is optional: the benchmark leaves
# out what is not there and says so.
set -eu
cd "$(dirname "$0")"

if command -v npm >/dev/null; then
    npm ci --no-audit --no-fund --ignore-scripts
else
    echo "npm is not installed: amazon-cognito-identity-js is left out" >&2
fi

if command -v python3 >/dev/null; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
else
    echo "python3 is not installed: pycognito is left out" >&2
fi
