# SPDX-License-Identifier: Apache-2.0
#
# The words that are out, from the table in docs/internals/words.md: in every text file, C++
# included, but for migrations, which never change, and that page itself.
import re

PAGE = "docs/internals/words.md"
EXEMPT = re.compile(r"^(docs/internals/words\.md|sql/migrations/.*)$")
# What may lie between two words of a phrase: white space or a hyphen, the end of a line with the
# beginning of a comment, the seam of two literals.
GAP = r"""(?:[\s-]|["']\s*\+?\s*[fru]?["'])+(?:(?://|--|\#|\*)\s*)?"""
# Its letter does not belong to the word that follows it.
ESCAPE = re.compile(r"\\[nrtfv]")


def check(name, text, table):
    """The problems of one file, as (line, text); `table` is that of read_table()."""
    if EXEMPT.search(name) or not table:
        return []
    text = ESCAPE.sub("  ", text)
    words = list(table)
    pattern = "|".join("(" + re.escape(word).replace(r"\ ", GAP) + ")" for word in words)
    problems = []
    for match in re.finditer(rf"\b(?:{pattern})\b", text, re.I):
        word = words[match.lastindex - 1]
        problems.append((text.count("\n", 0, match.start()) + 1,
                         f'"{word}" is out; write: {table[word]} ({PAGE})'))
    return problems


def read_table(page):
    """The table of words that are out: word → what to write. Empty without one."""
    section = page.partition("\n## Out\n")[2].partition("\n## ")[0]
    words = {}
    for row in re.finditer(r"^\| (`[^|]*`) \| ([^|]*) \|$", section, re.M):
        words |= dict.fromkeys(re.findall(r"`([^`]+)`", row[1]), row[2])
    return words
