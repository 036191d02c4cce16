#!/usr/bin/env python3
"""Runs every case under Valgrind and compares its reports with `allowed.toml`.

    reports.py PROGRAM ROOT             every case on every backend
    reports.py PROGRAM ROOT --planted   the program with the leaks of `planted.toml`: Valgrind must report each

ROOT is the folder of the crate that the program was built from. The script prints a line for each run and all failures, and
exits with an error if there are any.
"""

import collections
import itertools
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent

# From the hundredth error on, Valgrind distinguishes errors by their four innermost frames only. Paths need more.
TOO_MANY = 100


class Program:
    """The program, and the sources that its reports refer to."""

    def __init__(self, program, root, limit):
        self.program = program
        self.limit = limit
        self.root = pathlib.Path(root).resolve()
        self.lines = {}

    def names(self, *under):
        """Returns the cases, the controls and the backends that the program lists, by itself or `under` Valgrind."""
        listed = subprocess.run([*under, self.program, "--list"], check=True, capture_output=True, text=True)
        names = collections.defaultdict(list)
        for line in listed.stdout.splitlines():
            kind, name = line.split()
            names[kind].append(name)
        return names

    def reports(self, case, backend):
        """Returns the stack of each report of one run, innermost first, as lines of the crate or of this package."""
        with tempfile.NamedTemporaryFile(suffix=".xml") as output:
            command = ["valgrind", "-q", "--xml=yes", f"--xml-file={output.name}", "--num-callers=100", "--error-limit=no"]
            run = subprocess.run([*command, self.program, case, backend], capture_output=True, text=True)
            if run.returncode != 0:
                raise SystemExit(f"{case} on {backend} ended with {run.returncode}:\n{run.stdout}{run.stderr}")
            errors = xml.etree.ElementTree.parse(output.name).findall("error")
        if len(errors) >= self.limit:
            raise SystemExit(f"{case} on {backend}: {len(errors)} reports are too many to tell apart; split the case")
        return [self.stack(error) for error in errors]

    def stack(self, error):
        """Returns the kind of an error and its frames in the crate or in this package, as `file: source text`.

        Frames of libraries that the crate calls are left out.
        """
        frames = []
        for frame in error.find("stack").findall("frame"):
            path = pathlib.Path(frame.findtext("dir", ""), frame.findtext("file", ""))
            if path.is_relative_to(self.root):
                frames.append(f"{path.relative_to(self.root)}: {self.text(path, int(frame.findtext('line', '0')))}")
        return error.findtext("kind"), frames

    def text(self, path, line):
        if path not in self.lines:
            self.lines[path] = path.read_text().splitlines()
        return self.lines[path][line - 1].strip() if line else "?"


class Allowances:
    """`allowed.toml`."""

    def __init__(self):
        with open(HERE / "allowed.toml", "rb") as file:
            self.entries = tomllib.load(file)["allowed"]
        self.used = set()

    def allow(self, frames):
        """Returns whether a report is allowed, and records the entry that allows it."""
        for i, entry in enumerate(self.entries):
            if frames and frames[0] == entry["at"]:
                for j, path in enumerate(entry["paths"]):
                    rest = iter(frames[1:])
                    if all(line in rest for line in path):
                        self.used.add((i, j))
                        return True
        return False

    def unused(self):
        for i, entry in enumerate(self.entries):
            for j, path in enumerate(entry["paths"]):
                if (i, j) not in self.used and not entry.get("optional"):
                    yield f"{entry['at']}\n    " + "\n    ".join(path)


def show(kind, frames):
    return f"  {kind}\n    " + "\n    ".join(frames)


def check(program):
    """Runs everything. Returns the number of passes and the list of failures."""
    names = program.names("valgrind", "-q")
    passed, failed = 0, []
    for backend in program.names()["backend"]:
        if backend not in names["backend"]:
            print(f"{backend:9} this Valgrind cannot run it; branches.py reads its code")
    for backend in names["backend"]:
        allowances = Allowances()
        for case in names["case"]:
            reports = program.reports(case, backend)
            refused = [report for report in reports if not allowances.allow(report[1])]
            print(f"{backend:9} {case:32} {len(reports) - len(refused):3} reports allowed, {len(refused):3} not", flush=True)
            for report in refused:
                print(show(*report))
            if refused:
                failed.append(f"{case} on {backend}")
            else:
                passed += 1
        for control in names["control"]:
            reports = program.reports(control, backend)
            caught = any(frames[0].startswith("tests/constant_time/src/control.rs: ") for _, frames in reports)
            print(f"{backend:9} {control:32} {'reported, as it must be' if caught else 'NOT REPORTED'}", flush=True)
            if caught:
                passed += 1
            else:
                failed.append(f"{control} on {backend}")
        for unused in allowances.unused():
            failed.append(f"allowed but never reported on {backend}: {unused}")
    return passed, failed


def check_planted(program):
    """Runs the cases, backend after backend, until each planted leak is reported. Allowed reports do not count."""
    names = program.names("valgrind", "-q")
    with open(HERE / "planted.toml", "rb") as file:
        missing = {leak["name"] for leak in tomllib.load(file)["planted"] if leak.get("valgrind", True)}
    total = len(missing)
    allowances = Allowances()
    for backend, case in itertools.product(names["backend"], names["case"]):
        if not missing:
            break
        for _, frames in program.reports(case, backend):
            if frames and "// planted: " in frames[0] and not allowances.allow(frames):
                missing.discard(frames[0].split("// planted: ")[1])
    print(f"{total - len(missing)} of {total} planted leaks reported", flush=True)
    return total - len(missing), [f"planted but not reported: {name}" for name in sorted(missing)]


def main():
    if sys.argv[3:] == ["--planted"]:
        # If Valgrind merges reports, a leak can only go missing, which fails the check.
        passed, failed = check_planted(Program(sys.argv[1], sys.argv[2], sys.maxsize))
    else:
        passed, failed = check(Program(sys.argv[1], sys.argv[2], TOO_MANY))
    for failure in failed:
        print(f"FAILED: {failure}")
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(bool(failed))


main()
