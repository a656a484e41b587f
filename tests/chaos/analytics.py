# SPDX-License-Identifier: Apache-2.0
"""The analytics store in the oracle: what it shows over HTTP has to become the history that the
database holds."""
import collections
import contextlib
import json
import urllib.error
import urllib.request

from servers import wait_until

PATIENCE = 60
ROWS = 50_000  # of one request
QUERY = """SELECT external_id, epoch_ms(observed_at), attribute_name, coalesce(value, '(null)')
FROM fact_telemetry ORDER BY ALL LIMIT {rows} OFFSET {offset}"""


def points_of(url, tenant):
    """Maps (entity, ms, attribute) to text; None while the store cannot be asked."""
    points, offset = collections.Counter(), 0
    while True:
        request = urllib.request.Request(
            f"http://{url}/v1/analytics/sql", method="POST",
            headers={"Content-Type": "application/json", "X-Atlas-Tenant": tenant},
            data=json.dumps({"sql": QUERY.format(rows=ROWS, offset=offset)}).encode())
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                body = json.load(response)
        except (urllib.error.URLError, OSError, ValueError):
            return None
        for entity, at, attribute, value in body["rows"]:
            points[(entity, at, attribute, value)] += 1
        if len(body["rows"]) < ROWS:
            return points
        offset += ROWS


def check_analytics(url, oracle, tenants, actual):
    """`actual` is the history by (tenant, entity, ms, attribute)."""
    for tenant in tenants:
        expected = collections.Counter((*key[1:], value) for key, value in actual.items()
                                       if key[0] == tenant)
        found = None

        def has_all():
            nonlocal found
            found = points_of(url, tenant)
            return found == expected

        with contextlib.suppress(RuntimeError):  # in time; what is missing is told below
            wait_until(has_all, "the analytics store", PATIENCE)
        if found is None:
            oracle.fault(f"the analytics store of {tenant} cannot be asked")
            continue
        for point in list((expected - found).keys())[:5]:
            oracle.fault(f"{point} of {tenant} is not in the analytics store")
        for point in list((found - expected).keys())[:5]:
            oracle.fault(f"{point} of {tenant} is in the analytics store, and not in history so")
        oracle.counts["points in analytics"] += found.total()
