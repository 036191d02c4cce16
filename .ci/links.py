#!/usr/bin/env python3
"""Checks the links of the packed crate: `.ci/links.py FOLDER`, the folder being the unpacked package.

A reader meets these texts on a repository's pages, on crates.io, on docs.rs, and in the package. A link must work in each.

- In a Markdown file a relative link names a file of the package, and a heading that is in it.
- In the documentation of the code there is no relative link: a page of docs.rs has no files beside it. Items are linked by name.
- An absolute link is https. One that has the crate's name in it leads to docs.rs or crates.io, because the
  address of the repository is not known before the crate is published.
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


def absolute(link, name):
    """Says what is wrong with an absolute link, or returns None."""
    if not link.startswith("https://"):
        return "is not https"
    if name in link.lower() and not re.match(rf"https://(docs\.rs|crates\.io/crates)/{name}(/|$|#|\?)", link):
        return "is an address of this crate, and neither docs.rs nor crates.io"
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


def wrong(root, name):
    for file in sorted(root.rglob("*.md")):
        for link in links(file.read_text(encoding="utf-8")):
            problem = absolute(link, name) if re.match(r"\w+:", link) else relative(link, file, root)
            if problem:
                yield f"{file.relative_to(root)}: {link} {problem}"
    for file in sorted((root / "src").rglob("*.rs")):
        for link in links(documentation(file.read_text(encoding="utf-8"))):
            if re.match(r"\w+:(?!:)", link):
                problem = absolute(link, name)
            else:
                # An item's path has no slash and no extension.
                problem = "is a file, which docs.rs does not have" if re.search(r"/|\.(md|rs|json|toml|svg|py)\b", link) else None
            if problem:
                yield f"{file.relative_to(root)}: {link} {problem}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    name = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))["package"]["name"]
    found = list(wrong(root, name))
    print("\n".join(found) if found else "every link of the package leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
