"""Whether lake and mirrors have what Kafka and the source have."""

import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from ..kit.account import expect, say, until
from ..kit.paths import RUN
from .readers import Readers, folder, plain

PLAIN = ["t7", "t8", "t10", 'Odd "15" ż, (x)']


class Judge:
    def __init__(self, demo, minio, job, load, aggregates, warehouse, steady):
        self.minio, self.demo, self.job, self.load, self.aggregates, self.steady = minio, demo, job, load, aggregates, steady
        self.source = demo.database()
        self.copy = RUN / "copy" / "w"
        self.readers = Readers(minio, self.copy, PLAIN, warehouse)
        self.events = {}

    def await_all(self):
        """Until the lake has what Kafka has now."""
        self.mark()
        self.events = self.changes()
        until("the lake has all", self.is_whole, 300, pause=2)

    def mark(self):
        """A last change, which is in Kafka when all before it are."""
        self.load.execute("create table w.mark (id int primary key)", "insert into w.mark values (1)")
        until("the mark is in Kafka", lambda: "w.w.mark" in self.changes(), 600, pause=3)

    def changes(self):
        """Of each topic the partition, offset and operation of each change, by a consumer without Tributary."""
        file = RUN / "changes"
        command = self.job.main("topics", self.demo.kafka, r"w\.w\..*", file, log="topics.log")
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, timeout=600)
        found = {}
        for line in file.read_text().splitlines():
            topic, partition, offset, operation = line.split("\t")
            found.setdefault(topic, []).append((int(partition), int(offset), operation))
        return found

    def is_whole(self):
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        for topic, changes in self.events.items():
            name = self.by_topic(topic)
            log = "_tributary/raw-kafka-data" if name in PLAIN else "raw-kafka-data"
            try:
                table = DeltaTable(f"s3://lake/w/{log}/w.{folder(name)}", storage_options=self.minio.options())
            except TableNotFoundError:  # the mark's, which was made just now
                return False
            if (table.transaction_version(f"tributary:{topic}-0") or 0) <= max(offset for _, offset, _ in changes):
                return False
        return True

    def by_topic(self, topic):
        """Kafka's topic names have no odd characters."""
        for table in self.load.tables:
            if "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in f"w.w.{table.name}") == topic:
                return table.name
        return topic.removeprefix("w.w.")

    def download(self):
        """For the readers of folders; and what Delta Kernel reads."""
        names = [self.by_topic(topic) for topic in self.events]
        paths = (
            [f"raw-kafka-data/w.{name}" for name in names if name not in PLAIN]
            + [f"current/w.{name}" for name in names]
            + list(self.aggregates)
        )
        command = self.job.main("read", "s3://lake/w", RUN / "kernel", *paths, log="read.log")
        kernel = subprocess.Popen([str(part) for part in command])
        client = self.minio.client()

        def fetch(key):
            file = self.copy.parent / key
            file.parent.mkdir(parents=True, exist_ok=True)
            client.download_file("lake", key, str(file))

        items = list(self.minio.objects("w/"))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(fetch, [item["Key"] for item in items]))
        expect(kernel.wait(900) == 0, "Delta Kernel reads them all")
        self.files()
        entries = Counter(int(item["LastModified"].timestamp()) for item in items if re.search(r"/_delta_log/\d+\.json$", item["Key"]))
        busiest = max(sum(entries[second + i] for i in range(10)) for second in entries)
        say(f"      {sum(entries.values())} commits, {busiest / 10:.0f} a second in the busiest ten seconds")

    def files(self):
        logs = [log for kind in (self.copy, self.copy / "_tributary") for log in kind.glob("raw-kafka-data/*/_delta_log")]
        adds = {log.parent.name: [entry.read_text().count('{"add":') for entry in log.glob("*.json")] for log in logs}
        files, commits = sum(map(sum, adds.values())), sum(map(len, adds.values()))
        say(f"      {len(adds)} histories: {files} files in {commits} commits")
        if self.steady:
            many = [name for name, each in adds.items() if max(each) > (2 if name == "w.t5" else 1)]
            expect(not many, "a table gets one file in a checkpoint, one of more buckets as many as there are writers", str(many))

    def histories(self):
        wrong = []
        for topic, changes in sorted(self.events.items()):
            name = self.by_topic(topic)
            table = next((table for table in self.load.tables if table.name == name), None)
            truth = Counter()
            for partition, offset, operation in changes:
                moves = table and table.kind == 2 and operation == "u"  # a row without key is another one then
                truth.update((str(partition), str(offset), each) for each in ("dc" if moves else operation))

            def filled(more, less, of=table):
                """At the first event with a preset or renamed column, the rows there are, each a delete and a create."""
                created, deleted = ([row for row in more.elements() if row[2] == op] for op in "cd")
                return (
                    of
                    and {"preset", "fine"} & set(of.columns)
                    and not less
                    and len({row[:2] for row in more}) == 1
                    and len(created) == len(deleted) == more.total() / 2
                )

            wrong.append(self.readers.agree(topic, truth, f"raw-kafka-data/w.{name}", ("_partition", "_offset", "_op"), filled))
        wrong = [text for text in wrong if text]
        expect(not wrong, f"{len(self.events)} histories have each change once, for all readers", "\n      ".join(wrong))

    def current(self):
        wrong, count = [], 0
        for table in self.load.tables:
            columns = table.own + table.columns
            quoted = ", ".join(f'"{c}"' for c in columns)
            with self.source.cursor() as cursor:
                cursor.execute(f"select {quoted} from {table.sql}")
                truth = Counter(tuple(map(plain, row)) for row in cursor.fetchall())
            count += sum(truth.values())
            if text := self.readers.agree(table.sql, truth, f"current/w.{table.name}", columns):
                wrong.append(text)
        expect(
            not wrong, f"current rows of {len(self.load.tables)} tables are the source's {count}, for four readers", "\n      ".join(wrong)
        )

    def groups(self):
        for name, (_, columns, statement) in self.aggregates.items():
            names = [c.strip() for c in columns.split(",")]
            with self.source.cursor() as cursor:
                cursor.execute(statement)
                truth = Counter(tuple(map(plain, row)) for row in cursor.fetchall())
            wrong = self.readers.agree(name, truth, name, names)
            expect(not wrong, f"aggregate {name} is what SQL says, {len(truth)} groups, for four readers", wrong)
