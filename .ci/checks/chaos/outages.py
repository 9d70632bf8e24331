"""The kinds of faults of sources, store and warehouse."""

import contextlib
import os
import shutil
import threading

from ..kit.processes import free_port
from .faults import frozen, insists, kind


def a_source(stack, dice):
    stack.touched = dice.choice(stack.sources)
    return stack.touched


@kind("source", lasts=(1, 6), says="postgres: refused|starting up|attempt failed")
def source_killed(stack, dice):
    source = a_source(stack, dice)
    source.postgres.kill()
    yield
    insists("a source", source.postgres.start)


@kind("source", lasts=(0, 3))
def source_failed_over(stack, dice):
    """Another server takes over its disk, and its address."""
    source = a_source(stack, dice)
    source.postgres.kill()
    yield
    source.postgres.port = source.relay.target = free_port()
    insists("the other server", source.postgres.start)


@kind("source", lasts=(3, 12), says="postgres: timed out|attempt failed")
def source_frozen(stack, dice):
    with frozen(*a_source(stack, dice).postgres.processes()):
        yield


@kind("source", lasts=(4, 15), says="postgres: timed out|attempt failed", own=True)
def source_cut(stack, dice):
    relay = a_source(stack, dice).relay
    relay.cut()
    yield
    relay.mend()


@kind("columns", lasts=(0, 0))
def columns_change(stack, dice):
    source = a_source(stack, dice)
    statement = source.alter(dice)
    insists(statement, lambda: source.postgres.execute(statement))
    yield


# --- the object store ---


@kind("store", lasts=(1, 8), says="flink,lake: does not answer|takes no more requests|s3://")
def store_killed(stack, dice):
    stack.store.stop()
    yield
    stack.store.start()


@kind("store", lasts=(3, 12), says="flink,lake: does not answer|takes no more requests|s3://")
def store_frozen(stack, dice):
    with frozen(stack.store.process.pid):
        yield


@kind("store", lasts=(4, 15))
def store_slow(stack, dice):
    stack.store.relay.delay = dice.uniform(0.05, 0.4)
    yield
    stack.store.relay.delay = 0


@kind("store", lasts=(3, 12), says="flink,lake: does not answer|takes no more requests|s3://")
def store_busy(stack, dice):
    """503 to each request."""
    stack.store.relay.answers_busy = True
    stack.store.relay.reset_all()
    yield
    stack.store.relay.answers_busy = False


@kind("store", lasts=(3, 12), says="flink,lake: does not answer|takes no more requests|s3://")
def store_resets(stack, dice):
    stack.store.relay.resets = True
    stack.store.relay.reset_all()
    yield
    stack.store.relay.resets = False


@kind("store", lasts=(4, 15), says="flink,lake: does not answer|takes no more requests|s3://", own=True)
def store_cut(stack, dice):
    stack.store.relay.cut()
    yield
    stack.store.relay.mend()


@kind("store", lasts=(3, 12), says="flink,lake: full|space|free", own=True)
def store_full(stack, dice):
    yield from full(stack.disks["minio"])


@kind("state", lasts=(3, 12), says="flink: checkpoint .* failed.*has room", own=True)
def state_full(stack, dice):
    yield from full(stack.disks["state"])


def full(folder):
    """Whatever somebody else deletes meanwhile is taken, too."""
    filler, ends = folder / "filler", threading.Event()

    def fill():
        with filler.open("wb") as file:
            free = shutil.disk_usage(folder).free
            with contextlib.suppress(OSError):  # others write meanwhile
                os.posix_fallocate(file.fileno(), 0, max(1, free - (32 << 10)))
            file.seek(0, os.SEEK_END)
            while not ends.wait(0.05):
                with contextlib.suppress(OSError):
                    while os.write(file.fileno(), b"0" * 4096):
                        pass  # until not a byte is left

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    yield
    ends.set()
    thread.join()
    filler.unlink()


# --- the warehouse ---


@kind("warehouse", lasts=(1, 8), says="flink: warehouse.*waiting")
def warehouse_killed(stack, dice):
    stack.warehouse.kill()
    yield
    insists("a warehouse", stack.warehouse.start)


@kind("warehouse", lasts=(3, 12), says="flink,warehouse: warehouse.*waiting|does not answer")
def warehouse_frozen(stack, dice):
    with frozen(*stack.warehouse.processes()):
        yield


@kind("warehouse", lasts=(4, 15), says="flink: warehouse.*waiting", own=True)
def warehouse_cut(stack, dice):
    stack.warehouse_relay.cut()
    yield
    stack.warehouse_relay.mend()


@kind("warehouse", lasts=(3, 12), says="warehouse: waiting .* for a lock")
def warehouse_locked(stack, dice):
    with stack.warehouse.connect() as connection:
        connection.execute(f"lock table {a_mirror(stack, dice)} in access exclusive mode")
        yield
        connection.rollback()


@kind("warehouse", lasts=(3, 12), says="flink: read-only")
def warehouse_read_only(stack, dice):
    yield from refuses(
        stack,
        "alter database warehouse set default_transaction_read_only = on",
        "alter database warehouse reset default_transaction_read_only",
    )


@kind("warehouse", lasts=(3, 12), says="flink: too many connections")
def warehouse_out_of_connections(stack, dice):
    yield from refuses(stack, "alter role mirror connection limit 0", "alter role mirror connection limit -1")


def refuses(stack, statement, end):
    cut_off = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'mirror'"
    with stack.warehouse.connect(autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.execute(statement)
        connection.execute(cut_off)
        yield
        connection.execute(end)
        connection.execute(cut_off)


def a_mirror(stack, dice):
    name = a_source(stack, dice).name
    return f"{name}.{dice.choice(('accounts', 'moves', 'notes'))}"


@kind("warehouse", lasts=(4, 6), says="warehouse: repair")
def mirror_dropped(stack, dice):
    mirror = a_mirror(stack, dice)
    stack.warehouse.execute(f"drop table {mirror}")
    yield
    insists("repaired", lambda: stack.repair("--table", mirror), 240)


@kind("warehouse", lasts=(4, 6), says="warehouse: repair")
def ledger_dropped(stack, dice):
    stack.warehouse.execute("drop table cdc_offsets")
    yield
    insists("the job has seen it, and repaired", stack.repair, 240)
