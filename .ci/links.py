#!/usr/bin/env python3
"""Checks the links of the packed crate: `.ci/links.py FOLDER`, the folder being the unpacked package.

A reader meets these texts on a repository's pages, on crates.io, on docs.rs, and in the package. A link must work in each.

- In a Markdown file a relative link names a file of the package, and a heading that is in it.
- In the documentation of the code there is no relative link: a page of docs.rs has no files beside it. Items are linked by name.
- An absolute link is https. One that has the crate's name in it leads to docs.rs, to crates.io, or to the repository that
  Cargo.toml names. There is no other address of this crate.
"""

import pathlib
import re
import sys
import tomllib

# The target of `[text](target)`, `![text](target)` and `[text]: target`.
INLINE = re.compile(r"\]\(<?([^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+\"[^\"]*\")?\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s+<?(\S+?)>?$", re.MULTILINE)


def without_code(text):
    text = re.sub(r"^( *)(```+|~~~+).*?^\1\2 *$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "code", text)


def links(text):
    text = without_code(text)
    return INLINE.findall(text) + REFERENCE.findall(text)


def anchors(text):
    """Returns the anchors of a file's headings, as the pages of a repository make them."""
    heads = re.findall(r"^#{1,6} +(.+?) *#*$", re.sub(r"^(```+).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def absolute(link, package):
    """Says what is wrong with an absolute link, or returns None."""
    if not link.startswith("https://"):
        return "is not https"
    name = package["name"]
    homes = [f"https://docs.rs/{name}", f"https://crates.io/crates/{name}", package.get("repository")]
    if name in link.lower() and not any(home and re.match(re.escape(home) + r"(?:[/#?]|$)", link) for home in homes):
        return "is an address of this crate that Cargo.toml does not know"
    return None


def relative(link, file, root):
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file
    if not target.is_relative_to(root) or not target.exists():
        return "is not in the package"
    if anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
        return "has no such heading"
    return None


def documentation(text):
    """Returns the doc comments of a Rust file as one Markdown text."""
    return "\n".join(line[1] for line in re.finditer(r"^\s*//[/!] ?(.*)$", text, re.MULTILINE))


def wrong(root, package):
    for file in sorted(root.rglob("*.md")):
        for link in links(file.read_text(encoding="utf-8")):
            problem = absolute(link, package) if re.match(r"\w+:", link) else relative(link, file, root)
            if problem:
                yield f"{file.relative_to(root)}: {link} {problem}"
    for file in sorted((root / "src").rglob("*.rs")):
        for link in links(documentation(file.read_text(encoding="utf-8"))):
            if re.match(r"\w+:(?!:)", link):
                problem = absolute(link, package)
            else:
                # An item's path has no slash and no extension.
                problem = "is a file, which docs.rs does not have" if re.search(r"/|\.(md|rs|json|toml|svg|py)\b", link) else None
            if problem:
                yield f"{file.relative_to(root)}: {link} {problem}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    package = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))["package"]
    found = list(wrong(root, package))
    print("\n".join(found) if found else "every link of the package leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
