"""For tests of the server: starting one, raw requests, TAP. Standard library alone."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

PATIENCE = float(os.environ.get("OKNG_PATIENCE", "20"))  # seconds until something that must come is given up


class Server:
    """okng-serve on a free port of this machine; `log` has what it said on stderr."""

    def __init__(self, okng, *words, banks=None, env=None):
        self.folder = tempfile.mkdtemp(prefix="okng-serve-")
        self.banks = banks or os.path.join(self.folder, "banks")
        os.makedirs(self.banks, exist_ok=True)
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        words = ["serve", "--banks", self.banks, "--listen", "127.0.0.1:0", *words]
        self.process = subprocess.Popen([okng, *words], stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=dict(os.environ, LC_ALL="C", **(env or {})), start_new_session=True)
        self.token, self.port = None, 0
        while not self.port:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the server did not start: " + self.said())
            made = re.search(r"(okng_[0-9a-f]{40})", line)
            self.token = made.group(1) if made else self.token
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            self.port = int(found.group(1)) if found else 0

    def said(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as text:
            return text.read()

    def connect(self, timeout=PATIENCE):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def head(self, method, path, headers=(), body=None):
        lines = [f"{method} {path} HTTP/1.1"]
        names = {name.lower() for name, _ in headers}
        if "host" not in names:
            lines.append(f"Host: 127.0.0.1:{self.port}")
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            lines.append(f"Content-Length: {len(body)}")
        if self.token and "authorization" not in names:
            lines.append(f"Authorization: Bearer {self.token}")
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + (body or b"")

    def ask(self, method, path, headers=(), body=None, raw=None):
        """An answer of a connection of its own."""
        with self.connect() as connection:
            try:
                connection.sendall(raw if raw is not None else self.head(method, path, headers, body))
            except (BrokenPipeError, ConnectionResetError):
                pass  # the answer may be there none the less
            return Answer(connection, method)

    def get(self, path, *headers):
        return self.ask("GET", path, headers)

    def resident(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024

    def stop(self, number=signal.SIGTERM):
        """The exit status of a server that was told to stop; None: by somebody before. A second signal would kill it."""
        if number is not None and self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "killed"
        finally:
            subprocess.run(["rm", "-rf", self.folder], check=False)


class Answer:
    """status, headers (names in small letters) and body; status 0: the connection ended without an answer."""

    def __init__(self, connection, method="GET"):
        self.status, self.headers, self.body = 0, {}, b""
        data = self._read_until(connection, b"", b"\r\n\r\n")
        while data.startswith(b"HTTP/1.1 100"):
            data = self._read_until(connection, data.split(b"\r\n\r\n", 1)[1], b"\r\n\r\n")
        if b"\r\n\r\n" not in data:
            return
        head, rest = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        for line in lines[1:]:
            name, value = line.split(":", 1)
            self.headers[name.strip().lower()] = value.strip()
        length = int(self.headers.get("content-length", "0"))
        while len(rest) < length and method != "HEAD":
            more = connection.recv(1 << 16)
            if not more:
                break
            rest += more
        self.body = rest

    @staticmethod
    def _read_until(connection, data, mark):
        while mark not in data:
            try:
                more = connection.recv(1 << 16)
            except (ConnectionResetError, socket.timeout):
                more = b""
            if not more:
                break
            data += more
        return data

    def json(self):
        return json.loads(self.body)

    def problem(self):
        """The kind of a problem, "no-such-address"; what is no problem document fails."""
        document = self.json()
        assert self.headers["content-type"] == "application/problem+json", self.headers
        assert document["status"] == self.status and document["title"] and document["detail"], document
        assert document["instance"].startswith(("/", "http", "*")) or not document["instance"], document
        kind = document["type"]
        assert kind.startswith("urn:okng:problem:"), kind
        return kind[len("urn:okng:problem:"):]


def wait_for(what, seconds=PATIENCE):
    """Asks until it is true."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def run(tests):
    """Runs functions as TAP; one that returns a text is skipped for that reason. Exits with 1 where one failed."""
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            skipped = test()
            print(f"{'not ok' if skipped else 'ok'} {number} - {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            trace = sys.exc_info()[2]
            while trace.tb_next:
                trace = trace.tb_next
            print(f"not ok {number} - {name}\n# line {trace.tb_lineno}: {type(error).__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)
