#!/usr/bin/env python3
"""Checks the imports inside the crate.

1. They point down: flows, message, protocol, group. `ALLOWED` says what each top-level module may import.
2. No file imports itself in a circle, at any depth: files of one folder do not, nor does a folder's file and a file in it.

An import is a path below `crate`, `super`, `self` or a child module: in a `use`, in code, or in an attribute of serde's.
Comments and `mod` lines do not count. A module inside a file belongs to the file, except tests: nobody imports them, so
they may import anything.
"""

import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"

LEAVES = {"encoding", "error", "secret", "stack"}

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
    "stack": set(),
    "idp": {"client", "device", "message"} | LEAVES,
    "hazmat": {"client", "device", "group", "message", "protocol"} | LEAVES,
}

TESTS = "tests"


def without_comments(text):
    return re.sub(r"//.*", "", text)


def inner_modules(code):
    """Yields the name and the lines' span of each module inside a file. They end where rustfmt puts their brace."""
    for head in re.finditer(r"^( *)(?:pub(?:\([\w ]+\))? )?mod (\w+) \{$", code, re.MULTILINE):
        end = re.compile(rf"^{head[1]}\}}$", re.MULTILINE).search(code, head.end())
        yield head[2], head.start(), end.end()


def leaves(tree, prefix=()):
    """Yields the paths of a `use` tree, such as `super::{a::{b, c as d}, e::*}`, as tuples."""
    depth, begin, parts = 0, 0, []
    for i, character in enumerate(tree + ","):
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append(tree[begin:i].strip())
            begin = i + 1
    for part in filter(None, parts):
        if "{" in part:
            head, rest = part.split("{", 1)
            yield from leaves(rest.rsplit("}", 1)[0], prefix + tuple(re.findall(r"\w+", head)))
        else:
            yield prefix + tuple(re.findall(r"[\w*]+", re.sub(r"\bas\b.*", "", part)))


def paths(code):
    """Yields each path in some code with its position: those of `use` in full, of others as far as they are names."""
    uses = list(re.finditer(r"\buse\s+([^;]+);", code))
    for use in uses:
        for path in leaves(use[1]):
            yield use.start(), path
    spans = [use.span() for use in uses]
    for path in re.finditer(r"(?<![\w:])(?:\w+\s*::\s*)+\w+", code):
        if not any(begin <= path.start() < end for begin, end in spans):
            yield path.start(), tuple(re.findall(r"\w+", path[0]))


def absolute(path, module, children):
    """Returns a path from the crate's root, or None for one that leads out of the crate or to a name already imported."""
    if path[0] == "crate":
        return path[1:]
    if path[0] in ("super", "self"):
        while path and path[0] in ("super", "self"):
            if path[0] == "super":
                module = module[:-1]
            path = path[1:]
        return module + path
    return module + path if path[0] in children else None


def imports(files):
    """Returns, for each module that is a file or a file's tests, the modules that it imports."""
    found = {}
    for module, file in files.items():
        code = without_comments(file.read_text(encoding="utf-8"))
        inner = list(inner_modules(code))
        children = set(re.findall(r"\bmod (\w+);", code))
        found.setdefault(module, set())
        for position, path in paths(code):
            within = tuple(name for name, begin, end in inner if begin < position < end)
            origin = module + (TESTS,) if TESTS in within else module
            target = absolute(path, module + within, set() if within else children)
            if target is None:
                continue
            # The file that holds what the path names. A path that ends in an inner module is the file's.
            while target not in files:
                target = target[:-1]
            if target != origin:
                found.setdefault(origin, set()).add(target)
    return found


def circle(found, start):
    """Returns a shortest way of imports from a module back to itself, or None."""
    queue, seen = [(start,)], set()
    for way in queue:
        for target in sorted(found.get(way[-1], ())):
            if target == start:
                return way
            if target not in seen:
                seen.add(target)
                queue.append((*way, target))
    return None


def name(module):
    return "/".join(module) or "lib"


def main():
    files = {file.relative_to(SOURCE).with_suffix("").parts: file for file in sorted(SOURCE.rglob("*.rs"))}
    files[()] = files.pop(("lib",))
    found = imports(files)
    wrong = []

    for module, targets in sorted(found.items()):
        for target in sorted(targets):
            if not module or module[:1] == target[:1] or target and target[0] in ALLOWED[module[0]]:
                continue
            wrong.append(f"{name(module)} imports {name(target)}")

    circles = {frozenset(way): way for module in sorted(found) if (way := circle(found, module))}
    wrong.extend(" -> ".join(map(name, (*way, way[0]))) for way in circles.values())

    print("\n".join(wrong) if wrong else "imports point down and in no circle")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
