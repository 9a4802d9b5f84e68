#!/usr/bin/env python3
"""The systemd unit and the configuration of the package, and what the server tells systemd. Usage: unit.py PATH/okng-serve BUILD. Prints TAP."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from server import Server, run

OKNG = sys.argv[1]
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
UNIT = os.path.join(TOP, "cmake", "serve", "okng-serve.service")


def systemd_is_told_of_begin_and_end():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(os.path.join(folder, "notify"))
        ear.settimeout(20)
        server = Server(OKNG, env={"NOTIFY_SOCKET": os.path.join(folder, "notify")})
        assert ear.recv(100) == b"READY=1"
        assert server.stop() == 0
        assert ear.recv(100) == b"STOPPING=1"


def the_configuration_is_read():
    """Every key of it; what is commented out too."""
    with open(os.path.join(TOP, "configs", "serve.yaml"), encoding="utf-8") as file:
        text = re.sub(r"^# (listen|token-file|host):", r"\1:", file.read(), flags=re.M)
    with tempfile.TemporaryDirectory() as folder:
        text = text.replace("/var/lib/okng", folder).replace("listen: 127.0.0.1:8080\n", "")
        with open(os.path.join(folder, "serve.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        server = Server(OKNG, "--config", os.path.join(folder, "serve.yaml"))
        assert server.token and server.get("/v1/session", ("Host", "inspect.example")).status == 200
        assert server.stop() == 0


def the_unit_is_one():
    if not shutil.which("systemd-analyze"):
        return "needs systemd-analyze"
    with tempfile.TemporaryDirectory() as folder:
        with open(UNIT, encoding="utf-8") as file:
            text = file.read().replace("/usr/bin/okng-serve", OKNG)
        copy = os.path.join(folder, "okng-serve.service")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        said = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, check=False)
        about = [line for line in said.stderr.splitlines() if "okng" in line]
        assert not about, about
        said = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", copy], capture_output=True, text=True,
                              check=False)
        assert said.returncode == 0, said.stdout[-500:] + said.stderr
    return None


run([systemd_is_told_of_begin_and_end, the_configuration_is_read, the_unit_is_one])
