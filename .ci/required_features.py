#!/usr/bin/env python3
"""Checks that each test, example and bench names the features it needs.

    .ci/required_features.py            checks
    .ci/required_features.py --write    rewrites the block of targets in Cargo.toml

In this repository the crate is its own dev-dependency with all these features, so nobody notices one that is not named. The
packed crate has no such dev-dependency: there `cargo test` must know what to leave out.

What a target needs follows from its source and from the files that it includes with `mod`:

- a path below a module of the crate that is a feature, such as `cognito_srp6a::server`;
- a call that only a feature has, such as `to_json`;
- `#![cfg(feature = "…")]` at the top.

What stands behind `#[cfg(feature = "…")]` or `if cfg!(feature = "…")` is not needed, unless another file uses it by name. `std` and `getrandom` are never named:
a test without them is no use. `.ci/run package` compiles every target with the features that it names and no others.

A target that uses the package `local_pool` cannot be in the packed crate, so `include` in Cargo.toml must leave it out.
"""

import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "Cargo.toml"
BEGIN = "# What each target needs: `.ci/required_features.py --write` makes this block from their sources.\n"
END = "# End of the block.\n"

# What in a source shows that it needs a feature.
SIGNS = {
    "hazmat": r"\bcognito_srp6a::(?:\{(?:[^;]*\W)?)?hazmat\b",
    "server": r"\bcognito_srp6a::(?:\{(?:[^;]*\W)?)?server\b",
    "idp": r"\bcognito_srp6a::(?:\{(?:[^;]*\W)?)?idp\b",
    "http": r"\bto_http\b|\bfrom_http\b",
    "serde": r"\b(?:to|from)_json\b|\bBodyError\b|\bConfirmDeviceResponse\b|\bResponseError::Body\b|\bSignInError::Body\b",
}
# A feature and the features that it brings.
IMPLIED = {"http": {"serde", "idp"}, "serde": {"idp"}}

KINDS = {"bench": ROOT / "benches", "example": ROOT / "examples", "test": ROOT / "tests"}


def source(path):
    """Returns a file's code without comments and without the texts of literals that run over several lines."""
    code = path.read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    # A `//` inside a literal, such as an address, begins no comment.
    return re.sub(r'("(?:\\.|[^"\\\n])*")|//[^\n]*', lambda found: found[1] or "", code)


def end_of_item(code, begin):
    """Returns where an item ends: after its block or its `;`, and a field or an arm also after its `,`."""
    declared = re.compile(r"\s*(?:#\[[^\]]*\]\s*)*(?:pub|fn|use|mod|impl|struct|enum|trait|type|const|static|let|unsafe|async)\b")
    ends = ";}" if declared.match(code, begin) else ";},"
    depth = 0
    for i in range(begin, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth < 0:
            return i
        if depth == 0 and code[i] in ends:
            return i + 1
    return len(code)


def optional(code):
    """Cuts out what is there only with a feature. Returns the rest, and for each item that was cut out its features and text."""
    condition = re.compile(r"#\[cfg\(([^\]]*\bfeature\s*=[^\]]*)\)\]|\bif\s+cfg!\((\s*feature\s*=[^)]*)\)")
    cut = []
    while found := condition.search(code):
        end = end_of_item(code, found.end())
        cut.append((set(re.findall(r'feature\s*=\s*"(\w+)"', found[1] or found[2])), code[found.end() : end]))
        code = code[: found.start()] + code[end:]
    return code, cut


def modules(code, path, is_root):
    """Yields the files that some code of a file includes with `mod`."""
    folder = path.parent if is_root or path.name == "mod.rs" else path.with_suffix("")
    for given, name in re.findall(r'(?:#\[path\s*=\s*"([^"]+)"\]\s*)?\bmod (\w+);', code):
        candidates = [path.parent / given] if given else [folder / f"{name}.rs", folder / name / "mod.rs"]
        yield from filter(pathlib.Path.is_file, candidates)


def needs(path):
    """Returns the features that a target needs, and whether it needs the package `local_pool`."""
    found, used, cut = set(), "", []

    def use(code, file, is_root=False):
        nonlocal used
        code, more = optional(code)
        used += code
        cut.extend((features, text, file) for features, text in more)
        for module in modules(code, file, is_root):
            use(source(module), module)

    use(source(path), path, is_root=True)
    # What another file has only with a feature is needed where its name is used, such as a module of the test kit.
    again = True
    while again:
        again = False
        for item in list(cut):
            features, text, file = item
            name = re.search(r"\bpub(?:\([^)]*\))?\s+(?:(?:const|async|unsafe)\s+)*\w+\s+(\w+)", text)
            if file != path and name and re.search(rf"\b{name[1]}\b", used):
                cut.remove(item)
                found |= features
                use(text, file)
                again = True

    found |= {feature for feature, sign in SIGNS.items() if re.search(sign, used)}
    found |= set(re.findall(r'#!\[cfg\(feature\s*=\s*"(\w+)"\)\]', used))
    for feature in sorted(found):
        found -= IMPLIED.get(feature, set())
    return sorted(found), bool(re.search(r"\blocal_pool::", used))


def targets():
    """Yields kind, name and file of each target of the root package."""
    for kind, folder in KINDS.items():
        for path in sorted([*folder.glob("*.rs"), *folder.glob("*/main.rs")]):
            if path.name == "main.rs" and (path.parent / "Cargo.toml").exists():
                continue
            yield kind, path.parent.name if path.name == "main.rs" else path.stem, path


def block(manifest):
    """Returns the block as it must be. Whatever else Cargo.toml says of a target stays."""
    known = {(kind, entry["name"]): entry for kind in KINDS for entry in manifest.get(kind, [])}
    text = BEGIN
    for kind, name, path in targets():
        features, _ = needs(path)
        entry = known.get((kind, name), {})
        lines = [f"{key} = {toml(value)}\n" for key, value in entry.items() if key not in ("name", "required-features")]
        if features:
            lines.append(f"required-features = {toml(features)}\n")
        if lines:
            text += f"[[{kind}]]\nname = {toml(name)}\n" + "".join(lines) + "\n"
    return text + END


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return f'"{value}"'


def wrongly_included(manifest):
    """Yields a line for each target that `include` packs or leaves out wrongly."""
    left_out = {rule[1:].strip("/") for rule in manifest["package"]["include"] if rule.startswith("!")}
    for _, _, path in targets():
        name, pool = path.relative_to(ROOT).as_posix(), needs(path)[1]
        if pool and name not in left_out:
            yield f'{name} uses the package `local_pool`: add "!{name}" to `include` in Cargo.toml'
        if not pool and name in left_out:
            yield f'{name} does not use the package `local_pool`: take "!{name}" out of `include` in Cargo.toml'


def main():
    text = MANIFEST.read_text(encoding="utf-8")
    manifest = tomllib.loads(text)
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"Cargo.toml has no block that begins and ends with\n{BEGIN}{END}")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    made = before + block(manifest) + after
    if "--write" in sys.argv[1:]:
        MANIFEST.write_text(made, encoding="utf-8")
    elif made != text:
        sys.exit("Cargo.toml does not say which features its targets need; `.ci/required_features.py --write` mends it")
    if wrong := list(wrongly_included(manifest)):
        sys.exit("\n".join(wrong))
    print("each target names the features that it needs")


if __name__ == "__main__":
    main()
