"""What an operator does about a gap, and what the model must know of it."""

import contextlib
import shutil
import time
from collections import Counter

from ..kit.account import Failed, expect, until
from ..kit.paths import RUN
from .stack import Stack


class Operated(Stack):
    def rest(self, source, counted=True):
        """The source's load rests; all it has changed is in Kafka, and counted by the job. None: it is nowhere yet."""
        source.pause()
        if not source.idle.wait(60):
            raise Failed(f"the load on {source.name} does not rest")
        if counted is None:
            return
        if counted:
            goal = self.tallies()
            until("all is counted", lambda: self.has_counted(goal), 180, 1)
        else:
            self.await_kafka(source)

    def await_kafka(self, source):
        """A mark behind all changes: the slot has been read to its end."""
        end = source.postgres.rows("select pg_current_wal_lsn()")[0][0]
        read = f"select confirmed_flush_lsn >= '{end}' from pg_replication_slots where slot_name = '{source.name}'"
        until("the slot is read", lambda: source.postgres.rows(read)[0][0], 90, 0.5)

    @contextlib.contextmanager
    def admin(self):
        from kafka.admin import KafkaAdminClient

        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap())
        try:
            yield admin
        finally:
            admin.close()

    def ends_of(self, topic):
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap())
        try:
            return consumer.end_offsets([TopicPartition(topic, partition) for partition in sorted(consumer.partitions_for_topic(topic))])
        finally:
            consumer.close()

    def delete_records(self, topic):
        ends = self.ends_of(topic)
        with self.admin() as admin:
            admin.delete_records(ends)
        self.poison_gone[topic] = self.poison[topic]

    @contextlib.contextmanager
    def connector_stopped(self, source):
        self.ask("PUT", f"/connectors/{source.name}/stop")
        until("it is stopped", lambda: self.connector_state(source) == ["STOPPED"], 60)
        yield
        self.ask("PUT", f"/connectors/{source.name}/resume")

    def delete_topic(self, source, table):
        """While its connector is not there to write."""
        topic = f"{source.name}.{table}"
        with self.connector_stopped(source), self.admin() as admin:
            admin.delete_topics([topic])
        self.poison_gone[topic] = self.poison[topic]
        until("it runs", lambda: self.connector_state(source) == ["RUNNING", "RUNNING"], 90)

    def drop_slot(self, source):
        free = f"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '{source.name}' and not active"
        until("the slot is dropped", lambda: source.postgres.rows(free), 60, 0.5)

    def says_lost(self, source):
        """So check says of a connector whose next change is not to be had."""

        def told():
            found = self.check("--component", "debezium", source=source)
            return [one for one in found if f"connector {source.name} " in one["what"] and "never sent" in one["what"]]

        told = until(f"check says that {source.name} has lost something", told, 120, 1)
        expect(told[0]["remedy"].endswith(f"connectors reset {source.name}"), f"announced: {told[0]['what'][:300]}", told[0]["remedy"])

    def reset(self, source):
        code, output = self.tributary("connectors", "reset", source.name, source=source, seconds=200)
        expect(code == 0, f"connectors reset {source.name}", output[-500:])

    def copy_of_kafka(self):
        """As it is when it stops."""
        self.kill(self.broker)
        shutil.copytree(RUN / "broker" / "kafka", RUN / "broker" / "copy", dirs_exist_ok=True)
        self.start_broker()

    def restore_kafka(self):
        """With what Connect keeps in it."""
        self.kill(self.worker)
        self.kill(self.broker)
        shutil.rmtree(RUN / "broker" / "kafka")
        (RUN / "broker" / "copy").rename(RUN / "broker" / "kafka")
        self.start_broker()
        self.start_worker()

    def floor(self, source, table):
        """The table's topic has nothing of before."""
        for key, changes in source.tally().items():
            if key[0] == table:
                self.floors[key] = changes

    def snapshot(self, source, table):
        code, output = self.tributary("connectors", "snapshot", table, "--connector", self.connector(source), source=source)
        if code != 0:
            raise Failed(f"connectors snapshot {table} ended {code}: {output[-500:]}")

    def repair_what_says_so(self):
        """As often as a mirror is found to lack something: a quiet one is looked at later than others."""
        with contextlib.suppress(Exception):  # the warehouse, or the job, may still be away
            if self.warehouse.rows("select count(*) from cdc_mirrors where needs_repair")[0][0]:
                self.repair()

    def cancel(self):
        if self.job.state() not in ("FAILED", "CANCELED", "FINISHED"):
            self.job.cancel()

    def begin_anew(self):
        """A job without state, over a lake and a warehouse without a row."""
        self.cancel()
        self.life += 1
        self.before = Counter(self.floors)
        gone = {table for table, _ in self.floors}
        self.lost = [each for each in self.lost if each[0] not in gone]
        database = f"warehouse{self.life}"
        with self.warehouse.connect(autocommit=True) as connection:
            connection.execute(f"create database {database}")
        self.warehouse.database = database
        self.grant()
        self.write_pipeline()
        self.submit_without_state()

    def submit_without_state(self):
        self.cancel()
        self.anew = time.time()
        self.gaps = 0
        self.poison -= self.poison_gone  # of what the topics have not any more
        self.poison_gone.clear()
        self.letters = {lost for lost in self.letters if lost[0] not in {table for table, _ in self.floors}}
        self.job_before = Counter(self.floors)
        self.submit()

    def forget_commits(self, path, number):
        """As if the table had been restored: its newest log entries are gone, and what was kept of them."""
        client = self.store.client()
        log = [each["Key"] for each in self.store.objects(f"{self.lake()}/{path}/_delta_log/")]
        commits = sorted(key for key in log if key.endswith(".json") and key.rpartition("/")[2][:20].isdigit())
        kept = commits[-number - 1].rpartition("/")[2][:20]
        for key in log:
            name = key.rpartition("/")[2]
            if name == "_last_checkpoint" or (name[:20].isdigit() and name[:20] > kept):
                client.delete_object(Bucket="lake", Key=key)
