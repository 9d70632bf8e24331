"""The network between the parts: relays on addresses of their own, in a network of this check's, which can be slow, rude or cut."""

import asyncio
import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading

from ..kit.processes import free_port

NETWORK = "10.77.0"
SINK = "02:00:00:00:00:77"  # a machine that is not there
OWN = ["unshare", "--net", "--mount"]
RESET = struct.pack("ii", 1, 0)
BUSY = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'


def enter():
    """Runs this process again in a network and with mounts of its own, unless it is there already; whether this machine gives them."""
    if os.environ.get("TRIBUTARY_NETWORK") != "own":
        tried = subprocess.run([*OWN, "sh", "-c", "ip link set lo up && mount -t tmpfs none /mnt"], capture_output=True)
        if tried.returncode != 0:
            return False
        os.environ["TRIBUTARY_NETWORK"] = "own"
        os.execvp(OWN[0], [*OWN, sys.executable, "-m", "checks", *sys.argv[1:]])
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "nowhere", "type", "veth", "peer", "name", "nobody")
    run("ip", "addr", "add", f"{NETWORK}.254/32", "dev", "nowhere")
    for device in ("nowhere", "nobody"):
        run("ip", "link", "set", device, "up")
    return True


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Relay:
    """A TCP relay to a port of 127.0.0.1, on an address of its own."""

    last = 0

    def __init__(self, network, target):
        Relay.last += 1
        self.address, self.port, self.target = f"{NETWORK}.{Relay.last}", target, target
        self.delay, self.answers_busy, self.resets = 0.0, False, False
        self.connections = set()
        if network.own:
            self.mend()
            run("ip", "route", "add", f"{self.address}/32", "dev", "nowhere")  # while lo has it, that goes first
            run("ip", "neigh", "add", self.address, "lladdr", SINK, "dev", "nowhere", "nud", "permanent")
        else:
            self.address, self.port = "127.0.0.1", free_port()
        network.call(self.listen())
        self.network = network

    async def listen(self):
        await asyncio.start_server(self.serve, self.address, self.port)

    def cut(self):
        """All packets, those of open connections too, go where nobody answers."""
        run("ip", "addr", "del", f"{self.address}/32", "dev", "lo")

    def mend(self):
        run("ip", "addr", "add", f"{self.address}/32", "dev", "lo")

    def reset_all(self):
        self.network.call(self.abort())

    async def abort(self):
        for writer in tuple(self.connections):
            with contextlib.suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def serve(self, reader, writer):
        self.connections.add(writer)
        out = None
        try:
            if self.resets:
                await reader.read(64)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return
            if self.answers_busy:
                await self.busy(reader, writer)
                return
            back, out = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self.pump(reader, out), self.pump(back, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two has gone
        finally:
            self.connections.discard(writer)
            for each in (writer, out):
                if each:
                    each.transport.abort() if each is writer and self.resets else each.close()

    async def pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.close()

    @staticmethod
    async def busy(reader, writer):
        """503 to one request, whose body is read first: else its sender sees a broken connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0].strip()
        if b"100-continue" not in head and length:
            await reader.readexactly(int(length))
        writer.write(b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(BUSY), BUSY))
        await writer.drain()


class Network:
    """The relays' own thread."""

    def __init__(self, own):
        self.own = own
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="Thread-network", daemon=True).start()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def relay(self, target):
        return Relay(self, target)
