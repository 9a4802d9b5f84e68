#!/usr/bin/env python3
"""Uploads and jobs by HTTP: banks are built, extended, evaluated, exported; jobs are cancelled at each stage, and end with the server.
Usage: jobs.py PATH/okng-serve BUILD. Prints TAP."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from server import PATIENCE, Server, run, wait_for

SERVE, BUILD = sys.argv[1:3]
JSON, FORM = ("Content-Type", "application/json"), ("Content-Type", "multipart/form-data; boundary=part")


def expect(answer, status, kind=None):
    assert answer.status == status, (answer.status, answer.headers, answer.body[:300])
    if kind:
        assert answer.problem() == kind, (answer.problem(), kind)
    return answer


def read(path):
    with open(path, "rb") as file:
        return file.read()


work = tempfile.mkdtemp(prefix="okng-jobs-")
parts = os.path.join(work, "parts")
subprocess.run([os.path.join(BUILD, "tests", "make_fixture"), parts], check=True, stdout=subprocess.DEVNULL)
GOOD = [read(f"{parts}/ok/{name}") for name in sorted(os.listdir(f"{parts}/ok"))]
NG = read(f"{parts}/ng/000.png")
OPTIONS = {"backbone": "resnet18", "weights": f"{parts}/resnet18.safetensors", "resize": "64"}


class Jobs(Server):
    def send(self, method, path, document):
        return self.ask(method, path, [JSON], json.dumps(document).encode())

    def upload(self, pictures, status=201, into=""):
        body = b"".join(b"--part\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"" + name.encode() + b"\"\r\n\r\n" + data
                        + b"\r\n" for name, data in pictures) + b"--part--\r\n"
        return expect(self.ask("POST", "/v1/uploads" + into, [FORM], body), status)

    def begin(self, **asked):
        answer = expect(self.send("POST", "/v1/jobs", asked), 202)
        assert answer.headers["location"] == "/v1/jobs/" + answer.json()["id"], answer.headers
        return answer.json()["id"]

    def job(self, number):
        return expect(self.get(f"/v1/jobs/{number}"), 200).json()

    def end(self, number, state="done"):
        assert wait_for(lambda: self.job(number)["state"] in ("done", "failed", "cancelled"))
        job = self.job(number)
        assert job["state"] == state, job
        return job

    def file(self, job, name):
        return expect(self.get(f"/v1/jobs/{job['id']}/files/{name}"), 200).body


def named(pictures, folder=""):
    return [(f"{folder}{number:03d}.png", data) for number, data in enumerate(pictures)]


server = Jobs(SERVE, "--root", parts)


def pictures_come_are_seen_and_go():
    first = server.upload(named(GOOD[:3]))
    upload = first.json()
    assert [p["name"] for p in upload["pictures"]] == ["000.png", "001.png", "002.png"], upload
    assert (upload["pictures"][0]["width"], upload["pictures"][0]["height"]) == (80, 72), upload
    place = "/" + upload["id"]
    again = server.upload([("000.png", GOOD[3])], 200, place).json()
    assert [p["name"] for p in again["pictures"]][3] == "000-2.png", again
    small = expect(server.get(f"/v1/uploads{place}/pictures/0?size=16"), 200)
    assert small.headers["content-type"] == "image/png" and small.body[16:24] == b"\0\0\0\x10\0\0\0\x0e", small.body[:24]
    expect(server.ask("DELETE", f"/v1/uploads{place}/pictures/1"), 204)
    assert [p["name"] for p in expect(server.get("/v1/uploads" + place), 200).json()["pictures"]] == ["000.png", "002.png", "000-2.png"]
    for wrong in ("3", "-1", "x", "99999999999999999999"):
        expect(server.get(f"/v1/uploads{place}/pictures/{wrong}"), 404)
    for name in ("../x.png", ".x.png", "a/b/c/x.png", "a//x.png", "x\\y.png", "a" * 200):
        expect(server.ask("POST", "/v1/uploads" + place, [FORM], b"--part\r\nContent-Disposition: form-data; name=\"picture\"; filename=\""
                          + name.encode() + b"\"\r\n\r\n" + GOOD[0] + b"\r\n--part--\r\n"), 400)
    server.upload([("x.png", b"no picture")], 422, place)
    server.upload([("x.png", GOOD[0][:200])], 422, place)
    server.upload(named(GOOD[:1]), 404, "/" + "0" * 32)
    server.upload(named(GOOD[:1]), 404, "/..%2f..")
    assert len(expect(server.get("/v1/uploads" + place), 200).json()["pictures"]) == 3
    expect(server.ask("DELETE", "/v1/uploads" + place), 204)
    expect(server.get("/v1/uploads" + place), 404, "upload-not-found")


def a_bank_is_built_extended_judged_and_taken_away():
    upload = server.upload(named(GOOD[:6])).json()["id"]
    job = server.end(server.begin(kind="build", bank="part", upload=upload, options=OPTIONS))
    result = job["result"]
    assert result["pictures"] == 6 and result["rows"] > 0 and len(result["scores"]) == 6, result
    assert result["scores"][0]["score"] >= result["scores"][5]["score"] and result["scores"][0]["picture"].endswith(".png"), result
    assert 0 <= result["expected_false_alarms"] <= 1 and result["warnings"][0]["code"] == "few-pictures", result
    same = tempfile.mkdtemp(dir=work)
    for name, data in named(GOOD[:6]):
        with open(f"{same}/{name}", "wb") as file:
            file.write(data)
    subprocess.run([os.path.join(BUILD, "okng"), "build", "--ok-dir", same, "--out-dir", f"{same}.bank", "--quiet", "--backbone", "resnet18",
                    "--weights", OPTIONS["weights"], "--resize", "64"], check=True, stdout=subprocess.DEVNULL)
    assert read(f"{same}.bank/memory_bank.pt") == read(f"{server.banks}/part/memory_bank.pt"), "the rows are those of okng build"
    more = server.upload(named(GOOD[6:], "more/")).json()["id"]
    added = server.end(server.begin(kind="add", bank="part", upload=more))["result"]
    assert added["added"] == len(GOOD) - 6 and added["pictures"] == len(GOOD), added
    labelled = server.upload(named(GOOD[:4], "good/") + named([NG], "ng/")).json()["id"]
    judged = server.end(server.begin(kind="evaluate", bank="part", upload=labelled))
    result = judged["result"]
    assert (result["good"], result["ng"], result["found"], result["missed"], result["image_auroc"]) == (4, 1, 1, 0, 1), result
    lines = server.file(judged, "results.csv").decode().splitlines()
    assert lines[0] == "path,score,verdict,label" and len(lines) == 6 and lines[5].startswith('"ng/000.png",'), lines
    model = server.end(server.begin(kind="export", bank="part", format="openvino"))
    assert {"config.yaml", "part.bin", "part.xml"} <= {file["name"] for file in model["files"]}, model
    assert b"<net" in server.file(model, "part.xml")
    packed = server.end(server.begin(kind="pack", bank="part"))
    with open(f"{server.banks}/packed.okng", "wb") as file:
        file.write(server.file(packed, "part.okng"))
    one, two = (expect(server.ask("POST", f"/v1/banks/{name}/inspect?record=0", [("Content-Type", "image/png")], NG), 200).json()
                for name in ("part", "packed"))
    assert one == two, (one, two)
    for name in ("..%2fjob.json", "job.json", ".x", "none"):
        expect(server.get(f"/v1/jobs/{packed['id']}/files/{name}"), 404, "file-not-found")
    expect(server.get("/v1/jobs/" + "0" * 32 + "/files/none"), 404, "job-not-found")
    changes = expect(server.get("/v1/changes?bank=part"), 200).json()["changes"]
    assert [c["what"] for c in changes] == ["pictures added", "bank built"], changes


def judged_inspections_are_learnt():
    def inspect(data):
        return expect(server.ask("POST", "/v1/banks/part/inspect?threshold_image=0", [("Content-Type", "image/png")], data), 200).json()["id"]
    rows = expect(server.get("/v1/banks/part"), 200).json()["pictures"]
    ids = [inspect(NG)]

    def is_refused():
        failed = server.end(server.begin(kind="add", bank="part", inspections=ids), "failed")
        assert "not judged OK" in failed["why"], failed
        assert expect(server.get("/v1/banks/part"), 200).json()["pictures"] == rows, failed
    is_refused()
    expect(server.send("PATCH", f"/v1/inspections/{ids[0]}", {"judged": "NG"}), 200)
    is_refused()
    expect(server.send("PATCH", f"/v1/inspections/{ids[0]}", {"judged": "OK"}), 200)
    job = server.end(server.begin(kind="add", bank="part", inspections=ids))
    assert job["result"]["added"] == 1 and job["result"]["pictures"] == rows + 1, job
    failed = server.end(server.begin(kind="add", bank="part", inspections=["0" * 32]), "failed")
    assert failed["why"], failed


def regions_are_found_and_learnt():
    def shifted(by):
        """A mark on a grey ground, of 96 x 80 pixels."""
        rows = [bytes(200 if (x - 30 - by) ** 2 + (y - 40) ** 2 < 150 or (x - 40 - by) % 40 < 3 and 24 < y < 56 and 20 < x - by < 44
                      else 90 + (x * 7 + y * 13) % 5 for x in range(96)) for y in range(80)]
        return b"P5 96 80 255\n" + b"".join(rows)
    shots = [(f"{by:02d}.pgm", shifted(by)) for by in (0, 3, 7, 12, 18, 25)] + [("empty.pgm", b"P5 96 80 255\n" + bytes([90]) * 7680)]
    upload = server.upload(shots).json()["id"]
    region = {"name": "mark", "x": 18, "y": 24, "width": 32, "height": 32}
    answer = expect(server.send("POST", f"/v1/uploads/{upload}/find", {"regions": [region], "picture": 0, "threshold": 0.6}), 200).json()
    found = {row["picture"]: row for row in answer["found"]}
    assert sorted(found) == [0, 1, 2, 3, 4, 5] and [row["picture"] for row in answer["missing"]] == [6], answer
    for number, by in enumerate((0, 3, 7, 12, 18, 25)):
        assert abs(found[number]["x"] - 34 - by) < 0.5 and abs(found[number]["y"] - 40) < 0.5, found[number]
    for wrong in ({}, {"regions": []}, {"regions": [{"name": "a"}]}, {"regions": [dict(region, width=4000)]}, {"regions": [region], "picture": "x"}):
        expect(server.send("POST", f"/v1/uploads/{upload}/find", wrong), 400)
    expect(server.send("POST", f"/v1/uploads/{upload}/find", {"regions": [region], "picture": 7}), 404)
    job = server.end(server.begin(kind="build", bank="mark", upload=upload, options=OPTIONS, regions=[dict(region, threshold=0.6)]))
    assert job["result"]["pictures"] == 6 and job["result"]["not_found"] == ["empty.pgm"], job["result"]
    bank = [b for b in expect(server.get("/v1/banks"), 200).json()["banks"] if b["name"] == "mark"][0]
    assert bank["regions"] == 1, bank
    verdict = expect(server.ask("POST", "/v1/banks/mark/inspect", [("Content-Type", "image/x-portable-graymap")], shots[6][1]), 200).json()
    assert verdict["verdict"] == "NOT_FOUND", verdict
    proposal = expect(server.get("/v1/banks/mark/proposal"), 200).json()
    assert proposal["from"] > "2020", proposal  # since it was learnt: scores of a bank before it are others
    expect(server.ask("DELETE", "/v1/banks/mark"), 204)


def what_cannot_be_done_is_told_at_once():
    upload = server.upload(named(GOOD[:2])).json()["id"]
    wrong = [(400, {"kind": "paint"}), (400, {}), (400, {"kind": "build", "bank": "x"}), (400, {"kind": "build", "bank": "../x", "upload": upload}),
             (422, {"kind": "build", "bank": "x", "upload": "0" * 32}), (400, {"kind": "build", "bank": 1, "upload": upload}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "options": {"coreset": 7}}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "options": {"no-such": 1}}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "options": {"weights": "/etc/passwd"}}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "options": {"weights": f"{parts}/../../etc/passwd"}}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "options": {"threads": 4}}),
             (400, {"kind": "build", "bank": "x", "upload": upload, "folder": "ok"}), (422, {"kind": "build", "bank": "x", "folder": "/etc"}),
             (422, {"kind": "build", "bank": "x", "folder": "../.."}), (422, {"kind": "build", "bank": "x", "folder": "ok/000.png"}),
             (422, {"kind": "add", "bank": "x", "upload": upload}), (400, {"kind": "add", "bank": "part"}),
             (400, {"kind": "export", "bank": "part", "format": "coreml"}), (400, {"kind": "pack", "bank": "part", "precision": "fp8"})]
    for status, asked in wrong:
        expect(server.send("POST", "/v1/jobs", asked), status)
    options = expect(server.get("/v1/options?verb=build"), 200).json()["options"]
    files = {row["name"] for row in options if row["values"] and any(word in row["values"] for word in ("FILE", "DIR", "IMG"))}
    assert {"weights", "ignore-mask", "roi-from", "checkpoint"} <= files, files
    for name in files:
        asked = {"kind": "build", "bank": "x", "upload": upload, "options": {name: "/etc/passwd"}}
        assert "below the folder of --root" in expect(server.send("POST", "/v1/jobs", asked), 400).json()["detail"], name
    expect(server.get("/v1/jobs/" + "0" * 32), 404, "job-not-found")
    expect(server.ask("DELETE", "/v1/jobs/" + "0" * 32), 404, "job-not-found")
    unlabelled = server.end(server.begin(kind="evaluate", bank="part", upload=upload), "failed")
    assert "neither in a folder good" in unlabelled["why"], unlabelled
    job = server.end(server.begin(kind="build", bank="folder", folder="ok", options=OPTIONS))
    assert job["result"]["pictures"] == len(GOOD), job
    expect(server.ask("DELETE", f"/v1/jobs/{job['id']}"), 204)
    expect(server.get(f"/v1/jobs/{job['id']}"), 404)


def jobs_are_cancelled_at_each_stage():
    upload = server.upload(named(GOOD * 6)).json()["id"]
    before = expect(server.get("/v1/banks/part"), 200).json()["hash"]
    slow = {**OPTIONS, "resize": "192", "coreset": 0.5, "projection": "none"}
    seen = set()
    for stage in ("queued", "survey", "features", "coreset", "calibration"):
        for _ in range(5):  # a stage may be over before it is seen
            holder = server.begin(kind="build", bank="other", upload=upload, options=slow) if stage == "queued" else None
            number = server.begin(kind="build", bank="part", upload=upload, options=slow)
            expect(server.ask("DELETE", f"/v1/uploads/{upload}"), 409, "upload-in-use")

            def is_there():
                job = server.job(number)
                return stage in (job["stage"], job["state"]) or job["state"] in ("done", "failed")
            assert wait_for(is_there)
            answer = server.ask("DELETE", f"/v1/jobs/{number}")
            assert answer.status in (202, 204), answer.status
            if holder:
                server.ask("DELETE", f"/v1/jobs/{holder}")
            if answer.status == 202 and server.job(number)["state"] != "done":
                job = server.end(number, "cancelled")
                seen.add(job["stage"] or "queued")
                assert job["why"], job
                break
    assert {"queued", "features"} <= seen, seen
    assert expect(server.get("/v1/banks/part"), 200).json()["hash"] == before, "the old bank stays"
    assert wait_for(lambda: not [name for name in os.listdir(server.banks) if "okng-lock" in name])
    expect(server.ask("DELETE", f"/v1/uploads/{upload}"), 204)


def jobs_end_with_the_server():
    folder = tempfile.mkdtemp(dir=work)
    one = Jobs(SERVE, "--root", parts, banks=folder)
    one.end(one.begin(kind="build", bank="part", folder="ok", options=OPTIONS))
    before = expect(one.get("/v1/banks/part"), 200).json()["hash"]
    upload = one.upload(named(GOOD * 6)).json()["id"]
    slow = {**OPTIONS, "resize": "192"}
    number = one.begin(kind="build", bank="part", upload=upload, options=slow)
    assert wait_for(lambda: one.job(number)["stage"] in ("features", "coreset", "calibration"))
    one.stop(signal.SIGKILL)
    two = Jobs(SERVE, "--root", parts, banks=folder)
    try:
        job = two.job(number)
        assert job["state"] == "failed" and "the server ended" in job["why"], job
        assert expect(two.get("/v1/banks/part"), 200).json()["hash"] == before, "the old bank stays"
        assert len(expect(two.get(f"/v1/uploads/{upload}"), 200).json()["pictures"]) == len(GOOD) * 6
        two.end(two.begin(kind="build", bank="part", upload=upload, options=OPTIONS))
        running = two.begin(kind="build", bank="part", upload=upload, options=slow)
        assert wait_for(lambda: two.job(running)["state"] == "running")
        began = time.monotonic()
        assert two.stop() == 0 and time.monotonic() - began < PATIENCE / 2, "SIGTERM cancels a build"
    finally:
        two.stop(None)
    three = Jobs(SERVE, banks=folder)
    assert three.job(running)["state"] == "cancelled", three.job(running)
    assert three.stop() == 0


def a_full_disk_is_told():
    folder = tempfile.mkdtemp(dir=work)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=66m", "tmpfs", folder], check=False, capture_output=True)
    if mount.returncode:
        return "no file system of one's own may be mounted"
    full = None
    try:
        full = Jobs(SERVE, "--root", parts, banks=folder)
        upload = full.upload(named(GOOD[:2])).json()["id"]
        big = b"P6 900 900 255\n" + bytes(900 * 900 * 3)
        answer = full.upload([("big.ppm", big)], 507, "/" + upload)
        assert answer.problem() == "disk-full", answer.body
        assert len(expect(full.get(f"/v1/uploads/{upload}"), 200).json()["pictures"]) == 2
        with open(f"{folder}/filler", "wb") as file:
            file.write(bytes(4 << 20))
        job = full.end(full.begin(kind="build", bank="part", upload=upload, options=OPTIONS), "failed")
        assert "MiB left" in job["why"], job
        os.remove(f"{folder}/filler")
        full.end(full.begin(kind="build", bank="part", upload=upload, options=OPTIONS))
        assert full.stop() == 0
    finally:
        if full:
            full.stop(None)
        subprocess.run(["umount", folder], check=False)
    return None


def clean_up():
    assert server.stop() == 0
    shutil.rmtree(work)


run([pictures_come_are_seen_and_go, a_bank_is_built_extended_judged_and_taken_away, judged_inspections_are_learnt,
     regions_are_found_and_learnt, what_cannot_be_done_is_told_at_once, jobs_are_cancelled_at_each_stage, jobs_end_with_the_server, a_full_disk_is_told, clean_up])
