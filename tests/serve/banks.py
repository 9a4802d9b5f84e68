#!/usr/bin/env python3
"""Banks by HTTP: verdicts as those of okng infer, byte for byte; changes, the bin, the queue, and banks that change while they are used.
Usage: banks.py PATH/okng-serve BUILD. Prints TAP."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

from server import Answer, Server, run, wait_for

SERVE, BUILD = sys.argv[1:3]
OKNG = os.path.join(BUILD, "okng")
JSON, PNG = ("Content-Type", "application/json"), ("Content-Type", "image/png")


def expect(answer, status, kind=None):
    assert answer.status == status, (answer.status, answer.headers, answer.body[:300])
    if kind:
        assert answer.problem() == kind, (answer.problem(), kind)
    return answer


def run_okng(*words):
    subprocess.run([OKNG, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def read(path):
    with open(path, "rb") as file:
        return file.read()


# ---- parts, and a bank of them that every test gets a copy of -----------------------------------------------------------
work = tempfile.mkdtemp(prefix="okng-banks-")
parts = os.path.join(work, "parts")
subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), parts], check=True, stdout=subprocess.DEVNULL)
run_okng("build", "--ok-dir", f"{parts}/ok", "--out-dir", f"{work}/bank", "--backbone", "resnet18", "--weights",
         f"{parts}/resnet18.safetensors", "--resize", "64", "--threads", "2")
NG = read(f"{parts}/ng/000.png")


def unread(client):
    """Bytes that the other side has not taken from the kernel yet: of the rows of /proc/net/tcp its own."""
    here, there = client.getsockname()[1], client.getpeername()[1]
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            words = line.split()
            if (int(words[1].split(":")[1], 16), int(words[2].split(":")[1], 16)) == (there, here):
                return int(words[4].split(":")[1], 16)
    return 1  # it is not accepted yet


class Banks(Server):
    def __init__(self, names, *words, env=None):
        self.root = tempfile.mkdtemp(prefix="banks-", dir=work)
        for name in names:
            shutil.copytree(f"{work}/bank", f"{self.root}/{name}")
        super().__init__(SERVE, *words, banks=self.root, env=env)

    def inspect(self, name, query="", body=NG, headers=(PNG,)):
        return self.ask("POST", f"/v1/banks/{name}/inspect{query}", headers, body)

    def send(self, method, path, document):
        return self.ask(method, path, [JSON], json.dumps(document).encode())


server = Banks(["a", "b", "c"])


def a_picture_finds_its_bank():
    def send(body, query="?route=auto"):
        return server.ask("POST", f"/v1/inspect{query}", (PNG,), body)

    part = read(f"{parts}/ok/003.png")
    found = expect(send(part), 200).json()
    nearest = found["route"]["nearest"]
    assert found["route"]["bank"] == "a" and [one["bank"] for one in nearest] == ["a", "b", "c"], found["route"]
    assert found["route"]["margin"] == 1 and found["verdict"] == "OK" and len(found["id"]) == 32, found
    assert json.loads(expect(send(part, "?route=auto&return=mask"), 200).headers["x-okng-result"])["route"]["bank"] == "a"
    stranger = b"P6 80 72 255\n" + bytes((x * x // 7 + y * 31 + 97 * c) % 256 for y in range(72) for x in range(80) for c in range(3))
    assert len(expect(send(stranger), 422, "no-bank-fits").json()["nearest"]) == 3
    last = expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]  # a part with a large fault may be a stranger
    assert last["verdict"] == "NOT_INSPECTED" and last["bank"] is None and "none of the banks" in last["why"], last
    expect(send(stranger, "?route=auto&record=0"), 422, "no-bank-fits")
    assert expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]["id"] == last["id"]
    expect(send(part, ""), 400, "wrong-parameter")
    expect(send(part, "?route=b"), 400, "wrong-parameter")
    expect(send(b"no picture"), 422)
    last = expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]
    assert last["verdict"] == "NOT_INSPECTED" and "no picture" in last["why"], last


def a_picture_tells_its_verdict_among_many_banks():
    """The verdict comes in a header, which would be left out where it were too long."""
    many = Banks(["a"])
    try:
        for number in range(160):
            os.symlink("a", f"{many.root}/product number {number}")
        drawn = expect(many.ask("POST", "/v1/inspect?route=auto&return=mask", [PNG], read(f"{parts}/ok/003.png")), 200)
        head = json.loads(drawn.headers["x-okng-result"])
        assert head["verdict"] == "OK" and len(head["route"]["nearest"]) == 10, head
    finally:
        assert many.stop() == 0


def results_are_those_of_okng_infer():
    out = f"{work}/out"
    run_okng("infer", "--bank-dir", f"{server.root}/a", "--img", f"{parts}/ng/000.png", "--out-dir", out, "--save-map")
    told = read(f"{out}/scores.json").rstrip()[:-1].rstrip()  # without its last brace
    answer = expect(server.inspect("a"), 200)
    assert answer.body.startswith(told + b",\n"), (answer.body, told)
    assert len(answer.json()["id"]) == 32, answer.body
    for kind, file in (("overlay", "overlay.png"), ("heat", "heat_color.png"), ("mask", "mask.png"), ("map", "map.npy")):
        drawn = expect(server.inspect("a", f"?return={kind}"), 200)
        assert drawn.body == read(f"{out}/{file}"), kind
        head = json.loads(drawn.headers["x-okng-result"])
        assert head["verdict"] == answer.json()["verdict"] and len(head["id"]) == 32, head
    form = (b"--part\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"p/1.png\"\r\n\r\n" + NG + b"\r\n--part--\r\n")
    sent = expect(server.inspect("a", body=form, headers=[("Content-Type", "multipart/form-data; boundary=part")]), 200)
    assert sent.body.startswith(told + b",\n")
    for cut in range(6):  # the first bytes of a part come by themselves
        with server.connect() as client:
            whole = server.head("POST", "/v1/banks/a/inspect", [("Content-Type", "multipart/form-data; boundary=part")], form)
            begin = whole.index(NG) + cut
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(whole[:begin])
            assert wait_for(lambda: not unread(client))
            client.sendall(whole[begin:])
            sent = expect(Answer(client, "POST"), 200)
        assert sent.body.startswith(told + b",\n"), cut
    record = expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]
    assert record["id"] == sent.json()["id"] and record["picture"] == "1.png" and record["bank"] == "a", record
    assert record["bank_hash"] == expect(server.get("/v1/banks/a"), 200).json()["hash"], record
    expect(server.inspect("a", "?record=0"), 200)
    assert expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]["id"] == record["id"]


def what_cannot_be_inspected_is_told():
    before = len(expect(server.get("/v1/inspections"), 200).json()["inspections"])
    expect(server.inspect("none"), 404, "bank-not-found")
    expect(server.inspect("..%2fa"), 400, "wrong-argument")
    expect(server.inspect("%00"), 400)
    expect(server.inspect("a" * 300), 400, "wrong-argument")
    expect(server.inspect("a", body=b""), 400, "no-body")
    expect(server.inspect("a", "?return=video"), 400, "wrong-parameter")
    expect(server.inspect("a", "?threshold_image=x"), 400, "wrong-parameter")
    expect(server.inspect("a", "?record=2"), 400, "wrong-parameter")
    told = expect(server.inspect("a", headers=[("Content-Type", "text/plain")]), 415).json()["detail"]
    assert told.endswith("expected image/*, application/octet-stream, multipart/form-data"), told
    assert len(expect(server.get("/v1/inspections"), 200).json()["inspections"]) == before
    expect(server.inspect("a", body=NG[:-40]), 422, "damaged-input")
    expect(server.inspect("a", body=b"no picture"), 422, "damaged-input")
    last = expect(server.get("/v1/inspections?limit=1"), 200).json()["inspections"][0]
    assert last["verdict"] == "NOT_INSPECTED" and "no picture" in last["why"] and last["score"] is None, last


def thresholds_change_for_all_who_come_after():
    told = expect(server.get("/v1/banks/b"), 200).json()
    histogram = told["histogram"]
    assert sum(histogram["counts"]) == len(told["scores"]) == told["pictures"], told
    assert histogram["low"] == told["scores"][0] and histogram["high"] == told["scores"][-1], histogram
    assert expect(server.inspect("b"), 200).json()["verdict"] == "NG"
    changed = expect(server.send("PATCH", "/v1/banks/b", {"image": 1e6, "review": [9e5, 2e6]}), 200).json()
    assert changed["image_threshold"] == 1e6 and changed["review"] == [9e5, 2e6] and changed["hash"] != told["hash"], changed
    assert expect(server.inspect("b"), 200).json()["verdict"] == "OK"
    again = expect(server.send("PATCH", "/v1/banks/b", {"reset": True}), 200).json()
    assert again["image_threshold"] == told["image_threshold"] and again["review"] is None, again
    changes = expect(server.get("/v1/changes?bank=b"), 200).json()["changes"]
    assert [c["what"] for c in changes] == ["threshold", "threshold"] and changes[1]["after"]["image"] == 1e6, changes
    assert changes[1]["before"]["image"] == told["image_threshold"] and changes[0]["by"] == "local", changes
    for wrong in ({}, {"image": "1"}, {"image": None}, {"review": [1]}, {"review": [2, 1]}, {"reset": 1}, {"name": 1}, {"threshold": 1},
                  {"max_count": -2}):
        expect(server.send("PATCH", "/v1/banks/b", wrong), 400)
    expect(server.send("PATCH", "/v1/banks/b", {"image": 1e6, "name": "../b"}), 400)
    expect(server.send("PATCH", "/v1/banks/b", {"image": 1e6, "name": "a"}), 409, "name-taken")
    assert expect(server.get("/v1/banks/b"), 200).json()["image_threshold"] == told["image_threshold"]  # all of it or nothing
    assert len(expect(server.get("/v1/changes?bank=b"), 200).json()["changes"]) == 2
    expect(server.send("PATCH", "/v1/banks/none", {"image": 1}), 404, "bank-not-found")


def banks_go_to_the_bin_and_come_back():
    def names():
        return [bank["name"] for bank in expect(server.get("/v1/banks"), 200).json()["banks"]]
    expect(server.send("PATCH", "/v1/banks/c", {"name": "a"}), 409, "name-taken")
    expect(server.send("PATCH", "/v1/banks/c", {"name": "../c"}), 400)
    assert expect(server.send("PATCH", "/v1/banks/c", {"name": "c 2"}), 200).json()["name"] == "c 2"
    expect(server.inspect("c"), 404)
    expect(server.inspect("c%202"), 200)
    expect(server.ask("DELETE", "/v1/banks/c%202"), 204)
    expect(server.ask("DELETE", "/v1/banks/c%202"), 404, "bank-not-found")
    expect(server.inspect("c%202"), 404)
    assert names() == ["a", "b"]
    entry = expect(server.get("/v1/bin"), 200).json()["bin"][0]
    assert entry["name"] == "c 2" and entry["by"] == "local" and entry["bytes"] > 0, entry
    shutil.copytree(f"{work}/bank", f"{server.root}/c 2")
    expect(server.ask("POST", f"/v1/bin/{entry['id']}/restore"), 409, "name-taken")
    shutil.rmtree(f"{server.root}/c 2")
    expect(server.ask("POST", f"/v1/bin/{entry['id']}/restore"), 200)
    expect(server.inspect("c%202"), 200)
    expect(server.ask("DELETE", "/v1/banks/c%202"), 204)
    entry = expect(server.get("/v1/bin"), 200).json()["bin"][0]
    expect(server.ask("DELETE", f"/v1/bin/{entry['id']}"), 204)
    for wrong in (entry["id"], "..", "0" * 32, "x"):
        assert server.ask("DELETE", f"/v1/bin/{wrong}").status in (400, 404)
    assert expect(server.get("/v1/bin"), 200).json()["bin"] == []


def a_disk_that_fails_loses_no_bank():
    shim = os.path.join(BUILD, "tests", "libodd_files.so")
    if not os.path.exists(shim):
        return "needs libodd_files.so, which is not built with sanitizers"
    broken = Banks(["a"], env={"LD_PRELOAD": shim, "OKNG_NO_FLUSH": "/.okng-bin/"})
    try:
        expect(broken.ask("DELETE", "/v1/banks/a"), 500)
        entry = expect(broken.get("/v1/bin"), 200).json()["bin"][0]
        assert entry["name"] == "a" and read(f"{broken.root}/.okng-bin/{entry['id']}/a/tau.json") == read(f"{work}/bank/tau.json"), entry
    finally:
        assert broken.stop() == 0
    return None


def nothing_outside_the_folder_is_a_bank():
    os.symlink(f"{work}/bank", f"{server.root}/out")
    os.symlink("a", f"{server.root}/alias")
    try:
        expect(server.inspect("out"), 400)
        expect(server.get("/v1/banks/out"), 400)
        expect(server.inspect("alias"), 200)
        assert "out" not in [bank["name"] for bank in expect(server.get("/v1/banks"), 200).json()["banks"]]
    finally:
        os.remove(f"{server.root}/out")
        os.remove(f"{server.root}/alias")


def a_damaged_bank_is_told_and_the_old_one_serves_on():
    good = expect(server.inspect("a"), 200).json()["image_score"]
    with open(f"{server.root}/a/memory_bank.pt", "r+b") as file:
        file.truncate(1000)
    assert expect(server.inspect("a"), 200).json()["image_score"] == good
    bank = [b for b in expect(server.get("/v1/banks"), 200).json()["banks"] if b["name"] == "a"][0]
    assert bank["state"] == "damaged" and bank["loaded"] and "memory_bank.pt" in bank["why"], bank
    shutil.copy(f"{work}/bank/memory_bank.pt", f"{server.root}/a/memory_bank.pt")

    def is_ready():
        expect(server.inspect("a"), 200)
        return [b for b in expect(server.get("/v1/banks"), 200).json()["banks"] if b["name"] == "a"][0]["state"] == "ready"
    assert wait_for(is_ready)


def large_pictures_are_refused_before_they_are_decoded():
    small = Banks(["a"], "--max-pixels", "5000")
    try:
        expect(small.inspect("a"), 413)
        expect(small.ask("POST", "/v1/inspect?route=auto", [PNG], NG), 413)
    finally:
        assert small.stop() == 0


def a_full_queue_says_when_to_come_again():
    small = Banks(["a"], "--workers", "1", "--max-queue", "1")
    answers = []

    def ask():
        for _ in range(3):
            answers.append(small.inspect("a", "?record=0"))
    try:
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status for answer in answers} == {200, 503}, {answer.status for answer in answers}
        for answer in answers:
            if answer.status == 503:
                assert answer.problem() == "busy" and int(answer.headers["retry-after"]) >= 1, answer.headers
        assert "okng_queue_total{result=\"refused\"} 0" not in small.get("/metrics").body.decode()
    finally:
        assert small.stop() == 0


def banks_change_while_many_use_them():
    busy = Banks(["a", "b", "c", "d"], "--max-banks", "2")
    scores, wrong, stop = set(), [], threading.Event()
    names = ["a", "b", "c", "d"]

    def use(number):
        i = number
        while not stop.is_set():
            answer = busy.inspect(names[i % 4], "?record=0")
            if answer.status == 200:
                scores.add(answer.json()["image_score"])
            elif not (answer.status == 404 and names[i % 4] == "d"):
                wrong.append((answer.status, answer.body[:200]))
            i += 1
    try:
        threads = [threading.Thread(target=use, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for i in range(8):
            expect(busy.send("PATCH", "/v1/banks/a", {"image": 1 + i}), 200)
            run_okng("build", "--ok-dir", f"{parts}/ok", "--out-dir", f"{busy.root}/b", "--backbone", "resnet18", "--weights",
                     f"{parts}/resnet18.safetensors", "--resize", "64")
            expect(busy.ask("DELETE", "/v1/banks/d"), 204)
            entry = expect(busy.get("/v1/bin"), 200).json()["bin"][0]
            expect(busy.ask("POST", f"/v1/bin/{entry['id']}/restore"), 200)
        stop.set()
        for thread in threads:
            thread.join()
        assert not wrong and len(scores) == 1, (wrong[:3], scores)
        assert expect(busy.get("/v1/banks/a"), 200).json()["image_threshold"] == 8
    finally:
        stop.set()
        assert busy.stop() == 0


def clean_up():
    assert server.stop() == 0
    shutil.rmtree(work)


run([results_are_those_of_okng_infer, a_picture_finds_its_bank, a_picture_tells_its_verdict_among_many_banks,
     what_cannot_be_inspected_is_told, thresholds_change_for_all_who_come_after,
     banks_go_to_the_bin_and_come_back, a_disk_that_fails_loses_no_bank, nothing_outside_the_folder_is_a_bank,
     a_damaged_bank_is_told_and_the_old_one_serves_on, large_pictures_are_refused_before_they_are_decoded,
     a_full_queue_says_when_to_come_again, banks_change_while_many_use_them, clean_up])
