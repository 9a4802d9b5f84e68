#!/usr/bin/env python3
"""Cameras of a line in the server: listed, looked through, and pictures that are pushed. Usage: cameras.py PATH/okng-serve BUILD. Prints TAP."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from server import Server, run, wait_for

OKNG, BUILD = sys.argv[1], sys.argv[2]
PNG = ("Content-Type", "image/png")
work = tempfile.mkdtemp(prefix="okng-cameras-")
LINE = """bank: nut
sync: false
sources:
  robot: {kind: push, size: 1}
  inbox: {kind: folder, path: in}
  test: {kind: gstreamer, pipeline: "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=10/1"}
sinks:
  log: {kind: history}
"""


def read(path):
    with open(path, "rb") as file:
        return file.read()


def make():
    """A folder of banks with "nut", line.yaml beside it, and a good picture."""
    fixture = os.path.join(work, "fixture")
    os.mkdir(fixture)
    os.mkdir(os.path.join(work, "in"))
    subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), fixture], check=True)
    subprocess.run([os.path.join(BUILD, "okng"), "build", "--ok-dir", fixture + "/ok", "--out-dir", work + "/banks/nut", "--backbone", "resnet18",
                    "--weights", fixture + "/resnet18.safetensors", "--resize", "64x64", "--quiet"], check=True, stderr=subprocess.DEVNULL)
    with open(work + "/line.yaml", "w", encoding="utf-8") as file:
        file.write(LINE)
    return read(fixture + "/ok/000.png")


good = make()
server = Server(OKNG, "--line", work + "/line.yaml", banks=work + "/banks")


def size_of(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n", png[:8]
    return struct.unpack(">II", png[16:24])


def source(name):
    return next(s for s in server.get("/v1/line").json()["sources"] if s["name"] == name)


def those_that_can_be_looked_through_are_listed():
    cameras = server.get("/v1/cameras").json()["cameras"]
    assert [c["name"] for c in cameras] == ["robot", "test"], cameras
    assert server.get("/v1/cameras/none/frame").status == 404
    assert server.get("/v1/cameras/inbox/frame").status in (404, 501)


def what_is_pushed_is_judged_and_can_be_seen():
    assert wait_for(lambda: source("robot")["state"] == "running")
    assert server.get("/v1/cameras/robot/frame").status == 404  # nothing yet
    assert server.ask("POST", "/v1/sources/robot", [PNG], good).status == 202
    assert server.ask("POST", "/v1/sources/robot", [PNG], b"no picture").status == 202  # told by its record
    counts = lambda: server.get("/v1/line").json()["counts"]
    assert wait_for(lambda: counts()["OK"] == 1 and counts()["NOT_INSPECTED"] >= 1), counts()
    assert server.ask("POST", "/v1/sources/robot", [PNG], good).status == 202
    assert size_of(server.get("/v1/cameras/robot/frame").body) == (80, 72)
    assert server.ask("POST", "/v1/sources/robot", [PNG], b"").status == 400
    assert server.ask("POST", "/v1/sources/robot", [PNG], b"x" * (1 << 20 | 1)).status == 413
    assert server.ask("POST", "/v1/sources/inbox", [PNG], good).status == 404
    assert server.ask("POST", "/v1/sources/none", [PNG], good).status == 404


def a_stream_is_seen_in_any_size():
    state = source("test")
    if state["state"] == "failed":
        print("# skipped:", state["why"])
        return
    assert wait_for(lambda: server.get("/v1/cameras/test/frame").status == 200)
    answer = server.get("/v1/cameras/test/frame")
    assert size_of(answer.body) == (160, 120)
    assert size_of(server.get("/v1/cameras/test/frame?size=40").body) == (40, 30)
    assert server.get("/v1/cameras/test/frame?size=x").status == 400


try:
    run([those_that_can_be_looked_through_are_listed, what_is_pushed_is_judged_and_can_be_seen, a_stream_is_seen_in_any_size])
finally:
    server.stop()
    shutil.rmtree(work, ignore_errors=True)
