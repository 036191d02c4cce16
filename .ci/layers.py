#!/usr/bin/env python3
"""Checks that imports inside the crate point down: flows, message, protocol, group.

The same can be read from one search for `use crate` below src/.
"""

import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"

LEAVES = {"encoding", "error", "secret"}

# What each top-level module may import from the crate, itself left out.
ALLOWED = {
    "client": {"message", "protocol"} | LEAVES,
    "device": {"message", "protocol"} | LEAVES,
    "server": {"message", "protocol"} | LEAVES,
    "message": {"protocol"} | LEAVES,
    "protocol": {"group"} | LEAVES,
    "group": set(),
    "encoding": {"error"},
    "error": set(),
    "secret": {"error"},
    "idp": {"client", "device", "message"} | LEAVES,
    "hazmat": {"client", "group", "message", "protocol"} | LEAVES,
}


def imported(text):
    """The top-level modules that a file names after `crate::`, in code and not in comments."""
    code = re.sub(r"//.*", "", text)
    return set(re.findall(r"\bcrate::(\w+)", code))


def climbs_out(path, text):
    """The paths of `super` that lead out of the top-level module, where they would pass unseen for imports of the crate."""
    depth = len(path.relative_to(SOURCE).parts)
    code = re.sub(r"//.*", "", text)
    # In a module inside the file, such as its tests, the first step leads to the file.
    inner = [match.span() for match in re.finditer(r"^(?:pub(?:\(\w+\))? )?mod \w+ \{$.*?^\}$", code, re.MULTILINE | re.DOTALL)]
    for climb in re.finditer(r"\b(?:super\s*::\s*)+\{?\s*[\w*]+", code):
        inside = any(begin < climb.start() < end for begin, end in inner)
        if climb[0].count("super") - inside >= depth:
            yield re.sub(r"\s", "", climb[0])


def main():
    wrong = []
    for path in sorted(SOURCE.rglob("*.rs")):
        module = path.relative_to(SOURCE).parts[0].removesuffix(".rs")
        if module == "lib":
            continue
        if re.search(r"use crate::\{", path.read_text(encoding="utf-8")):
            wrong.append(f"{path.relative_to(SOURCE)} groups imports of the crate, which this script cannot read")
        for climb in climbs_out(path, path.read_text(encoding="utf-8")):
            wrong.append(f"{path.relative_to(SOURCE)} leaves its module by {climb}")
        for other in sorted(imported(path.read_text(encoding="utf-8")) - {module}):
            if other not in ALLOWED[module]:
                wrong.append(f"{path.relative_to(SOURCE)} imports crate::{other}")
    print("\n".join(wrong) if wrong else "imports point down")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
