#!/usr/bin/env python3
"""The server is killed at random moments while it inspects, writes its history, builds banks and changes thresholds: afterwards every bank is
whole, old or new, and every record that a client was told of is there. Usage: kill.py PATH/okng-serve BUILD. Prints TAP. KILLS: how often (3)."""
import glob
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

from server import Server, run, wait_for

OKNG, BUILD = sys.argv[1], sys.argv[2]
KILLS = int(os.environ.get("KILLS", "3"))
JSON = ("Content-Type", "application/json")
chance = random.Random(int(os.environ.get("SEED", "1")))


def make(folder):
    """Two banks of made pictures, one of which is built again and again; a picture."""
    fixture = os.path.join(folder, "fixture")
    os.makedirs(fixture)
    subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), fixture], check=True)
    for name in ("kept", "rebuilt"):
        subprocess.run([os.path.join(BUILD, "okng"), "build", "--ok-dir", os.path.join(fixture, "ok"), "--out-dir",
                        os.path.join(folder, "banks", name), "--backbone", "okng-s", "--quiet"], check=True)
    return fixture


class Worker(threading.Thread):
    """Inspects until the server is gone; `told` has the ids of answers that came whole."""

    def __init__(self, server, data):
        super().__init__(daemon=True)
        self.server, self.data, self.told, self.wrong = server, data, [], []

    def run(self):
        try:
            while True:
                bank = chance.choice(("kept", "rebuilt"))
                answer = self.server.ask("POST", f"/v1/banks/{bank}/inspect", [("Content-Type", "image/png")], self.data)
                if answer.status == 200 and len(answer.body) == int(answer.headers["content-length"]):
                    self.told.append(answer.json()["id"])
                elif answer.status not in (0, 200, 503):
                    self.wrong.append((answer.status, answer.body[:200]))
        except OSError:
            pass


def change_and_build(server, folder):
    """Thresholds and a build, as long as the server is there."""
    try:
        number = 0
        while True:
            number += 1
            body = json.dumps({"image": 0.3 + 0.001 * (number % 100)}).encode()
            server.ask("PATCH", "/v1/banks/kept", [JSON], body)
            job = {"kind": "build", "bank": "rebuilt", "folder": os.path.join(folder, "ok"), "options": {"backbone": "okng-s"}}
            made = server.ask("POST", "/v1/jobs", [JSON], json.dumps(job).encode())
            states = {"queued", "running"} if made.status == 202 else set()
            while states and server.get("/v1/jobs/" + made.json()["id"]).json()["state"] in states:
                time.sleep(0.01)
            time.sleep(0.005)
    except (OSError, ValueError, KeyError):
        pass


def after(server, told):
    """What must hold once the server runs again."""
    banks = {bank["name"]: bank for bank in server.get("/v1/banks").json()["banks"]}
    assert set(banks) == {"kept", "rebuilt"}, sorted(banks)
    for name, bank in banks.items():
        assert bank["state"] in ("ready", "building"), bank
        answer = server.ask("POST", f"/v1/banks/{name}/inspect", [("Content-Type", "image/png")], picture)
        assert answer.status == 200, (name, answer.status, answer.body[:300])
    for record in told:
        answer = server.get(f"/v1/inspections/{record}")
        assert answer.status == 200, f"record {record} was told and is lost: {answer.body[:200]!r}"
    for file in glob.glob(os.path.join(server.banks, ".okng-serve", "**", "*.sqlite*"), recursive=True):
        if not file.endswith(("-wal", "-shm")):
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
                assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",), file


first = Server(OKNG)
fixture = make(first.folder)
with open(os.path.join(fixture, "ok", "000.png"), "rb") as good:
    picture = good.read()
first.process.kill()
first.process.wait()


def kills_lose_no_bank_and_no_record():
    told = 0
    for number in range(KILLS):
        server = Server(OKNG, "--root", fixture, banks=first.banks)
        workers = [Worker(server, picture) for _ in range(4)]
        builder = threading.Thread(target=change_and_build, args=(server, fixture), daemon=True)
        for worker in (*workers, builder):
            worker.start()
        if number % 2:  # of two kills one comes once there are records to lose, the other when it may
            assert wait_for(lambda: any(worker.told for worker in workers))
        time.sleep(0.05 + 0.6 * chance.random())
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        for worker in (*workers, builder):
            worker.join(30)
        ids = [record for worker in workers for record in worker.told]
        wrong = [text for worker in workers for text in worker.wrong]
        assert not wrong, (number, wrong[:3])
        told += len(ids)
        again = Server(OKNG, "--root", fixture, banks=first.banks)
        after(again, ids)
        assert again.stop() == 0
    assert told > 0
    print(f"# {KILLS} kills, {told} records that were told, all there")


try:
    run([kills_lose_no_bank_and_no_record])
finally:
    subprocess.run(["rm", "-rf", first.folder], check=False)
