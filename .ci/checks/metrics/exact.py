"""The comparison: Prometheus against SQL, to the digit."""

import json
import re

from ..kit.account import expect, until
from ..kit.paths import HOME
from .truth import ALWAYS, COUNTERS, LABELS, SOURCE, TABLE, TRUTH

SCRAPE = 2.0  # seconds, as dashboards/prometheus.yml has it


class Exactness:
    """One pipeline's metrics as Prometheus has them, held against the log of the demo's database."""

    def __init__(self, demo, prometheus, pipeline):
        self.demo, self.prometheus, self.pipeline = demo, prometheus, pipeline

    def query(self, expression):
        return self.prometheus.query(expression)

    def counted(self):
        found = self.query(f'sum(cdc_transactions_total{{pipeline="{self.pipeline}", table="{TABLE}"}})')
        return found[0][1] if found else 0

    def await_all(self, checkpoint):
        """Waits until the totals have each change of the log, and two checkpoints (of so many seconds) more."""
        goal = self.demo.sql("select count(*) from tributary.log where op <> 'gone'")[0][0]
        until(f"{self.pipeline}: {goal:,} changes are counted", lambda: self.counted() >= goal, 360, 1)  # a load of minutes, on slow cores
        self.settle(checkpoint)

    def settle(self, checkpoint):
        """One too many would come now: the totals of two later checkpoints are scraped."""
        name = f'cdc_transactions_total{{pipeline="{self.pipeline}", table="{TABLE}"}}'
        scrapes = f"sum(count_over_time({name}[1h]))"
        first, series = self.query(scrapes)[0][1], self.query(f"count({name})")[0][1]
        wanted = first + series * 3 * checkpoint / SCRAPE
        until(f"{self.pipeline}: later totals are scraped", lambda: self.query(scrapes)[0][1] >= wanted, 60, 0.5)

    def agree(self, names=tuple(TRUTH)):
        for name in names:
            labels, statement = TRUTH[name]
            source = {tuple(row[:-1]): float(row[-1]) for row in self.demo.sql(statement)}
            table = f', table="{TABLE}"' if "table" in LABELS[name] else ""
            found = self.query(f'{name}{{pipeline="{self.pipeline}"{table}}}')
            shown = {tuple(series.get(label, "") for label in labels): value for series, value in found}
            wrong = [
                f"{'/'.join(key) or name}: Prometheus {shown.get(key)}, SQL {source.get(key)}"
                for key in sorted(source.keys() | shown.keys())
                if source.get(key) != shown.get(key)
            ]
            expect(
                source and not wrong,
                f"{self.pipeline}: {name}: {len(source)} series equal SQL",
                f"{len(wrong)} of {len(source.keys() | shown.keys())}: " + "; ".join(wrong[:3]),
            )

    def never_back(self):
        for name in COUNTERS:
            found = self.query(f"sum(resets({name}[1h]))")
            expect(found and found[0][1] == 0, f"{name} never went back", str(found))

    def labels(self, names=tuple(LABELS)):
        for name in names:
            labels = LABELS[name]
            found = [set(series) - ALWAYS - {"metric"} for series, _ in self.query(f'{name}{{pipeline="{self.pipeline}"}}')]
            expect(found and all(each == labels for each in found), f"{name}{{{', '.join(sorted(labels))}}}", f"{found[:2] or 'not there'}")

    def source_labels(self):
        for name, labels in SOURCE.items():
            found = self.query(name)
            expect(found and all(set(series) - ALWAYS == labels for series, _ in found), f"{name}{{{', '.join(labels)}}}", str(found))

    def dashboards(self):
        """Each query of the shipped dashboards has data."""
        for file in sorted((HOME / "dashboards" / "grafana").glob("*.json")):
            empty, queries = [], 0
            for panel in json.loads(file.read_text())["panels"]:
                for target in panel.get("targets", []):
                    queries += 1
                    expression = re.sub(r"\$(pipeline|metric)", ".*", target["expr"])
                    if not self.query(expression):
                        empty.append(f"{panel['title']}: {target['expr']}")
            expect(queries > 15 and not empty, f"{file.name}: all {queries} queries have data", "; ".join(empty))

    def fires(self, name, **labels):
        return any(alert["alertname"] == name and labels.items() <= alert.items() for alert in self.prometheus.firing())
