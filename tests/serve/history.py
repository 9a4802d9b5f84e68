#!/usr/bin/env python3
"""The history of a server: what is inspected is recorded, judged, proposed from, told, kept through kills and full disks.
Usage: history.py PATH/okng-serve BUILD; KILLS=100 kills as often (4 unless given). Prints TAP."""
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from server import PATIENCE, Server, run, wait_for

OKNG, BUILD = sys.argv[1], sys.argv[2]
KILLS = int(os.environ.get("KILLS", "4"))
JSON = ("Content-Type", "application/json")
PNG = ("Content-Type", "image/png")
work = tempfile.mkdtemp(prefix="okng-history-")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def make_bank():
    """The folder of banks with "nut", and pictures of a good and a bad one."""
    fixture = os.path.join(work, "fixture")
    os.mkdir(fixture)
    subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), fixture], check=True)
    banks = os.path.join(work, "banks")
    command = [os.path.join(BUILD, "okng"), "build", "--ok-dir", fixture + "/ok", "--out-dir", banks + "/nut", "--backbone",
               "resnet18", "--weights", fixture + "/resnet18.safetensors", "--resize", "64x64", "--quiet"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return banks, read(fixture + "/ok/000.png"), read(fixture + "/ng/000.png")


banks, good, bad = make_bank()


def inspect(server, picture, query=""):
    answer = server.ask("POST", "/v1/banks/nut/inspect" + query, [PNG], picture)
    assert answer.status == 200, (answer.status, answer.body)
    return answer.json()


def judge(server, number, judged):
    return server.ask("PATCH", f"/v1/inspections/{number}", [JSON], json.dumps({"judged": judged}).encode())


def get(server, path):
    answer = server.get(path)
    assert answer.status == 200, (path, answer.status, answer.body)
    return answer


def what_is_inspected_is_recorded():
    one, two = inspect(server, bad), inspect(server, good, "?record=0")
    assert re.fullmatch("[0-9a-f]{32}", one["id"]) and one["verdict"] == "NG" and two["id"] is None, (one, two)
    record = get(server, f"/v1/inspections/{one['id']}").json()
    bank = get(server, "/v1/banks/nut").json()
    assert record["bank"] == "nut" and record["bank_hash"] == bank["hash"], record
    assert record["verdict"] == "NG" and abs(record["score"] - one["image_score"]) < 1e-6, record
    assert record["image_threshold"] is not None and record["duration_ms"] > 0 and record["source"] == "http", record
    assert record["kept"] == ["picture", "overlay", "heat"], record["kept"]
    picture = get(server, f"/v1/inspections/{one['id']}/picture")
    assert picture.body == bad and picture.headers["content-type"] == "image/png", picture.headers
    for kind in ("overlay", "heat"):
        assert get(server, f"/v1/inspections/{one['id']}/{kind}").body.startswith(b"\x89PNG"), kind
    newest = get(server, "/v1/inspections?limit=1").json()["inspections"]
    assert newest == [record], newest
    assert server.get("/v1/inspections/none").problem() == "inspection-not-found"


def filters_pages_and_csv():
    ids = [inspect(server, good)["id"] for _ in range(5)]
    first = get(server, "/v1/inspections?bank=nut&verdict=OK,REVIEW&limit=3").json()
    second = get(server, f"/v1/inspections?bank=nut&verdict=OK,REVIEW&limit=3&before={first['next']}").json()
    seen = [record["id"] for record in first["inspections"] + second["inspections"]]
    assert seen[:5] == ids[::-1], (seen, ids)
    lines = get(server, "/v1/inspections?format=csv&verdict=NG").body.decode().splitlines()
    assert lines[0].startswith("id,time,bank,") and len(lines) == 2 and ",NG," in lines[1], lines
    assert get(server, "/v1/inspections?bank=none").json() == {"inspections": [], "next": None}
    for query in ("limit=0", "limit=x", "verdict=FINE", "judged=maybe", "from=yesterday", "format=xml", "other=1"):
        assert server.get("/v1/inspections?" + query).problem() == "wrong-parameter", query
    scores = get(server, "/v1/inspections/scores?bank=nut").json()["scores"]
    assert len(scores) == 6 and scores[-1]["verdict"] == "NG", scores
    counts = get(server, "/v1/stats?bank=nut&hours=2").json()
    assert sum(counts["counts"].values()) == 6 and counts["drift"]["state"] == "unknown", counts


def a_person_judges_and_a_threshold_is_proposed():
    record = get(server, "/v1/inspections?verdict=NG").json()["inspections"][0]
    assert judge(server, record["id"], "NG").json()["judged_by"] == "local"
    for one in get(server, "/v1/inspections?bank=nut&verdict=OK,REVIEW").json()["inspections"]:
        assert judge(server, one["id"], "OK").status == 200
    proposal = get(server, "/v1/banks/nut/proposal").json()
    assert proposal["judged_ok"] == 5 and proposal["judged_ng"] == 1 and proposal["ng"] == 1, proposal
    assert proposal["good"]["given"] == 5 and proposal["image"]["proposed"] < record["score"], proposal
    assert all(rung["ng"] == 1 for rung in proposal["image"]["ladder"]), proposal["image"]
    none = get(server, "/v1/banks/nut/proposal?rule=false-alarm&rate=0.1&from=2099-01-01").json()
    assert none["judged_ok"] == 0, none
    assert server.get("/v1/banks/nut/proposal?rule=miss&from=2099-01-01").problem() == "nothing-to-tune-by"
    assert server.get("/v1/banks/none/proposal").problem() == "bank-not-found"
    assert server.get("/v1/banks/nut/proposal?rule=guess").problem() == "wrong-parameter"
    assert judge(server, record["id"], "REVIEW").problem() == "wrong-body"
    assert judge(server, "0" * 32, "OK").problem() == "inspection-not-found"
    assert judge(server, record["id"], None).json()["judged"] is None
    changes = get(server, "/v1/changes?bank=nut").json()["changes"]
    assert [change["what"] for change in changes] == ["judged"] * 7, changes
    assert changes[0]["by"] == "local" and changes[0]["before"]["judged"] == "NG", changes[0]
    assert server.ask("DELETE", "/v1/banks/none/drift").problem() == "bank-not-found"
    threshold = proposal["image"]["proposed"]
    answer = server.ask("PATCH", "/v1/banks/nut", [JSON], json.dumps({"image": threshold}).encode())
    assert answer.status == 200, answer.body
    assert get(server, "/v1/changes").json()["changes"][0]["what"] != "judged"


def events_tell_of_inspections_and_judgements():
    with server.connect() as stream:
        stream.sendall(server.head("GET", "/v1/events?bank=nut"))
        data = b""
        while b"\r\n\r\n" not in data:
            data += stream.recv(4096)
        one = inspect(server, bad)
        judge(server, one["id"], "OK")
        until = time.monotonic() + PATIENCE
        while data.count(one["id"].encode()) < 2 and time.monotonic() < until:
            data += stream.recv(65536)
    assert b"event: inspection\n" in data and b"event: judged\n" in data, data


def sqlites_shell_reads_it_and_a_copy_is_handed_over():
    if not shutil.which("sqlite3"):
        return "needs sqlite3"
    where = "SELECT count(*) FROM inspections WHERE verdict = 'NG'"
    database = os.path.join(banks, ".okng-serve/history/history.db")
    count = subprocess.run(["sqlite3", database, where], capture_output=True, text=True, check=True).stdout
    copy = os.path.join(work, "copy.db")
    subprocess.run([OKNG, "log", "export", banks, "--out", copy, "--quiet"], check=True)
    assert read(copy)[18:20] == b"\x01\x01"  # not in WAL mode
    same = subprocess.run(["sqlite3", f"file:{copy}?immutable=1", where], capture_output=True, text=True, check=True).stdout
    assert count == same == "2\n", (count, same)
    return None


def of_which_verdicts_pictures_are_kept_can_be_said():
    for text, kept in (("all", (3, 3)), ("[OK, REVIEW]", (3, 0)), ("none", (0, 0))):
        file = os.path.join(work, "serve.yaml")
        with open(file, "w", encoding="ascii") as config:
            config.write(f"keep-pictures: {text}\nstate: {tempfile.mkdtemp(dir=work)}\n")
        own = Server(OKNG, "--config", file, banks=banks)
        try:
            for picture, number in zip((good, bad), kept):
                record = get(own, f"/v1/inspections/{inspect(own, picture)['id']}").json()
                assert len(record["kept"]) == number, (text, record)
        finally:
            assert own.stop() == 0
    with open(file, "w", encoding="ascii") as config:
        config.write("keep-pictures: some\n")
    done = subprocess.run([OKNG, "serve", "--banks", banks, "--listen", "127.0.0.1:0", "--config", file], capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    assert done.returncode != 0 and "keep-pictures" in done.stderr, done


def a_full_disk_stops_no_inspection():
    state = tempfile.mkdtemp(dir=work)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", state], check=False).returncode != 0:
        return "cannot mount (needs root)"
    own = None
    try:
        own = Server(OKNG, "--state", state, banks=banks)
        assert inspect(own, bad)["id"]
        filler = os.open(os.path.join(state, "filler"), os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(filler, bytes(4096))
        except OSError:
            os.close(filler)
        answer = {}
        for _ in range(200):  # what is there of -wal takes some more
            answer = inspect(own, good)
            if answer["id"] is None:
                break
        assert answer["id"] is None and answer["verdict"] in ("OK", "REVIEW") and "disk" in answer["unrecorded"], answer
        assert b"okng_history_failing 1" in get(own, "/metrics").body
        os.unlink(os.path.join(state, "filler"))
        assert inspect(own, good)["id"]
        assert b"okng_history_failing 0" in get(own, "/metrics").body
        assert own.stop() == 0
    finally:
        if own:
            own.stop()
        subprocess.run(["umount", state], check=False)
    return None


def inspect_until_it_is_killed(own, done):
    while True:
        try:
            answer = own.ask("POST", "/v1/banks/nut/inspect", [PNG], bad)
            if answer.status != 200 or len(answer.body) < int(answer.headers["content-length"]):
                return
            done.append(answer.json()["id"])
        except OSError:
            return


def killed_servers_lose_no_finished_record():
    finished = 0
    dice = random.Random(15)
    state = tempfile.mkdtemp(dir=work)
    for _ in range(KILLS):
        own, done = Server(OKNG, "--state", state, banks=banks), []
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            for _ in range(4):
                clients.submit(inspect_until_it_is_killed, own, done)
            assert wait_for(lambda: done)  # the bank is loaded
            time.sleep(dice.uniform(0, 0.5))
            own.process.send_signal(signal.SIGKILL)
        own.stop(None)
        finished += len(done)
        listed = subprocess.run([OKNG, "log", "export", state, "--format", "csv"], capture_output=True, text=True, check=True).stdout
        there = {line.split(",")[0] for line in listed.splitlines()}
        assert set(done) <= there, set(done) - there
    subprocess.run([OKNG, "log", "check", state, "--quiet"], check=True)
    print(f"# {KILLS} kills, {finished} finished records")


server = Server(OKNG, banks=banks)
try:
    run([what_is_inspected_is_recorded, filters_pages_and_csv, a_person_judges_and_a_threshold_is_proposed,
         events_tell_of_inspections_and_judgements, sqlites_shell_reads_it_and_a_copy_is_handed_over,
         of_which_verdicts_pictures_are_kept_can_be_said, a_full_disk_stops_no_inspection, killed_servers_lose_no_finished_record])
finally:
    server.stop()
    shutil.rmtree(work, ignore_errors=True)
