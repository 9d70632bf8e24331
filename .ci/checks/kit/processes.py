"""The processes of a check, and free ports for them."""

import os
import signal
import socket
import subprocess

from .account import Failed, say
from .paths import LOG

QUICK_JAVA = "-XX:TieredStopAtLevel=1"  # where processes live for minutes, a good part of what they cost is the compiler
STOP_SECONDS = {"demo": 60}


class Processes:
    """Every process this check starts; they end by their own ids, the newest first."""

    def __init__(self):
        self.running = []

    def start(self, name, command, stop_signal=signal.SIGTERM, stdin=subprocess.DEVNULL, **options):
        with (LOG / f"{name}.out").open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )
        process.tributary = (name, stop_signal)
        self.running.append(process)
        return process

    def kill(self, process):
        process.kill()
        process.wait()
        self.forget(process)

    def forget(self, process):
        """It has ended by itself."""
        self.running.remove(process)

    def stop(self, process):
        name, stop_signal = process.tributary
        if process.poll() is None:
            process.send_signal(stop_signal)
            try:
                process.wait(STOP_SECONDS.get(name, 15))
            except subprocess.TimeoutExpired:
                say(f"      {name} does not stop: killed")
                process.kill()
                process.wait()
        self.forget(process)

    def stop_all(self):
        for process in reversed(list(self.running)):
            self.stop(process)


processes = Processes()
given_ports: set[int] = set()


def free_port(span=1):
    """A port with the span of ports from it free; none is given twice."""
    for candidate in range(21000 + os.getpid() % 5000, 32000, span):
        ports = range(candidate, candidate + span)
        if given_ports.isdisjoint(ports) and all(is_free(port) for port in ports):
            given_ports.update(ports)
            return candidate
    raise Failed("no free port")


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def output_of(command, seconds=120, environment=None):
    """The exit code of a command, and all that it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        env=environment or os.environ,
        timeout=seconds,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout
