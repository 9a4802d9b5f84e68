#!/usr/bin/env python3
"""TLS by nginx before the server, with the configuration that docs/server.md shows and a made certificate.
Usage: nginx.py PATH/okng-serve BUILD. Prints TAP; skipped without Debian's nginx-light, openssl and curl."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from server import PATIENCE, Server, run, wait_for

OKNG = sys.argv[1]
NAME = "inspect.example"
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "server.md")
tokens = tempfile.TemporaryDirectory()
missing = [name for name in ("nginx", "openssl", "curl") if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")]


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start():
    """The server, and nginx with what the document tells to write."""
    server = Server(OKNG, "--host", NAME, "--token-file", os.path.join(tokens.name, "tokens"))
    folder, port = server.folder, free_port()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                    f"subjectAltName=DNS:{NAME}", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True,
                   stderr=subprocess.DEVNULL)
    with open(DOCS, encoding="utf-8") as docs:
        block = re.search(r"```nginx\n(.*?)```", docs.read(), re.S).group(1)
    for old, new in (("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("/etc/ssl/inspect.crt", f"{folder}/cert.pem"),
                     ("/etc/ssl/inspect.key", f"{folder}/key.pem"), ("127.0.0.1:8080", f"127.0.0.1:{server.port}")):
        assert old in block, (old, block)
        block = block.replace(old, new)
    with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as config:
        paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config.write(f"pid {folder}/nginx.pid; daemon off; error_log {folder}/error.log; events {{}}\n"
                     f"http {{ access_log off; {paths}\n{block}\n}}\n")
    proxy = subprocess.Popen(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL,
                             env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin"))
    return server, proxy, port


server, proxy, port = start() if not missing else (None, None, 0)


def curl(path, *words):
    """Status and body; the certificate is checked."""
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", "--max-time", str(PATIENCE), "--cacert", f"{server.folder}/cert.pem",
                           "--resolve", f"{NAME}:{port}:127.0.0.1", "-w", "\n%{http_code}", *words, f"https://{NAME}:{port}{path}"],
                          capture_output=True, text=True, check=False)
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body + done.stderr


def it_answers_over_tls():
    assert wait_for(lambda: curl("/healthz")[0] == 200), curl("/healthz")
    status, body = curl("/v1/session")
    assert status == 200 and '"needs_token":true' in body, (status, body)
    assert curl("/v1/users")[0] == 401
    assert curl("/v1/users", "-H", f"Authorization: Bearer {server.token}")[0] == 200


def its_own_page_may_ask_and_no_other():
    bearer = ("-H", f"Authorization: Bearer {server.token}")
    assert curl("/v1/users", *bearer, "-H", f"Origin: https://{NAME}:{port}")[0] == 200
    assert curl("/v1/users", *bearer, "-H", "Origin: https://evil.example")[0] == 403


def events_come_through_at_once():
    """nginx would else keep them until its buffer is full."""
    words = ["curl", "-sSN", "--noproxy", "*", "--cacert", f"{server.folder}/cert.pem", "--resolve", f"{NAME}:{port}:127.0.0.1", "-H",
             f"Authorization: Bearer {server.token}", "--max-time", str(PATIENCE), f"https://{NAME}:{port}/v1/events"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout.readline() == "event: ping\n"
        client.kill()


def large_bodies_come_through():
    body = os.path.join(server.folder, "body")
    with open(body, "wb") as file:
        file.write(b" " * (3 << 20))
    status, said = curl("/v1/banks/none/inspect", "-H", f"Authorization: Bearer {server.token}", "-H", "Content-Type: image/png",
                        "--data-binary", f"@{body}")
    assert status in (404, 422), (status, said)  # of the server: there is no such bank


def both_stop():
    proxy.terminate()
    assert proxy.wait(PATIENCE) == 0
    assert server.stop() == 0


def with_nginx(test):
    def checked():
        return "needs " + ", ".join(missing) if missing else test()
    checked.__name__ = test.__name__
    return checked


run([with_nginx(test) for test in (it_answers_over_tls, its_own_page_may_ask_and_no_other, events_come_through_at_once,
                                   large_bodies_come_through, both_stop)])
