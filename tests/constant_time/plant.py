#!/usr/bin/env python3
"""Copies the crate and plants the leaks of `planted.toml` in the copy: plant.py ROOT COPY."""

import pathlib
import re
import shutil
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent


def main():
    root, copy = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(root / name, copy / name)
    # The benches are not built, but the manifest names them.
    shutil.copytree(root / "benches", copy / "benches", ignore=shutil.ignore_patterns("peers"))
    for folder in ("src", "tests/constant_time/src"):
        shutil.copytree(root / folder, copy / folder)
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(HERE / name, copy / "tests/constant_time" / name)
    library = copy / "src/lib.rs"
    library.write_text("#![allow(unused_qualifications)]\n" + library.read_text())
    with open(HERE / "planted.toml", "rb") as file:
        for leak in tomllib.load(file)["planted"]:
            plant(copy / leak["file"], leak)


def plant(path, leak):
    lines = path.read_text().splitlines()
    places = [i for i, line in enumerate(lines) if line.strip() == leak["before"]]
    if len(places) != 1:
        raise SystemExit(f"{leak['file']} has {len(places)} lines `{leak['before']}`")
    # One line, because reports name lines. The barriers keep the branch a branch.
    branch = r"if core::hint::black_box(\1) & 1 == 1 { core::hint::black_box(0_u8); }"
    code = re.sub(r"^LEAK\((.*)\)$", branch, leak["code"])
    lines.insert(places[0], f"{code} // planted: {leak['name']}")
    path.write_text("\n".join(lines) + "\n")


main()
