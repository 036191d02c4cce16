#!/bin/sh
# Installs and builds the peers that run under node and Python, below this directory only. Each is optional: the benchmark
# leaves out what is not there and says so. Run this again after a change of the crate: `ours-wasm` and `ours-python` are what was built last.
set -eu
cd "$(dirname "$0")"

if command -v npm >/dev/null; then
    npm ci --no-audit --no-fund --ignore-scripts
else
    echo "npm is not installed: amazon-cognito-identity-js and aws-amplify are left out" >&2
fi

if command -v python3 >/dev/null; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --force-reinstall ../../bindings/python
    touch .venv/made-ours
else
    echo "python3 is not installed: pycognito and ours-python are left out" >&2
fi

# The crate as WebAssembly. A compiler that rustup has a standard library for builds it as it is; Debian's (rustc-web and
# rust-web-src) builds that library too.
target=wasm32-unknown-unknown
linker='-C linker=wasm-ld -C linker-flavor=wasm-ld'
rm -rf .wasm
if [ -d "$(rustc --print target-libdir --target $target)" ]; then
    cargo build --quiet --locked --release -p peers_wasm --target $target --target-dir ../../target/wasm
elif command -v wasm-ld >/dev/null && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src" ]; then
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="$linker" cargo build --quiet --locked --release -p peers_wasm \
        --target $target --target-dir ../../target/wasm -Zbuild-std=std,panic_abort
else
    echo "no compiler for $target is installed: ours-wasm is left out" >&2
    exit
fi
mkdir .wasm
cp ../../target/wasm/$target/release/peers_wasm.wasm .wasm
