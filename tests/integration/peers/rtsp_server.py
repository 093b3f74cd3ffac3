#!/usr/bin/python3
"""An RTSP camera for tests, on gst-rtsp-server; run it with the system's Python.

    rtsp_server.py CLIP.mp4 [--login digest|basic --user U --password P]

plays the clip at ``/cam`` over and over without encoding it anew. It prints its port, then
obeys words on its standard input: ``stall``, ``resume``, ``kick`` (drop every client).
"""

import argparse
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PARSERS = {
    "video/x-h264": "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au",
    "video/x-h265": "h265parse ! video/x-h265,stream-format=byte-stream,alignment=au",
    "audio/mpeg": "aacparse ! audio/mpeg,stream-format=raw",
}
PAYLOADERS = {
    "video/x-h264": "h264parse ! rtph264pay config-interval=-1",
    "video/x-h265": "h265parse ! rtph265pay config-interval=-1",
    "audio/mpeg": "rtpmp4gpay",
}


def access_units(path):
    """Each track of the clip: kind, caps, [(time, duration, is_keyframe, bytes)]."""
    pipeline = Gst.parse_launch("filesrc name=file ! qtdemux name=demux")
    pipeline.get_by_name("file").set_property("location", path)
    sinks = []
    ready = threading.Event()

    def added(_demux, pad):
        kind = pad.get_current_caps().get_structure(0).get_name()
        if kind in PARSERS:
            part = Gst.parse_bin_from_description(
                "queue max-size-bytes=0 max-size-time=0 max-size-buffers=0 ! "
                f"{PARSERS[kind]} ! appsink name=sink sync=false async=false",
                True,
            )
            pipeline.add(part)
            part.sync_state_with_parent()
            pad.link(part.get_static_pad("sink"))
            sinks.append((kind, part.get_by_name("sink")))

    pipeline.get_by_name("demux").connect("pad-added", added)
    pipeline.get_by_name("demux").connect("no-more-pads", lambda _demux: ready.set())
    pipeline.set_state(Gst.State.PLAYING)
    if not ready.wait(60):
        sys.exit("the clip can't be read")
    tracks = []
    for kind, sink in sinks:
        units, caps = [], None
        while (sample := sink.emit("pull-sample")) is not None:
            caps = caps or sample.get_caps().to_string()
            buffer = sample.get_buffer()
            data = buffer.extract_dup(0, buffer.get_size())
            key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
            units.append((buffer.pts, buffer.duration, key, data))
        first = units[0][0]
        tracks.append((kind, caps, [(pts - first, d, k, data) for pts, d, k, data in units]))
    pipeline.set_state(Gst.State.NULL)
    return tracks


class Camera(GstRtspServer.RTSPMediaFactory):
    """Feeds the clip, paced, to whoever watches."""

    def __init__(self, tracks):
        super().__init__()
        self.tracks, self.stalled = tracks, False
        self.set_shared(True)
        sources = [
            f"appsrc name=source{i} is-live=true format=time ! {PAYLOADERS[kind]} "
            f"name=pay{i} pt={96 + i}"
            for i, (kind, _, _) in enumerate(tracks)
        ]
        self.set_launch(f"( {' '.join(sources)} )")
        self.connect("media-configure", self.configure)

    def configure(self, _factory, media):
        over = threading.Event()
        media.connect("unprepared", lambda _media: over.set())
        for i, (_, caps, units) in enumerate(self.tracks):
            source = media.get_element().get_by_name(f"source{i}")
            source.set_property("caps", Gst.Caps.from_string(caps))
            threading.Thread(target=self.feed, args=(source, units, over), daemon=True).start()

    def feed(self, source, units, over):
        length = units[-1][0] + units[-1][1]
        began, lap = time.monotonic(), 0
        while not over.is_set():
            for pts, duration, key, data in units:
                over.wait(max(0.0, (lap + pts) / Gst.SECOND - (time.monotonic() - began)))
                if over.is_set():
                    return
                if self.stalled:
                    continue
                buffer = Gst.Buffer.new_wrapped(data)
                buffer.pts = buffer.dts = lap + pts
                buffer.duration = duration
                if not key:
                    buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
                if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                    return
            lap += length


def drop_clients(server):
    server.client_filter(lambda _server, _client: GstRtspServer.RTSPFilterResult.REMOVE)
    return False


def main():
    options = argparse.ArgumentParser()
    options.add_argument("clip")
    options.add_argument("--login", choices=["digest", "basic"])
    options.add_argument("--user", default="")
    options.add_argument("--password", default="")
    chosen = options.parse_args()
    Gst.init(None)
    camera = Camera(access_units(chosen.clip))
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if chosen.login:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        if chosen.login == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(chosen.user, chosen.password, token)
        else:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
            basic = GstRtspServer.RTSPAuth.make_basic(chosen.user, chosen.password)
            auth.add_basic(basic, token)
        server.set_auth(auth)
        allowed = GstRtspServer.RTSPPermissions()
        for what in ("access", "construct"):
            allowed.add_permission_for_role("viewer", f"media.factory.{what}", True)
        camera.set_permissions(allowed)
    server.get_mount_points().add_factory("/cam", camera)
    server.attach(None)
    loop = GLib.MainLoop()

    def obey():
        for line in sys.stdin:
            word = line.strip()
            if word in ("stall", "resume"):
                camera.stalled = word == "stall"
            elif word == "kick":
                GLib.idle_add(drop_clients, server)
            print("done", flush=True)
        loop.quit()

    threading.Thread(target=obey, daemon=True).start()
    print(server.get_bound_port(), flush=True)
    loop.run()


main()
