"""The source distribution can be built from, and both packages have the licences."""

import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest

import common

LICENCES = ["LICENSE-APACHE", "LICENSE-MIT"]


class Packages(unittest.TestCase):
    def test_the_wheel_has_the_licences(self):
        """The environment's package was installed from a wheel."""
        wheel = importlib.metadata.distribution("cognito-srp6a")
        self.assertEqual(sorted(wheel.metadata.get_all("License-File", [])), LICENCES)
        for name in LICENCES:
            files = [file for file in wheel.files if file.name == name and "dist-info" in str(file)]
            self.assertEqual([file.read_text() for file in files], [(common.ROOT / name).read_text()])

    def test_the_source_distribution_has_all_that_its_manifests_name(self):
        with tempfile.TemporaryDirectory() as folder:
            maturin = pathlib.Path(sys.executable).parent / "maturin"
            command = [maturin, "sdist", "--out", folder, "--manifest-path", common.ROOT / "bindings/python/Cargo.toml"]
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            (packed,) = pathlib.Path(folder).glob("*.tar.gz")
            with tarfile.open(packed) as archive:
                self.assertEqual([member.name for member in archive if not member.isreg()], [])
                archive.extractall(folder)
            root = pathlib.Path(folder, packed.name[: -len(".tar.gz")])
            for name in LICENCES:
                self.assertEqual((root / name).read_text(), (common.ROOT / name).read_text())

            # It fails if a member of the workspace is missing, and leaves out a target whose file is missing.
            command = ["cargo", "metadata", "--offline", "--no-deps", "--format-version", "1"]
            printed = subprocess.run(command, cwd=root / "bindings/python", check=True, stdout=subprocess.PIPE).stdout
            packages = {package["name"]: package for package in json.loads(printed)["packages"]}
            self.assertLessEqual({"cognito-srp6a", "cognito-srp6a-python"}, packages.keys())
            for package in packages.values():
                targets = {target["name"] for target in package["targets"]}
                named = re.findall(r'^\[\[\w+\]\]\nname = "(.+)"', pathlib.Path(package["manifest_path"]).read_text(), re.M)
                self.assertEqual(set(named) - targets, set(), f"{package['name']}: targets without a file")
                paths = [target["src_path"] for target in package["targets"]]
                paths += [dependency["path"] for dependency in package["dependencies"] if dependency.get("path")]
                for path in map(pathlib.Path, paths):
                    self.assertTrue(path.is_relative_to(root) and path.exists(), f"{package['name']}: {path.name}")


if __name__ == "__main__":
    unittest.main()
