#!/usr/bin/env python3
"""Copies the crate and plants the leaks of `planted.toml` in the copy: plant.py ROOT COPY."""

import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent


def main():
    root, copy = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    # Copy all files, because the manifest names all packages of the workspace.
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, copy / name)
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
    # Plant one line, because reports name lines. The barriers keep the compiler from removing the branch.
    branch = r"if core::hint::black_box(\1) & 1 == 1 { core::hint::black_box(0_u8); }"
    code = re.sub(r"^LEAK\((.*)\)$", branch, leak["code"])
    lines.insert(places[0], f"{code} // planted: {leak['name']}")
    path.write_text("\n".join(lines) + "\n")


main()
