"""The kinds of faults that lose changes for good. Each is announced, and what is missing afterwards is what was made meanwhile, or less."""

from ..kit.account import expect, until
from .faults import KINDS, insists, kind
from .source import TABLES

ALONE = "all"  # the part of a kind that no other may be beside


def with_all(body):
    return kind(ALONE, lasts=(2, 5))(body)


def a_table(stack, dice, tables=TABLES):
    source = dice.choice(stack.sources)
    return source, f"{source.name}.{dice.choice(tables)}"


def ends(stack, table, word):
    """The job ends, and its last word is of the table."""

    def told():
        history = stack.job.get("/exceptions")["exceptionHistory"]["entries"] if stack.job.state() == "FAILED" else []
        lines = history[0]["stacktrace"].splitlines() if history else []
        return next((line for line in lines if line.startswith("Caused by: io.tributary.") and table in line), "")

    line = until(f"the job ends, and says what became of {table}", told, 180)
    expect(word in line, f"announced: {line.partition(': ')[2][:300]}", word)


@with_all
def table_unpublished(stack, dice):
    """Its changes are never sent; check puts it back, and says which snapshot is to be taken."""
    source, table = a_table(stack, dice)
    source.journal = []
    source.postgres.execute(f"alter publication {source.name} drop table {table}")
    yield
    _, output = stack.tributary("check", "--component", "postgres", "--fix", "--connector", stack.connector(source), source=source)
    expect("fixed by: " in output and f"connectors snapshot {table}" in output, f"announced: {table} is not published", output[-700:])
    stack.lost += source.end_journal(table)
    stack.snapshot(source, table)


@with_all
def slot_dropped(stack, dice):
    """While its connector is stopped, as a failover drops it: the connector says so, and begins anew with a snapshot of all."""
    source = dice.choice(stack.sources)
    stack.rest(source)
    with stack.connector_stopped(source):
        stack.drop_slot(source)
        source.journal = []
        source.resume()
        yield
        stack.rest(source, counted=None)
    stack.says_lost(source)
    stack.lost += source.end_journal()
    stack.reset(source)
    source.resume()


@with_all
def records_deleted(stack, dice):
    """Retention takes what a stopped job has not read: it ends, and goes on as it is told to; a snapshot brings the rows."""
    source = dice.choice(stack.sources)
    table = f"{source.name}.accounts"  # the one that is changed all the time
    stack.rest(source)
    path = insists("stopped", lambda: stack.job.stop(stack.savepoints()))
    source.journal = []
    source.resume()
    yield
    stack.rest(source, counted=False)
    stack.delete_records(f"{source.name}.{table}")
    stack.lost += source.end_journal(table)
    stack.submit(path)
    ends(stack, table, "deleted")
    stack.cancel()
    stack.write_pipeline(on_gap="continue")
    stack.submit(path)
    stack.gaps += 1
    stack.floor(source, table)
    stack.snapshot(source, table)
    source.resume()


@with_all
def topic_made_anew(stack, dice):
    """Under its name, when all of it had been read: the job ends, and all begins anew in another lake and another warehouse."""
    # of notes, what an update leaves out is nowhere until the snapshot comes: dead letters `unsent`
    source, table = a_table(stack, dice, ("accounts", "moves"))
    stack.rest(source)
    stack.delete_topic(source, table)
    yield
    stack.floor(source, table)
    source.resume()
    ends(stack, table, "anew")
    stack.begin_anew()
    stack.snapshot(source, table)


@with_all
def kafka_restored(stack, dice):
    """From an older copy: the job ends, and asks for a new snapshot; a connector may go on, or not, where its slot is further than it."""
    for source in stack.sources:
        stack.rest(source)
    stack.copy_of_kafka()
    for source in stack.sources:
        source.journal = []
        source.resume()
    yield
    for source in stack.sources:
        stack.rest(source)
    stack.restore_kafka()
    ends(stack, "", "older")
    for source in stack.sources:
        stack.lost += source.end_journal()
        stack.reset(source)
    stack.begin_anew()
    for source in stack.sources:
        source.resume()


@with_all
def lake_went_back(stack, dice):
    """Its newest commits are gone, as after a restore: the job ends; one without state gives what is lacking."""
    _, table = a_table(stack, dice)
    stack.job.await_checkpoints(3, 180)
    yield
    stack.forget_commits(f"raw-kafka-data/{table}", 3)
    ends(stack, table, "")
    stack.submit_without_state()


@with_all
def warehouse_emptied(stack, dice):
    """Another server took over, without a row: what the job has is there again, and what the histories lack is noted."""
    stack.warehouse.execute("drop schema a cascade", "drop schema b cascade", "drop owned by mirror cascade")
    stack.grant()
    yield
    insists("the job has seen it, and repaired", stack.repair, 240)


NAMES = [name for name, each in KINDS.items() if ALONE in each.parts]
