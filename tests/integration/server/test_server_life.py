"""How a server starts, ends, and takes up what went on before."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import wave

import httpx
import psutil
import pytest
from support import free_port

from octolab.lab import Lab, live
from octolab.lab.live import find_server


def start_another(server, *options):
    env = {**os.environ, "OCTOLAB_LANG": "en"}
    command = [sys.executable, "-m", "octolab.server", "--lab", str(server.lab), *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def test_a_lab_has_one_server(make_server):
    first = make_server().start()
    second = start_another(first)
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines() == [
        f"octolab: this lab has its server already, at {first.url} (process {first.process.pid})"
    ]
    assert first.http.get("/health").status_code == 200


def test_the_lab_says_where_its_server_is(make_server):
    server = make_server().start()
    told = server.told()
    assert told["url"] == server.url
    assert told["pid"] == server.process.pid
    assert told["token"] == "token-of-the-tests"
    file = server.lab / ".octolab" / "server.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.end() == 0
    assert not file.exists()
    assert server.stderr == ""


def test_what_a_killed_server_left_is_replaced(make_server):
    server = make_server().start()
    server.end(signal.SIGKILL)
    assert (server.lab / ".octolab" / "server.json").exists()
    assert find_server(server.lab) is None
    again = make_server().start()
    assert again.told()["pid"] == again.process.pid


def test_a_token_that_was_given_is_not_shown_again(make_server):
    server = make_server(port=0).start()
    assert server.line == f"OctoLab: {server.url}/docs"
    server.http.get("/health")
    assert server.end() == 0
    assert "token-of-the-tests" not in server.stderr


def test_a_token_that_was_made_is_shown_once(make_server):
    server = make_server().start(token="")
    assert server.line == f"OctoLab: {server.url}/docs?token={server.told()['token']}"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--port", "99999"), "can't listen at 127.0.0.1:99999"),
        (("--token-file", "/nothing"), "the token file /nothing can't be read"),
        (("--host", "no.such.host.invalid"), "can't listen at no.such.host.invalid"),
    ],
)
def test_a_start_that_fails_says_why_in_one_line(make_server, options, told):
    server = make_server()
    run = start_another(server, *options)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert told in run.stderr


def test_a_port_in_use_is_told(make_server, tmp_path):
    first = make_server().start()
    second = make_server(tmp_path / "other")
    port = first.url.rsplit(":", 1)[1]
    run = start_another(second, "--port", port)
    assert run.returncode == 1
    assert "choose another port" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_token_may_come_from_a_file(make_server, tmp_path):
    file = tmp_path / "token"
    file.write_text("from-a-file-123\n")
    server = make_server(token_file=file).start()
    url = f"{server.url}/api/v1/health"
    assert answers(url, "from-a-file-123") == 200
    assert answers(url, "token-of-the-tests") == 401


def test_a_known_name_is_allowed(make_server):
    server = make_server(allow_host="greenhouse.school.lan").start()
    answer = server.http.get("/health", headers={"Host": "greenhouse.school.lan:8000"})
    assert answer.status_code == 200


def test_names_may_be_allowed_by_the_environment_and_by_the_lab(make_server, monkeypatch):
    monkeypatch.setenv("OCTOLAB_ALLOWED_HOSTS", "Greenhouse.lan, bench.lan")
    server = make_server()
    with Lab(server.lab) as lab:
        lab.catalog.set_setting("server", {"allowed_hosts": ["School.example"]})
    server.start()

    def status(host):
        return server.http.get("/health", headers={"Host": host}).status_code

    hosts = ("greenhouse.lan", "bench.lan:8000", "school.example", "other.lan")
    assert [status(host) for host in hosts] == [200, 200, 200, 403]


def test_it_ends_by_itself_when_nobody_needs_it(make_server):
    server = make_server(idle_timeout=1).start()
    assert server.process.wait(60) == 0
    assert not (server.lab / ".octolab" / "server.json").exists()


def desire_stills(lab):
    """Have a camera take stills before any server runs, however slow that is to start."""
    slug = lab.add_camera("synthetic://testcard?size=320x240").slug
    lab.catalog.set_desired(slug, interval_s=0.5)
    return slug


def test_it_stays_while_a_file_is_on_its_way(make_server):
    server = make_server(idle_timeout=1)
    with Lab(server.lab) as lab:
        slug = desire_stills(lab)
        server.start()
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(16_000))

        def slowly():
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
            server.http.get("/health")  # what came before has been begun
            lab.catalog.set_desired(slug, interval_s=None)
            for _ in range(3):
                time.sleep(1)
                yield b""
            yield sound.getvalue() + b"\r\n--b--\r\n"

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        assert server.http.post("/sounds", content=slowly(), headers=kind).status_code == 201
        assert server.process.wait(60) == 0
        assert server.stderr == ""


def test_an_upload_that_the_end_of_the_server_cuts_off_is_told_so(make_server):
    server = make_server().start()
    head = (
        "POST /api/v1/sounds HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {server.http.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n--b"
    )
    with socket.create_connection((server.http.base_url.host, server.http.base_url.port)) as sender:
        sender.sendall(head.encode())
        server.http.get("/health")  # what came before has been begun
        assert server.end() == 0
        assert b'"unavailable"' in sender.recv(65536)
    assert "Traceback" not in server.stderr


def test_it_stays_while_something_is_desired(make_server, eventually):
    server = make_server(idle_timeout=1)
    with Lab(server.lab) as lab:
        slug = desire_stills(lab)
        server.start()
        eventually(lambda: lab.count() >= 8)
        assert server.process.poll() is None
        lab.catalog.set_desired(slug, interval_s=None)
        assert server.process.wait(60) == 0


def test_it_takes_up_what_went_on_before_it_ended(make_server, eventually):
    server = make_server().start()
    slug = server.add_camera("synthetic://testcard?size=320x240")
    server.http.post(f"/cameras/{slug}/interval/start", json={"seconds": 0.5})
    server.http.post(f"/cameras/{slug}/recording/start")
    eventually(lambda: server.http.get("/artifacts?kind=frame").json()["items"])
    eventually(lambda: list((server.lab / ".octolab" / "recording").glob("*.mp4")))
    assert server.end() == 0
    with Lab(server.lab) as lab:
        clips = lab.find(kind="clip")
        assert len(clips) == 1, "the recording was ended and kept"
        assert clips[0].duration_s > 0
        assert not list((server.lab / ".octolab" / "recording").iterdir())
        assert lab.camera(slug).desired.recording is True
        assert lab.camera(slug).state.state == "off"
        before = lab.count(kind="frame")
        again = make_server().start()
        eventually(lambda: lab.count(kind="frame") > before + 2)
        assert again.http.post(f"/cameras/{slug}/recording/stop").status_code == 200
        assert lab.verify().ok


WAKING = """
import sys, time, octolab
lab = octolab.Lab(sys.argv[1])
lab.wake()
while not lab.live.running:
    time.sleep(0.05)
"""


def test_what_a_kill_ended_goes_on_when_somebody_opens_the_lab(make_server, eventually):
    server = make_server().start()
    slug = server.add_camera("synthetic://testcard?size=320x240")
    server.http.post(f"/cameras/{slug}/interval/start", json={"seconds": 0.5})
    eventually(lambda: server.http.get("/artifacts?kind=frame").json()["items"])
    server.process.kill()
    server.process.wait()
    with Lab(server.lab) as lab:
        camera, before = lab.camera(slug), lab.count()
        assert camera.state.detail == "the lab's server is not running"
        assert camera.state.state == "off"
        subprocess.run([sys.executable, "-c", WAKING, str(server.lab)], check=True, timeout=60)
        eventually(lambda: lab.count() > before)
        eventually(lambda: camera.state.state == "live")
        camera.stop_interval()
        os.kill(find_server(lab.path).pid, signal.SIGTERM)
        eventually(lambda: not lab.live.running)
        lab.wake()
        assert not any(thread.name == "octolab-wake" for thread in threading.enumerate())


def test_a_wish_written_by_another_process_is_followed(make_server, eventually):
    server = make_server().start()
    with Lab(server.lab) as lab:
        camera = lab.add_camera("synthetic://testcard?size=320x240")
        camera.start_interval(0.5, gallery="growth")
        gallery = lab.gallery("growth")
        eventually(lambda: len(gallery) >= 2)
        camera.stop_interval()
        frame = camera.snapshot()
        assert frame.path.is_file()
        assert camera.record(1).duration_s > 0
        assert camera.jpeg(160).startswith(b"\xff\xd8")


def test_a_notebook_sees_live_pictures(make_server):
    server = make_server().start()
    with Lab(server.lab) as lab:
        slug = lab.add_camera("synthetic://testcard?size=320x240").slug
        batches = lab.live.stream([slug], width=160, fps=10)
        while slug not in (batch := next(batches)).pictures:
            pass
        assert batch.pictures[slug].startswith(b"\xff\xd8")
        while batch.states[slug].state != "live":
            batch = next(batches)
        batches.close()


def test_capture_goes_on_when_a_full_disk_has_room_again(make_server, eventually):
    """A limit on the size of files stands in for the full disk; it strikes the catalog too."""
    server = make_server().start()
    slug = server.add_camera("synthetic://testcard?size=320x240")
    server.http.post(f"/cameras/{slug}/interval/start", json={"seconds": 0.2})
    server.http.post(f"/cameras/{slug}/analysis/start", json={"analyzer": "brightness"})
    process = psutil.Process(server.process.pid)

    def count():
        return len(server.http.get("/artifacts", params={"limit": 1000}).json()["items"])

    eventually(lambda: count() > 2)
    process.rlimit(psutil.RLIMIT_FSIZE, (1, psutil.RLIM_INFINITY))
    answer = server.http.post(f"/cameras/{slug}/snapshot")
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "lab")
    stuck = count()
    time.sleep(2)
    assert count() == stuck
    process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    eventually(lambda: count() > stuck + 2)
    assert server.end() == 0
    with Lab(server.lab) as lab:
        assert lab.verify().ok


def test_a_recording_ends_on_a_full_disk_and_its_clip_comes_when_there_is_room(
    make_server, eventually
):
    server = make_server().start()
    slug = server.add_camera("synthetic://testcard?size=320x240")
    server.http.post(f"/cameras/{slug}/recording/start")
    recording = server.lab / ".octolab" / "recording"
    eventually(lambda: any(path.stat().st_size > 20_000 for path in recording.glob("*.mp4")))
    process = psutil.Process(server.process.pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (1, psutil.RLIM_INFINITY))
    answer = server.http.post(f"/cameras/{slug}/recording/stop")
    assert answer.status_code == 507
    assert "has ended" in answer.json()["error"]["message"]
    assert server.http.post(f"/cameras/{slug}/recording/stop").status_code == 409
    assert not list(recording.iterdir()), "nothing begins anew"
    process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    eventually(lambda: server.http.get("/artifacts?kind=clip").json()["items"])
    assert server.http.get(f"/cameras/{slug}").json()["desired"]["recording"] is False


def test_a_log_that_has_grown_large_is_put_aside(tmp_path):
    lab = tmp_path / "lab"
    (lab / ".octolab").mkdir(parents=True)
    log = lab / ".octolab" / "server.log"
    log.write_bytes(b"x" * (live.MOST_LOG_BYTES + 1))
    code = f"import octolab; octolab.Lab({str(lab)!r}).live.ensure()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    os.kill(find_server(lab).pid, signal.SIGTERM)
    assert log.stat().st_size < 1000
    assert (lab / ".octolab" / "server.log.1").stat().st_size == live.MOST_LOG_BYTES + 1


def test_a_lab_that_is_no_lab_is_told_in_one_line(make_server):
    server = make_server()
    server.lab.mkdir()
    (server.lab / "lab.db").write_bytes(b"this is no catalog" * 100)
    run = start_another(server)
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1, run.stderr
    assert run.stderr.startswith("octolab: ")


def test_uvicorn_serves_the_lab_of_the_environment(tmp_path, eventually):
    lab = tmp_path / "lab"
    env = {
        **os.environ,
        "OCTOLAB_LAB": str(lab),
        "OCTOLAB_LANG": "en",
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    env.pop("OCTOLAB_TOKEN", None)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "octolab.server:app", "--port", str(port)]
    with (tmp_path / "out.txt").open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=tmp_path)
    try:
        file = lab / ".octolab" / "server.json"
        told = json.loads(eventually(lambda: file.exists() and file.read_text()))
        assert told["url"] == f"http://127.0.0.1:{port}"

        def shown():
            return f"/docs?token={told['token']}" in (tmp_path / "out.txt").read_text()

        eventually(shown)
        url = f"{told['url']}/api/v1/health"
        eventually(lambda: answers(url, told["token"]) == 200)
        second = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert second.returncode != 0
        assert "this lab has its server already" in second.stderr
        assert "Traceback" not in second.stderr
    finally:
        process.terminate()
        process.wait(60)
    lines = (tmp_path / "out.txt").read_text()
    assert lines.count(told["token"]) == 1, "shown once; the access log has no token"
    assert "/api/v1/health" in lines


def answers(url, token):
    try:
        return httpx.get(url, params={"token": token}, timeout=60, trust_env=False).status_code
    except httpx.TransportError:
        return None
