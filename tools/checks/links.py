# SPDX-License-Identifier: Apache-2.0
#
# Links of the pages of Markdown: the file is in the repository, and has the heading.
import posixpath
import re

PAGE = re.compile(r"\.md$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`|^    [^\n]*", re.S | re.M)
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)


def check(root, names):
    """The problems among the files `names`, as (file, line, text)."""
    texts = {name: (root / name).read_text() for name in names if PAGE.search(name)}
    return check_pages(texts, set(names))


def check_pages(texts, names):
    folders = {posixpath.dirname(name) for name in names}
    folders |= {parent for folder in folders for parent in parents(folder)}
    problems = []
    for name, text in texts.items():
        for match in LINK.finditer(CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)):
            path, _, anchor = match[1].partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) \
                if path else name
            line = text.count("\n", 0, match.start()) + 1
            if target not in names and target not in folders:
                problems.append((name, line, f"links to {target}, which does not exist"))
            elif anchor and target in texts and anchor not in anchors(texts[target]):
                problems.append((name, line, f"{target} has no heading #{anchor}"))
    return problems


def parents(folder):
    while folder:
        folder = posixpath.dirname(folder)
        yield folder or "."


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in HEADING.findall(text)}
