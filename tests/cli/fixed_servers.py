# SPDX-License-Identifier: Apache-2.0
"""Servers in the place of Atlas: one that is well and has a given status, and one that answers
analytical questions in one way, and breaks off where it is told to."""
import http.server
import json
import threading

QUERIES = [{"name": "top_movers", "description": "What changed most",
            "params": [{"name": "days", "type": "int", "default": 7, "description": "Days back"},
                       {"name": "site", "type": "string", "default": None, "description": "Site"}]}]
METADATA = {"source": "analytics", "lag_seconds": 0.25, "as_of": "2026-11-30T00:00:00.000000Z",
            "consistency": "analytics", "cached": False, "query_ms": 1.5,
            "warnings": [{"code": "analytics_stale", "detail": "16 minutes old"}]}
# As text: no digit may be lost on the way.
RESULT = ('{"columns": [{"name": "site", "type": "string"}, {"name": "mean", "type": "decimal"}],'
          ' "rows": [["north", 0.10000000000000000000000000001], [null, -5]], "truncated": true,'
          ' "_metadata": %s}' % json.dumps(METADATA))


class FixedHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def respond(self, status, body, kind="application/json"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class FixedServer:
    """A server of its own thread, at `url` until it is closed."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class StatusServer(FixedServer):
    def __init__(self, status):
        class Handler(FixedHandler):
            def do_GET(self):
                self.respond(200, json.dumps(status if self.path == "/v1/status" else {}))

        super().__init__(Handler)


class AnalyticsHandler(FixedHandler):
    def do_GET(self):
        self.respond(200, json.dumps({"queries": QUERIES}))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, body))
        if self.path.endswith("/export"):
            self.export(body)
        elif "format=" in self.path:
            self.respond(200, "site,mean\nnorth,1\n", "text/csv")
        elif body.get("sql", "").startswith("DROP"):
            self.respond(400, '{"code": "sql_not_allowed", "detail": "DROP is not allowed"}')
        else:
            self.respond(200, RESULT)

    def export(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b"entity\n", b"pump-1\n"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if body.get("filter") == "cut":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


class AnalyticsServer(FixedServer):
    def __init__(self):
        super().__init__(AnalyticsHandler)
        self.server.seen = self.seen = []  # path and body of each POST
