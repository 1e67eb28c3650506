"""A local HTTP server that can behave as badly as those of the world do."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Habits:
    """What is served, and how; a test changes it while the server runs."""

    files: dict[str, bytes]
    ranges: bool = True
    #: Answers that break off after so many bytes each; the next request has the next one.
    breaks: list[int] = field(default_factory=list)
    #: Added to the length that an answer promises.
    lie: int = 0
    #: Statuses to give before the file.
    statuses: list[int] = field(default_factory=list)
    etag: str = '"1"'
    #: (path, first byte asked for) of each request.
    asked: list[tuple[str, int]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self):
        habits = self.server.habits
        first = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        habits.asked.append((self.path, first))
        body = habits.files.get(self.path.lstrip("/"))
        if habits.statuses or body is None:
            self.send_error(habits.statuses.pop(0) if habits.statuses else 404)
            return
        same = self.headers.get("If-Range") in (None, habits.etag)
        goes_on = habits.ranges and first and same
        if goes_on and first >= len(body):
            self.send_error(416)
            return
        part = body[first:] if goes_on else body
        self.send_response(206 if goes_on else 200)
        self.send_header("Content-Length", str(len(part) + habits.lie))
        if habits.etag:
            self.send_header("ETag", habits.etag)
        if goes_on:
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        self.wfile.write(part[: habits.breaks.pop(0)] if habits.breaks else part)

    def log_message(self, *_):
        pass


@contextmanager
def serve(files):
    """Yield the address of a server and its habits."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.habits = Habits(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", server.habits
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
