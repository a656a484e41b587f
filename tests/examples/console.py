# SPDX-License-Identifier: Apache-2.0
#
# Reads the blocks marked `console` of a page: lines after "$ " are typed, the others are shown. And
# compares what is shown with what a run really says, by shape: JSON by its keys and types, a log by
# its messages without numbers and paths, anything else line by line in the same way.
import json
import re
import subprocess

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.S | re.M)


def complete(command):
    """Whether a shell would run it as is; open quotes and a final backslash go on."""
    if command.endswith("\\"):
        return False
    return subprocess.run(["bash", "-n"], input=command, text=True, capture_output=True,
                          check=False).returncode == 0


def commands(page):
    """(command, what is shown after it) of every console block."""
    found = []
    for block in BLOCK.findall(page):
        command = shown = None
        for line in block.splitlines():
            if command is not None and not complete(command):
                command += "\n" + line
            elif line.startswith("$ "):
                if command is not None:
                    found.append((command, shown))
                command, shown = line[2:], ""
            else:
                shown += line + "\n"
        found.append((command, shown))
    return found


def shape(value):
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if type(value) in (int, float) else type(value).__name__


def bare(line):
    """A line of a log or a table without its time, numbers, durations, paths and widths."""
    line = re.sub(r"^\S+Z\s+", "", line.strip())
    line = re.sub(r"/[\w./-]+", "PATH", line)
    line = re.sub(r"\d[\w.:+~-]*", "N", line)
    line = re.sub(r"N (µs|ms|s|min|h|d)\b( N (s|min|h)\b)?", "DURATION", line)
    return re.sub(r"\s+", " ", line)


def same_log(shown, log):
    """Empty, or the first line that is shown and not in the log; "…" is any."""
    said = {bare(line) for line in log.splitlines()}
    wanted = [line for line in shown.splitlines() if line.strip() not in ("", "…")]
    missing = [line for line in wanted if bare(line) not in said]
    if not wanted:
        return "nothing is shown"
    return f"not in the log: {missing[0]}" if missing else ""


def same_shape(shown, said):
    """Empty, or how the two differ."""
    if shown.startswith("{"):
        # Long lines are wrapped on the page.
        wanted, found = shape(json.loads(shown)), shape(json.loads(said))
        return "" if wanted == found else f"shown {wanted}, but it says {found}"
    wanted = [bare(line) for line in shown.splitlines()]
    found = [bare(line) for line in said.splitlines()][:len(wanted)]
    return "" if wanted == found else f"shown {wanted}, but it says {found}"


def messages(page):
    """The quoted texts in the first column of the tables whose first column is headed "message"."""
    found, inside = [], False
    for line in page.splitlines():
        cell = line.split("|")[1].strip() if line.startswith("|") else ""
        inside = bool(cell) and (inside or cell == "message")
        if inside and cell.startswith("`"):
            found.append(cell.strip("`"))
    return found


def literals(source):
    """What a C++ source says: its texts, with those that are split over lines joined."""
    joined = re.sub(r'"\s*\n\s*"', "", source)
    return joined.replace('\\"', '"')
