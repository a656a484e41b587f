#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Draws one attribute of one entity as an SVG, with nothing but Python's standard library.
#
#     examples/plot.py ham-pump-1 temperature 15m > plot.svg
#
# The server makes the buckets: whatever the range, some 200 points come over the wire. ATLAS_URL
# and ATLAS_TOKEN say where from.
import datetime
import json
import os
import sys
import urllib.parse
import urllib.request
import xml.sax.saxutils

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 800, 300, 70, 20, 40, 40
BUCKETS = 200
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def read_series(entity, attribute, span_s):
    """One series of minimum, mean and maximum per bucket, times in Unix milliseconds."""
    now = datetime.datetime.now(datetime.timezone.utc)
    query = urllib.parse.urlencode({
        "attributes": attribute,
        "from": (now - datetime.timedelta(seconds=span_s)).isoformat(),
        "step": f"{max(1, span_s // BUCKETS)}s",
        "agg": "min,avg,max",
        "time": "unix_ms",
    })
    url = os.environ.get("ATLAS_URL", "http://localhost:8470")
    request = urllib.request.Request(
        f"{url}/v1/entities/{urllib.parse.quote(entity, safe='')}/series?{query}")
    if "ATLAS_TOKEN" in os.environ:
        request.add_header("Authorization", f"Bearer {os.environ['ATLAS_TOKEN']}")
    try:
        with urllib.request.urlopen(request) as response:
            series = json.load(response)["series"]
    except urllib.error.HTTPError as refusal:
        sys.exit(f"plot.py: {json.load(refusal)['detail']}")
    if not series or not series[0]["points"]:
        sys.exit(f"plot.py: no numbers of {attribute} of {entity} in that range")
    return series[0]


def draw(series):
    """The SVG: a band from minimum to maximum, the mean as a line, a scale at the left."""
    points = series["points"]
    first, last = points[0][0], max(points[-1][0], points[0][0] + 1)
    low, high = min(p[1] for p in points), max(p[3] for p in points)
    if low == high:
        low, high = low - 1, high + 1

    def x(time):
        return LEFT + (time - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def path(pairs):
        return " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in pairs)

    def clock(time):
        return datetime.datetime.fromtimestamp(time / 1000, datetime.timezone.utc).strftime("%H:%M")

    band = path([(p[0], p[3]) for p in points] + [(p[0], p[1]) for p in reversed(points)])
    mean = path([(p[0], p[2]) for p in points])
    unit = series.get("unit") or ""
    title = xml.sax.saxutils.escape(f"{series['entity']} · {series['attribute']} {unit}")
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'font-family="sans-serif" font-size="12">')
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield f'<text x="{LEFT}" y="24" font-size="15">{title}</text>'
    for value in (low, (low + high) / 2, high):
        yield (f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
               f'stroke="#ddd"/>')
        yield f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.5g}</text>'
    yield f'<polygon points="{band}" fill="#cfe0f5"/>'
    yield f'<polyline points="{mean}" fill="none" stroke="#1f66c1" stroke-width="1.5"/>'
    for time, anchor in ((first, "start"), (last, "end")):
        yield (f'<text x="{x(time):.1f}" y="{HEIGHT - 16}" text-anchor="{anchor}">'
               f'{clock(time)} UTC</text>')
    yield "</svg>"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: plot.py ENTITY ATTRIBUTE [SPAN]   (a span such as 15m, 6h or 7d)")
    span = sys.argv[3] if len(sys.argv) == 4 else "1h"
    if span[-1:] not in SECONDS or not span[:-1].isdigit() or int(span[:-1]) == 0:
        sys.exit(f"plot.py: {span} is no span; 15m, 6h or 7d are")
    print(*draw(read_series(*sys.argv[1:3], int(span[:-1]) * SECONDS[span[-1]])), sep="\n")


main()
