"""The kinds of faults. Each is a generator: what goes wrong, a yield while it lasts, and what ends it."""

import contextlib
import dataclasses
import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from ..kit.account import Failed, say, until

KINDS: dict[str, "Kind"] = {}


@dataclasses.dataclass
class Kind:
    """The parts that a fault touches, which no other may touch meanwhile; how long it lasts; the component of `check` that names it
    while it lasts, and how; whether it needs a network or a disk of its own."""

    name: str
    body: Callable
    parts: frozenset
    lasts: tuple[float, float]
    says: str
    own: bool

    def component(self):
        return self.says.partition(": ")[0]

    def matches(self, line):
        return re.search(self.says.partition(": ")[2], line)


def kind(*parts, lasts=(2, 8), says="", own=False):
    def put(body):
        name = body.__name__.replace("_", "-")
        KINDS[name] = Kind(name, body, frozenset(parts), lasts, says, own)
        return body

    return put


@contextlib.contextmanager
def frozen(*pids):
    """Processes that stand still."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def insists(what, action, seconds=120):
    """As an operator does: again, until it works, since other parts may be broken too."""
    import psycopg
    from kafka.errors import KafkaError

    def done():
        try:
            return (action(),)
        except (Failed, subprocess.SubprocessError, OSError, KafkaError, psycopg.OperationalError) as e:
            say(f"      {what}: {str(e)[-200:]!r}; again")
            return None

    return until(what, done, seconds, 1)[0]


def within(seconds, action):
    """What the action gives; a client of Kafka's may wait for ever where a broker dies under it."""
    from kafka.errors import KafkaTimeoutError

    given = queue.SimpleQueue()

    def run():
        try:
            given.put((True, action()))
        except Exception as e:
            given.put((False, e))

    threading.Thread(target=run, daemon=True).start()
    try:
        worked, value = given.get(timeout=seconds)
    except queue.Empty:
        raise KafkaTimeoutError(f"no answer in {seconds} s") from None
    if not worked:
        raise value
    return value


# --- Flink ---


def a_task_manager(stack, dice):
    name = dice.choice(sorted(stack.cluster.task_managers))
    return name, stack.cluster.task_managers[name]


@kind("task managers", lasts=(1, 4), says="flink: started again|RESTARTING|no slot")
def task_manager_killed(stack, dice):
    name, _ = a_task_manager(stack, dice)
    stack.cluster.kill_task_manager(name)
    yield
    stack.cluster.add_task_manager()


@kind("task managers", lasts=(3, 15), says="flink: last heard of")
def task_manager_frozen(stack, dice):
    with frozen(a_task_manager(stack, dice)[1].pid):
        yield


@kind("job manager", "task managers", lasts=(1, 4), says="flink: does not answer|no job")
def job_manager_killed(stack, dice):
    stack.kill(stack.cluster.jobmanager)
    yield
    path = stack.newest_checkpoint()
    stack.cluster.start_job_manager()
    until("Flink answers", lambda: stack.cluster.get("/overview")["slots-total"] >= 2, 120)
    stack.submit(path)


@kind("job manager", lasts=(3, 12), says="flink: does not answer")
def job_manager_frozen(stack, dice):
    with frozen(stack.cluster.jobmanager.pid):
        yield


@kind("job manager", "task managers", lasts=(0, 0))
def rescaled(stack, dice):
    yield from redeployed(stack, dice.choice([n for n in (1, 2, 3) if n != stack.parallelism]))


@kind("job manager", "task managers", lasts=(0, 0))
def submitted_anew_from_a_savepoint(stack, dice):
    yield from redeployed(stack, stack.parallelism)


def redeployed(stack, parallelism):
    def stopped():
        state = stack.job.state()
        if state == "RUNNING":
            return stack.job.stop(stack.savepoints())
        if state == "FAILED":
            stack.mend_lost_upload()  # its newest checkpoint would fail again
        elif state in ("FINISHED", "CANCELED"):  # the command gave up waiting, the savepoint was there
            return stack.newest_checkpoint()
        raise Failed(f"the job is {state}")

    path = insists("stopped with a savepoint", stopped, 300)  # what a job without state needs may be away meanwhile
    yield
    stack.parallelism = parallelism
    stack.submit(path)


@kind("clock", lasts=(3, 12), says="metrics: the clock of")
def clock_ahead(stack, dice):
    yield from clock(stack, dice.choice((60, 1200, 7200)))


@kind("clock", lasts=(3, 12), says="metrics: the clock of")
def clock_behind(stack, dice):
    yield from clock(stack, -dice.choice((60, 1200, 7200)))


def clock(stack, seconds):
    """That of the TaskManagers."""
    stack.clock.is_off_by(seconds)
    yield
    stack.clock.is_off_by(0)


# --- Kafka and Connect ---


@kind("broker", lasts=(1, 6), says="kafka: does not answer")
def broker_killed(stack, dice):
    stack.kill(stack.broker)
    yield
    insists("a broker", stack.start_broker)


@kind("broker", lasts=(3, 15), says="kafka: does not answer")
def broker_frozen(stack, dice):
    with frozen(stack.broker.pid):
        yield


@kind("transaction", lasts=(4, 12), says="kafka: left-open")
def transaction_left_open(stack, dice):
    from kafka import KafkaProducer

    topic, identity = a_topic(stack, dice), f"left-open-{time.time_ns()}"

    def begun():
        """A producer's first act is to abort what an earlier one of its identity left open."""
        producer = KafkaProducer(bootstrap_servers=stack.bootstrap(), transactional_id=identity)
        producer.init_transactions()
        return producer

    def opened():
        producer = begun()
        producer.begin_transaction()
        producer.send(topic, b"never to be read").get(20)
        return producer

    left = insists("a transaction", lambda: within(30, opened))
    yield
    insists("it is aborted", lambda: within(30, lambda: begun().close(timeout=5)))
    left.close(timeout=5)


def a_topic(stack, dice):
    source = dice.choice(stack.sources)
    return f"{source.name}.{source.name}.{dice.choice(('accounts', 'moves', 'notes'))}"


@kind("broker", lasts=(0, 0))  # what is sent to one that is away may be there, or not
def poison(stack, dice):
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=stack.bootstrap(), acks="all", retries=0, enable_idempotence=False)
    for _ in range(dice.randrange(1, 4)):
        text = dice.choice((b"no json", b"{", b'{"op":"c"}', b"[1]", b'{"payload":{"op":"z"}}', b"\xff\xfe"))
        topic = a_topic(stack, dice)
        producer.send(topic, text).get(30)
        stack.poison[topic] += 1
    producer.close()
    yield


@kind("partitions", lasts=(0, 0))
def partitions_added(stack, dice):
    from kafka.admin import KafkaAdminClient, NewPartitions

    topic = a_topic(stack, dice)

    def added():
        admin = KafkaAdminClient(bootstrap_servers=stack.bootstrap())
        try:
            count = len(admin.describe_topics([topic])[0]["partitions"])
            if count < 3:
                admin.create_partitions({topic: NewPartitions(count + 1)})
        finally:
            admin.close()

    insists("partitions", added)
    yield


@kind("connect", lasts=(1, 4), says="debezium: does not answer")
def connect_killed(stack, dice):
    stack.kill(stack.worker)
    yield
    insists("Connect", stack.start_worker)


@kind("connect", lasts=(3, 15), says="debezium: does not answer|time")
def connect_frozen(stack, dice):
    with frozen(stack.worker.pid):
        yield


@kind("connect", lasts=(2, 8), says="debezium: PAUSED")
def connector_paused(stack, dice):
    source = stack.sources[0]
    insists("paused", lambda: stack.ask("PUT", f"/connectors/{source.name}/pause"))
    yield
    insists("resumed", lambda: stack.ask("PUT", f"/connectors/{source.name}/resume"))


@kind("connect", lasts=(0, 0))
def connector_restarted(stack, dice):
    name = dice.choice(stack.sources).name
    insists("restarted", lambda: stack.ask("POST", f"/connectors/{name}/restart?includeTasks=true"))
    yield
