#!/usr/bin/env python3
"""Requests as nobody should send them, and clients that do not behave: each has its answer, and the server goes on answering.
Usage: clients.py PATH/okng-serve. Prints TAP."""
import resource
import signal
import socket
import sys
import time

from server import PATIENCE, Answer, Server, run, wait_for

OKNG = sys.argv[1]
JSON = ("Content-Type", "application/json")


def expect(answer, status, kind=None):
    assert answer.status == status, (answer.status, answer.headers, answer.body[:300])
    if kind:
        assert answer.problem() == kind, (answer.problem(), kind)
    return answer


# ---- one server for what leaves it as it was ------------------------------------------------------------------------
server = Server(OKNG, "--max-body", "100K", "--host", "inspect.example")


def health_and_metrics_answer():
    assert expect(server.get("/healthz"), 200).json() == {"status": "ok"}
    assert expect(server.get("/readyz"), 200).json() == {"status": "ready"}
    expect(server.get("/nothing"), 404)
    text = expect(server.get("/metrics"), 200).body.decode()
    assert 'okng_http_requests_total{route="none",status="404"} ' in text, text
    assert "okng_http_connections " in text and "okng_build_info{version=" in text
    session = expect(server.get("/v1/session"), 200).json()
    assert session["name"] == "local" and session["role"] == "admin" and session["needs_token"] is False, session


def wrong_addresses_are_told():
    expect(server.get("/nothing"), 404, "no-such-address")
    expect(server.get("/v1/users/"), 404, "no-such-address")
    expect(server.get("/v1/../v1/users"), 400, "wrong-address")
    expect(server.get("/v1/%2e%2e/users"), 400, "wrong-address")
    expect(server.get("/v1/users%00"), 400, "wrong-address")
    expect(server.get("/v1/users%0d%0aX:y"), 400, "wrong-address")
    expect(server.get("/%ff"), 400, "wrong-address")
    expect(server.get("/" + "a" * 9000), 414, "wrong-address")
    expect(server.get("/v1/users?limit=1"), 400, "wrong-parameter")
    expect(server.get("/v1/events?bank=a&bank=b"), 400, "wrong-address")


def wrong_methods_are_told():
    answer = expect(server.ask("PUT", "/v1/users", [JSON], b"{}"), 405, "wrong-method")
    assert answer.headers["allow"] == "GET, HEAD, POST", answer.headers
    expect(server.ask("TRACE", "/healthz"), 405, "wrong-method")
    expect(server.ask("OPTIONS", "/v1/users"), 405, "wrong-method")
    expect(server.ask("get", "/healthz"), 405, "wrong-method")
    head = expect(server.ask("HEAD", "/healthz"), 200)
    assert head.headers["content-length"] == "15" and head.body == b"", (head.headers, head.body)
    with server.connect() as client:  # a stream has no end, and none must come before the next answer
        client.sendall(server.head("HEAD", "/v1/events") + server.head("GET", "/healthz"))
        head = expect(Answer(client, "HEAD"), 200)
        assert head.headers["content-type"] == "text/event-stream", head.headers
        rest = head.body
        while b"{" not in rest:
            more = client.recv(4096)
            assert more, rest
            rest += more
        assert rest.startswith(b"HTTP/1.1 200 "), rest


def wrong_bodies_are_told():
    expect(server.ask("POST", "/v1/users", [JSON], b"{"), 400, "wrong-body")
    expect(server.ask("POST", "/v1/users", [JSON], b"[]"), 400, "wrong-body")
    expect(server.ask("POST", "/v1/users", [JSON], b"{}"), 400, "wrong-body")
    expect(server.ask("POST", "/v1/users", [JSON], b"[" * 5000), 413, "wrong-body")
    expect(server.ask("POST", "/v1/users", [JSON], b'{"name":"\xff","role":"admin"}'), 400, "wrong-body")
    expect(server.ask("POST", "/v1/users", [JSON]), 400, "no-body")
    expect(server.ask("POST", "/v1/users", [("Content-Type", "text/plain")], b"{}"), 415, "wrong-type")
    expect(server.ask("POST", "/v1/users", [], b"{}"), 415, "wrong-type")
    expect(server.ask("GET", "/v1/users", [JSON], b"{}"), 400, "no-body-expected")
    expect(server.ask("POST", "/v1/users", [JSON], b" " * 16385), 413, "body-too-large")


def oversized_bodies_are_refused_before_they_are_read():
    huge = [JSON, ("Content-Length", "99999999999")]
    expect(server.ask("POST", "/v1/users", huge, b"x" * 1000), 413, "body-too-large")
    expect(server.ask("POST", "/v1/users", huge + [("Expect", "100-continue")]), 413, "body-too-large")
    chunks = b"4000\r\n" + b" " * 0x4000 + b"\r\n" + b"4000\r\n" + b" " * 0x4000 + b"\r\n0\r\n\r\n"
    expect(server.ask("POST", "/v1/users", [JSON, ("Transfer-Encoding", "chunked")], chunks), 413, "over-a-limit")
    fine = b"2\r\n{}\r\n0\r\n\r\n"
    expect(server.ask("POST", "/v1/users", [JSON, ("Transfer-Encoding", "chunked")], fine), 400, "wrong-body")


def an_endless_body_is_cut_off():
    with server.connect() as client:
        client.sendall(server.head("POST", "/v1/users", [JSON, ("Transfer-Encoding", "chunked")]))
        sent = 0
        try:
            while sent < 64 << 20:
                client.sendall(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
                sent += 0x4000
        except OSError:
            pass
    assert sent < 32 << 20, sent


def damaged_lengths_and_chunks_end_the_connection():
    for headers, body in (([("Content-Length", "-1")], b"{}"), ([("Content-Length", "2x")], b"{}"),
                          ([("Transfer-Encoding", "chunked")], b"zz\r\n{}\r\n0\r\n\r\n"),
                          ([("Transfer-Encoding", "chunked")], b"fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
                          ([("Transfer-Encoding", "gzip")], b"{}"),
                          ([("Transfer-Encoding", "chunked"), ("Content-Length", "2")], b"2\r\n{}\r\n0\r\n\r\n"),
                          ([("Content-Length", "2"), ("Content-Length", "3")], b"{}")):
        answer = server.ask("POST", "/v1/users", [JSON, *headers], body)
        assert answer.status in (0, 400, 413, 501), (headers, answer.status, answer.body)
    expect(server.get("/healthz"), 200)


def damaged_requests_are_no_trouble():
    for raw in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200, b"\0" * 4000, b"A" * 200000,
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
                b"GET /healthz HTTP/1.1\r\n: empty\r\nHost: localhost\r\n\r\n",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        with server.connect(0.3) as client:  # some are answered, some waited for
            try:
                client.sendall(raw)
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            assert Answer(client).status in (0, 200, 400, 414, 431, 505)
    expect(server.get("/healthz"), 200)


def headers_have_their_limits():
    expect(server.get("/healthz", *[(f"X-{i}", "y") for i in range(101)]), 431, "too-many-headers")
    expect(server.get("/healthz", ("X-Long", "y" * 17000)), 431, "too-many-headers")
    expect(server.get("/healthz", ("X-Long", "y" * 16000)), 200)
    assert server.get("/healthz", ("X-Long", "y" * 200000)).status in (0, 431)  # libmicrohttpd's own refusal
    expect(server.get("/healthz", ("Origin", "http://a"), ("Origin", "http://b")), 400, "wrong-header")


def only_its_own_names_are_served():
    """A name of somebody else that leads to this address: DNS rebinding."""
    expect(server.get("/v1/session", ("Host", "evil.example")), 421, "wrong-host")
    expect(server.get("/v1/session", ("Host", f"127.0.0.1.evil.example:{server.port}")), 421, "wrong-host")
    expect(server.get("/v1/session", ("Host", "localhost@evil")), 421, "wrong-host")
    expect(server.get("/v1/session", ("Host", "")), 400)
    expect(server.ask("GET", "", raw=b"GET /v1/session HTTP/1.1\r\n\r\n"), 400)
    for host in ("localhost", f"localhost:{server.port}", "127.0.0.1", "[::1]:80", "10.1.2.3:80", "Inspect.Example:8443"):
        expect(server.get("/v1/session", ("Host", host)), 200)
    expect(server.get("/healthz", ("Host", "evil.example")), 200)  # probes have no names


def pages_elsewhere_may_not_ask():
    own = f"http://127.0.0.1:{server.port}"
    body = b'{"name":"a","role":"admin"}'
    expect(server.ask("POST", "/v1/users", [JSON, ("Origin", "http://evil.example")], body), 403, "foreign-page")
    expect(server.ask("POST", "/v1/users", [JSON, ("Origin", "null")], body), 403, "foreign-page")
    expect(server.ask("POST", "/v1/users", [JSON, ("Origin", "http://127.0.0.1:1")], body), 403, "foreign-page")
    expect(server.ask("POST", "/v1/users", [JSON, ("Sec-Fetch-Site", "cross-site")], body), 403, "foreign-page")
    expect(server.ask("POST", "/v1/users", [JSON, ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "navigate")], body), 403,
           "foreign-page")
    expect(server.get("/v1/session", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")), 403, "foreign-page")
    expect(server.get("/healthz", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")), 200)  # a link
    expect(server.ask("POST", "/v1/users", [JSON, ("Origin", own), ("Sec-Fetch-Site", "same-origin")], body), 501,
           "not-possible")  # let in; there are no tokens
    name = ("Host", "inspect.example:8443")
    expect(server.get("/v1/session", name, ("Origin", "https://inspect.example:8443")), 200)  # behind a proxy


def answers_carry_what_keeps_browsers_safe():
    headers = expect(server.get("/v1/session"), 200).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store", headers
    assert headers["content-security-policy"].startswith("default-src 'none'"), headers
    assert "access-control-allow-origin" not in headers and "set-cookie" not in headers, headers
    page = expect(server.get("/"), 200)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy, policy
    again = expect(server.get("/", ("If-None-Match", page.headers["etag"])), 304)
    assert again.body == b"", again.body


def one_connection_carries_many_requests():
    with server.connect() as client:
        for _ in range(50):
            for path, status in (("/healthz", 200), ("/nothing", 404), ("/v1/users?x", 400)):
                client.sendall(server.head("GET", path))
                expect(Answer(client), status)
        client.sendall(server.head("POST", "/v1/users", [("Content-Type", "text/plain")], b"x" * 5000))
        expect(Answer(client), 415)
        client.sendall(server.head("GET", "/healthz") * 20)  # pipelined
        data = b""
        while data.count(b'{"status":"ok"}') < 20:
            more = client.recv(1 << 16)
            assert more, data
            data += more


def half_requests_hold_up_nobody():
    pieces = (b"G", b"GET /healthz", b"GET /healthz HTTP/1.1\r\nHost", server.head("POST", "/v1/users", [JSON, ("Content-Length", "50")]))
    clients = [server.connect() for _ in range(100)]
    for number, client in enumerate(clients):
        client.sendall(pieces[number % len(pieces)])
    began = time.monotonic()
    for _ in range(20):
        expect(server.get("/v1/session"), 200)
    assert time.monotonic() - began < PATIENCE / 2, time.monotonic() - began
    for client in clients:
        client.close()


def events_come_and_their_clients_go():
    with server.connect() as client:
        client.sendall(server.head("GET", "/v1/events"))
        data = b""
        while b"event: ping" not in data:
            more = client.recv(4096)
            assert more, data
            data += more
        assert b"text/event-stream" in data and b"HTTP/1.1 200" in data, data
        assert wait_for(lambda: b"okng_event_streams 1" in server.get("/metrics").body)


def ten_thousand_idle_connections_leave_it_answering():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 10000
    if hard < wanted + 200:
        return f"needs ulimit -Hn {wanted + 200}, has {hard}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 200, hard))
    clients = []
    try:
        for number in range(wanted):
            clients.append(server.connect())
            if number % 1000 == 999:
                began = time.monotonic()
                expect(server.get("/v1/session"), 200)
                assert time.monotonic() - began < PATIENCE / 4, (number, time.monotonic() - began)
        text = server.get("/metrics").body.decode()
        open_now = int(text.split("\nokng_http_connections ")[1].split("\n")[0])
        assert open_now <= 600, open_now
    finally:
        for client in clients:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return None


def all_of_it_left_nothing_behind():
    assert wait_for(lambda: b"okng_http_requests_running 1\n" in server.get("/metrics").body)  # this one
    assert wait_for(lambda: int(server.get("/metrics").body.decode().split("\nokng_http_connections ")[1].split("\n")[0]) < 5)
    with server.connect() as client:  # of a client that is in the middle of a request
        client.sendall(server.head("POST", "/v1/users", [JSON], b'{"name":"a","role":"admin"}')[:-5])
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        assert wait_for(lambda: refuses(server))
        client.sendall(b'min"}')
        answer = expect(Answer(client), 501, "not-possible")
        assert answer.headers["connection"].lower() == "close", answer.headers
    assert server.stop(None) == 0


def refuses(one):
    try:
        one.connect(1).close()
        return False
    except OSError:
        return True


# ---- servers of their own -------------------------------------------------------------------------------------------
def slow_clients_are_closed_in_time():
    own = Server(OKNG, "--config", config("idle-time: 0.5\nrequest-time: 1\n"))
    try:
        for begin in (b"", own.head("POST", "/v1/users", [JSON, ("Content-Length", "1000")])):
            with own.connect() as client:
                client.sendall(begin)
                began, closed = time.monotonic(), False
                while not closed and time.monotonic() - began < PATIENCE:
                    try:
                        client.sendall(b"G")  # a byte now and then, so that no limit of silence ever passes
                        closed = client.recv(10, socket.MSG_DONTWAIT) == b""
                    except BlockingIOError:
                        time.sleep(0.05)
                    except OSError:
                        closed = True
                assert closed
        with own.connect() as client:  # nothing after an answer
            client.sendall(own.head("GET", "/healthz"))
            expect(Answer(client), 200)
            assert client.recv(10) == b""
    finally:
        assert own.stop() == 0


def config(text):
    import tempfile
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        file.write(text)
    return file.name


def tokens_have_roles():
    own = Server(OKNG, "--token-file", config("") + ".tokens")
    try:
        admin = own.token
        made = {}
        for role in ("operator", "engineer"):
            body = f'{{"name":"{role[0]}","role":"{role}"}}'.encode()
            made[role] = expect(own.ask("POST", "/v1/users", [JSON], body), 201).json()["token"]
        expect(own.ask("POST", "/v1/users", [JSON], b'{"name":"o","role":"admin"}'), 409, "user-conflict")
        expect(own.ask("POST", "/v1/users", [JSON], b'{"name":"x","role":"boss"}'), 400, "wrong-body")
        assert [user["role"] for user in own.get("/v1/users").json()["users"]] == ["admin", "operator", "engineer"]

        def status(token, path="/v1/users"):
            return own.get(path, ("Authorization", token)).status
        assert status(f"Bearer {made['operator']}") == 403 and status(f"Bearer {made['engineer']}") == 403
        assert status(f"Bearer {made['operator']}", "/v1/options") == 200
        assert status(f"bearer {made['operator']}", "/v1/options") == 200
        for wrong in ("", "Bearer", "Bearer ", f"Basic {admin}", admin, f"Bearer {admin}x", f"Bearer {admin[:-1]}",
                      f"Bearer  {admin}"):
            assert status(wrong) == 401, wrong
        answer = own.get("/v1/options", ("Authorization", "Bearer x"))
        assert answer.problem() == "no-token" and answer.headers["www-authenticate"].startswith("Bearer"), answer.headers
        assert status("", "/healthz") == 200 and status("", "/metrics") == 200  # on loopback
        session = own.get("/v1/session", ("Authorization", "")).json()
        assert session["name"] is None and session["role"] == "none" and session["needs_token"] is True, session
        with own.connect() as client:  # who is no user any more follows no events either
            client.sendall(own.head("GET", "/v1/events", [("Authorization", f"Bearer {made['operator']}")]))
            assert b"HTTP/1.1 200" in client.recv(4096)
            expect(own.ask("DELETE", "/v1/users/o"), 204)
            data = b""
            while not data.endswith(b"0\r\n\r\n"):
                more = client.recv(4096)
                assert more, data
                data += more
        assert status(f"Bearer {made['operator']}", "/v1/options") == 401
        expect(own.ask("DELETE", "/v1/users/admin"), 409, "user-conflict")
    finally:
        assert own.stop() == 0


def only_loopback_needs_no_token():
    import subprocess
    for words, said in ((["--listen", "0.0.0.0:0"], "--token-file"), (["--listen", "8080"], "ADDRESS:PORT"),
                        (["--max-banks", "0"], "1..10000"), (["--config", "/no/such.yaml"], "/no/such.yaml"),
                        (["--listen", f"127.0.0.1:{server.port}"], "cannot listen")):
        done = subprocess.run([OKNG, "serve", "--banks", server.banks, *words], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        assert done.returncode in (1, 2) and said in done.stderr, (words, done.returncode, done.stderr)


run([health_and_metrics_answer, wrong_addresses_are_told, wrong_methods_are_told, wrong_bodies_are_told,
     oversized_bodies_are_refused_before_they_are_read, an_endless_body_is_cut_off, damaged_lengths_and_chunks_end_the_connection,
     damaged_requests_are_no_trouble, headers_have_their_limits, only_its_own_names_are_served, pages_elsewhere_may_not_ask,
     answers_carry_what_keeps_browsers_safe, one_connection_carries_many_requests, half_requests_hold_up_nobody,
     events_come_and_their_clients_go, only_loopback_needs_no_token, slow_clients_are_closed_in_time, tokens_have_roles,
     ten_thousand_idle_connections_leave_it_answering, all_of_it_left_nothing_behind])
