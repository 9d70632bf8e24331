"""The kinds of faults that lose changes for good: each is announced, and what is missing afterwards is what it took, to the row."""

import time

from ..kit.account import expect, until
from .faults import frozen, insists, kind  # noqa: F401


@kind("all", lasts=(3, 6), says="postgres: lacks")
def table_unpublished(stack, dice):
    """Its changes are never sent; check puts it back, and says what snapshot is to be taken."""
    source = stack.some_source(dice)
    table = f"{source.name}.{dice.choice(('accounts', 'notes'))}"
    source.journal = []
    source.postgres.execute(f"alter publication {source.name} drop table {table}")
    yield
    code, output = stack.tributary("check", "--component", "postgres", "--fix", "--connector", stack.connector_file(source), source=source)
    expect("fixed by: " in output and f"connectors snapshot {table}" in output, f"{table} out of its publication is announced", output[-500:])
    stack.snapshot(source, table)


@kind("all", lasts=(3, 6), says="kafka: ")
def records_deleted(stack, dice):
    """Retention takes what a stopped job has not read: it ends, and goes on where it is told to; a snapshot brings the rows."""
    source = stack.some_source(dice)
    table = f"{source.name}.{dice.choice(('accounts', 'moves', 'notes'))}"
    stack.pause_and_count(source)
    path = insists("stopped", lambda: stack.job.stop(stack.savepoints()))
    source.journal = []
    source.resume()
    yield
    source.pause()
    source.idle.wait(60)
    stack.await_topic(source)
    stack.delete_records(f"{source.name}.{table}")
    stack.submit(path)
    told = until("the job ends, and says why", lambda: stack.job.state() in ("FAILED", "RESTARTING") and stack.job.why(), 120)
    expect(table in told and "deleted" in told, f"records of {table} that are gone are announced", told)
    stack.cancel()
    stack.write_pipeline("continue")
    stack.submit(path)
    stack.rejected += 1
    stack.snapshot(source, table)
    source.resume()


@kind("all", lasts=(1, 3))
def topic_made_anew(stack, dice):
    """Under its name: the job ends. Its table begins anew in another lake; nothing had been left unread."""
    source = stack.some_source(dice)
    table = f"{source.name}.{dice.choice(('accounts', 'moves', 'notes'))}"
    stack.pause_and_count(source)
    stack.delete_topic(f"{source.name}.{table}")
    yield
    source.base = {key: n for key, n in source.tally().items() if key[0] == table}
    source.resume()
    told = until("the job ends, and says why", lambda: stack.job.state() in ("FAILED", "RESTARTING") and stack.job.why(), 120)
    expect(table in told and "anew" in told, f"the topic of {table}, made anew, is announced", told)
    stack.begin_anew()
    stack.snapshot(source, table)
