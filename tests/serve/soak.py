#!/usr/bin/env python3
"""Many clients and more banks than are open at once: no error but the 503 that is meant, verdicts as `okng infer` gives them to the last
digit, flat memory, p50 and p99. Usage: soak.py PATH/okng-serve BUILD. Prints TAP and the figures.
OKNG_SOAK_SECONDS is how long (2); OKNG_SOAK_SHARED=FOLDER has weights/resnet18-imagenet-to-layer3.pth, a network of the usual size."""
import glob
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time

from server import Answer, Server, run

OKNG, BUILD = sys.argv[1], sys.argv[2]
SECONDS = float(os.environ.get("OKNG_SOAK_SECONDS", "2"))
CLIENTS, BANKS, OPEN = 32, 6, 3
COMMAND = os.path.join(BUILD, "okng")


def okng(*words):
    return subprocess.run([COMMAND, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def make_banks(folder, banks):
    """Banks of made pictures: a third of them learnt, the others copies with thresholds of their own. Returns pictures by bank."""
    fixture = os.path.join(folder, "fixture")
    os.makedirs(fixture)
    subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), fixture, "12"], check=True)
    pictures = sorted(glob.glob(os.path.join(fixture, "ok", "*.png")))[:6] + sorted(glob.glob(os.path.join(fixture, "n*", "*.png")))
    for number in range(BANKS):
        bank = os.path.join(banks, f"bank{number}")
        if number < BANKS // 3:
            okng("build", "--ok-dir", os.path.join(fixture, "ok"), "--out-dir", bank, "--k-shot", str(8 + number), "--backbone", "okng-s",
                 "--quiet")
        else:
            shutil.copytree(os.path.join(banks, f"bank{number % (BANKS // 3)}"), bank)
            okng("bank", "set", bank, "--threshold-image", str(0.5 + 0.1 * number), "--quiet")
    return {f"bank{number}": pictures for number in range(BANKS)}


def make_real_banks(folder, banks, shared):
    """Six of the products of `okng demo`, with a ResNet-18."""
    weights = os.path.join(shared, "weights", "resnet18-imagenet-to-layer3.pth")
    subprocess.run([os.path.join(BUILD, "tests", "make_products"), os.path.join(folder, "demo"), "7"], check=True)
    found = {}
    for number, category in enumerate(sorted(os.listdir(os.path.join(folder, "demo")))[:BANKS]):
        of = os.path.join(folder, "demo", category)
        okng("build", "--ok-dir", os.path.join(of, "train", "good"), "--out-dir", os.path.join(banks, category), "--backbone", "resnet18",
             "--weights", weights, "--quiet")
        found[category] = sorted(glob.glob(os.path.join(of, "test", "*", "*.*")))[::5][:8]
    return found


def digits(text):
    """A document with its numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str)


def expected_of(folder, banks, pictures):
    """What `okng infer` says of each picture with each bank, as its scores.json."""
    expected = {}
    for bank, files in pictures.items():
        out = os.path.join(folder, "out", bank)
        okng("infer", "--bank-dir", os.path.join(banks, bank), "--img", *files, "--out-dir", out, "--quiet")
        top = os.path.commonpath([os.path.dirname(file) for file in files])
        for file in files:
            with open(os.path.join(out, os.path.splitext(os.path.relpath(file, top))[0], "scores.json"), encoding="utf-8") as scores:
                expected[bank, file] = digits(scores.read())
    return expected


class Client(threading.Thread):
    """Asks for pictures of one product for a while, then of another, on a connection that stays."""

    def __init__(self, number):
        super().__init__(daemon=True)
        self.number, self.times, self.busy, self.wrong = number, [], 0, []
        self.random = random.Random(number)
        self.connection = None

    def ask(self, head, data):
        if self.connection is None:
            self.connection = server.connect(300)
        self.connection.sendall(head + data)
        return Answer(self.connection)

    def one(self, bank, file):
        data = contents[file]
        head = server.head("POST", f"/v1/banks/{bank}/inspect", [("Content-Type", "image/jpeg" if file.endswith(".jpg") else "image/png"), ("Content-Length", str(len(data)))])
        began = time.monotonic()
        answer = self.ask(head, data)
        if answer.status == 503 and "retry-after" in answer.headers:
            self.busy += 1
            time.sleep(0.02 + 0.05 * self.random.random())
            return
        self.times.append(time.monotonic() - began)
        if answer.status != 200:
            self.wrong.append(f"{bank}: status {answer.status} {answer.body[:200]!r}")
            self.connection = None
            return
        found, wanted = digits(answer.body), expected[bank, file]
        for key in ("image_score", "image_tau", "pixel_tau", "verdict", "p_value", "regions", "size"):
            if key in wanted and found.get(key) != wanted[key]:
                self.wrong.append(f"{bank} {os.path.basename(file)}: {key} is {found.get(key)}, of okng infer {wanted[key]}")

    def run(self):
        while time.monotonic() < until and not self.wrong:
            bank = self.random.choice(list(pictures))
            for _ in range(20):
                if time.monotonic() < until and not self.wrong:
                    try:
                        self.one(bank, self.random.choice(pictures[bank]))
                    except OSError as error:
                        self.wrong.append(f"{bank}: {error}")


shared = os.environ.get("OKNG_SOAK_SHARED")
server = Server(OKNG, "--max-banks", str(OPEN))
pictures = make_real_banks(server.folder, server.banks, shared) if shared else make_banks(server.folder, server.banks)
expected = expected_of(server.folder, server.banks, pictures)
contents = {}
for name in {file for files in pictures.values() for file in files}:
    with open(name, "rb") as picture:
        contents[name] = picture.read()
clients, resident = [], []
until = 0.0


def figures():
    times = sorted(time for client in clients for time in client.times)
    assert times, "nothing was answered"
    rate = len(times) / SECONDS
    return rate, times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]


def many_clients_get_what_okng_infer_gives():
    global until
    until = time.monotonic() + SECONDS
    clients.extend(Client(number) for number in range(CLIENTS))
    for client in clients:
        client.start()
    while time.monotonic() < until:
        time.sleep(min(0.5, SECONDS / 10))
        resident.append(server.resident())
    for client in clients:
        client.join()
    wrong = [text for client in clients for text in client.wrong]
    assert not wrong, wrong[:3]
    rate, middle, worst = figures()
    busy = sum(client.busy for client in clients)
    print(f"# {SECONDS:.0f} s, {CLIENTS} clients, {BANKS} banks, {OPEN} open: {rate:.1f} pictures a second, p50 {1000 * middle:.0f} ms, "
          f"p99 {1000 * worst:.0f} ms, {busy} times 503, resident {resident[-1] >> 20} MiB", flush=True)


def memory_is_flat():
    """Banks come and go, so it goes up and down: the middle of the last quarter of the time is that of the quarter before it."""
    if SECONDS < 60:
        return "the short form is too short for that"
    quarter = len(resident) // 4
    before, last = (sorted(part)[quarter // 2] for part in (resident[-2 * quarter:-quarter], resident[-quarter:]))
    print(f"# resident: {before >> 20} MiB in the third quarter, {last >> 20} MiB in the last")
    assert last < before * 1.05 + (8 << 20), (before, last)
    return None


def throughput_beside_the_bench():
    """Beside `okng bench bank` of the same banks, just afterwards: told, for who measures on a machine that does nothing else."""
    if SECONDS < 30:
        return "the short form is too short for that"
    rates = []
    for bank in sorted(pictures)[:3]:
        said = okng("bench", "bank", "--bank-dir", os.path.join(server.banks, bank), "--img", pictures[bank][0])
        found = re.search(r"(\d+) pictures, files to maps.*?threads? +([0-9.]+)", said)
        rates.append(1000 * int(found.group(1)) / float(found.group(2)))
    rate, bench = figures()[0], sum(rates) / len(rates)
    print(f"# okng bench bank: {bench:.1f} pictures a second; the server had {100 * rate / bench:.0f} % of that")
    return None


def it_stops_in_order():
    assert server.stop() == 0


run([many_clients_get_what_okng_infer_gives, memory_is_flat, throughput_beside_the_bench, it_stops_in_order])
