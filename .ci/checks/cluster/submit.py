"""The job jar on a session cluster, by each way to submit it, with a lake in a folder.

A demo is the source and the reference: its own job writes the same events to a lake of its own. The job on the cluster is killed,
resubmitted without state, restored from an old savepoint, uploaded over REST and by hand in the web UI, and must end with the same rows.
"""

import contextlib
import re
import shutil
import urllib.error

from ..kit.account import Failed, expect, in_order, until
from ..kit.chromium import chromium
from ..kit.cluster import Cluster, Job
from ..kit.demo import TABLES, Demo
from ..kit.lakes import Lake, expect_exact
from ..kit.paths import JAR, LOG, RUN
from ..kit.processes import free_port
from ..kit.run import with_demo
from . import extension
from .jar import expect_lean, jcmd, metaspace, user_loaders

SUBMISSIONS = 10
LOADERS_LEFT = 2


class Checks:
    def __init__(self, demo, cluster):
        self.demo = demo
        self.cluster = cluster
        self.lake = Lake(RUN / "lake")
        self.reference = Lake(demo.lake())
        self.pipeline = self.write_pipeline("conformance.yaml", self.demo.kafka, self.lake.path)
        self.job = None
        self.savepoint = None
        self.savepoint_fences = {}

    @staticmethod
    def write_pipeline(name, bootstrap, lake=None, sinks=""):
        if lake:
            sinks = f'  lake: {{path: "{lake}"}}\n  dead-letters: {{topic: dead-letters}}\n'
        pipeline = RUN / name
        pipeline.write_text(
            f"name: {pipeline.stem}\n"
            f"source:\n  bootstrap: {bootstrap}\n  topics: cdc\\..*\n"
            "tables:\n" + "".join(f"  {table}: {{buckets: 4}}\n" for table in TABLES) + f"sinks:\n{sinks}"
        )
        return pipeline

    def arrival(self):
        self.job = self.cluster.submit(self.pipeline, 1).await_running()
        self.lake.await_level(self.reference, 60, "rows arrive")
        code, listed = self.cluster.flink("list")
        expect(
            code == 0 and re.search(rf"{self.job.id} : \S+ \(RUNNING\)", listed),
            "flink run: rows arrive, flink list shows RUNNING",
            listed[-500:],
        )
        expect(self.job.restarts() == 0, "nothing has failed since", self.job.why())
        expect_exact(self.lake, self.reference, "after the first submission")

    def metrics(self):
        _, line = until("a metric with its table", lambda: self.label(), 20)
        expect('table="public.transactions"' in line or 'table="sales.' in line, "Prometheus has the tables' names as they are", line)

    def label(self):
        value, line = self.cluster.sample("(cdc_)?transactions_total")
        return (value, line) if line else None

    def killed_task_manager(self):
        victim = self.job.lose_task_manager()
        self.lake.await_level(self.reference)
        expect(victim not in self.job.task_managers(), f"{victim} killed in the middle: the job recovers without it")
        expect_exact(self.lake, self.reference, "after the kill")

    def resubmission_without_state(self):
        code, output = self.cluster.flink("savepoint", self.job.id, (RUN / "savepoints").as_uri())
        match = re.search(r"Path: (\S+)", output)
        if not expect(code == 0 and match, "flink savepoint", output[-500:]):
            raise Failed("no savepoint")
        self.savepoint = match[1]
        self.savepoint_fences = self.lake.fences()
        self.job.await_checkpoints(3)
        self.job.cancel()
        at_cancel = self.lake.fences()
        self.job = self.cluster.submit(self.pipeline, 2).await_running()
        self.lake.await_level(self.reference, 90)
        self.lake.await_level(self.reference)
        expect(
            all(n > at_cancel[t] for t, n in self.lake.fences().items()),
            "submitted afresh, without state, over the old lake: it catches up and goes on",
            f"{at_cancel}",
        )
        suppressed, _ = self.cluster.sample("suppressed")
        expect(suppressed > 0, f"what the lake had already was left out ({suppressed:,.0f} rows)")
        expect_exact(self.lake, self.reference, "after the fresh start")

    def old_savepoint(self):
        if not self.savepoint:
            raise Failed("there is no savepoint")
        self.job.cancel()
        now = self.lake.fences()
        older = all(now[t] > self.savepoint_fences[t] for t in TABLES)
        self.job = self.cluster.submit(self.pipeline, 2, self.savepoint).await_running()
        self.lake.await_level(self.reference, 90)
        self.lake.await_level(self.reference)
        expect(
            older and all(n > now[t] for t, n in self.lake.fences().items()),
            "an old savepoint, taken at parallelism 1, restored at 2: it catches up and goes on",
        )
        expect(self.job.restarts() == 0, "nothing has failed since", self.job.why())
        expect_exact(self.lake, self.reference, "after the old savepoint")
        self.job.cancel()

    def rest_interface(self):
        jar = self.cluster.upload()
        self.job = self.cluster.run_jar(jar, self.pipeline, 2).await_running()
        self.lake.await_level(self.reference, 60)
        expect(self.job.state() == "RUNNING", "POST /jars/upload and /jars/:id/run")
        wrong = self.write_pipeline("wrong-rest.yaml", self.demo.kafka, self.lake.path)
        wrong.write_text(wrong.read_text().replace("topics:", "topic:"))
        try:
            self.cluster.run_jar(jar, wrong, 1)
            expect(False, "a wrong pipeline file is refused over REST")
        except urllib.error.HTTPError as e:
            answer = e.read().decode(errors="replace")
            expect(
                "tributary: " in answer and "topics" in answer,
                "a wrong pipeline file is refused over REST, by name",
                f"{e.code} {answer[:600]}",
            )
        self.job.cancel()
        return jar

    def web_interface(self):
        """As a user does: the page Submit New Job, in a real browser."""
        from selenium.webdriver.common.by import By

        self.write_pipeline("web-ui.yaml", self.demo.kafka, self.lake.path)  # what TRIBUTARY_CONFIG of the JobManager names
        before = {job["jid"] for job in self.cluster.get("/jobs/overview")["jobs"]}
        browser = chromium()
        try:
            browser.get(self.cluster.url("/#/submit"))
            jar = RUN / "from-the-web-ui.jar"
            shutil.copyfile(JAR, jar)
            until("the page has its upload", lambda: browser.find_elements(By.CSS_SELECTOR, "input[type=file]"), 30)
            browser.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(jar))
            row = until(
                "the jar is uploaded",
                lambda: browser.find_elements(By.XPATH, f"//tr[.//*[contains(text(), '{jar.name}')]] | //tr[contains(., '{jar.name}')]"),
                60,
            )[0]
            row.click()
            fields = until(
                "its form opens",
                lambda: [field for field in browser.find_elements(By.CSS_SELECTOR, "form input") if field.is_displayed()],
                30,
            )
            by_hint = {field.get_attribute("placeholder"): field for field in fields}
            by_hint["Parallelism"].send_keys("2")
            next(button for button in browser.find_elements(By.TAG_NAME, "button") if button.text.strip() == "Submit").click()
            new = until(
                "a new job is there",
                lambda: [job["jid"] for job in self.cluster.get("/jobs/overview")["jobs"] if job["jid"] not in before],
                60,
            )
        finally:
            browser.save_screenshot(str(LOG / "web-ui.png"))
            browser.quit()
        self.job = Job(self.cluster, new[0]).await_running()
        self.lake.await_level(self.reference, 60)
        expect(self.job.state() == "RUNNING", "the web UI: upload, parallelism, submit")
        expect_exact(self.lake, self.reference, "after the job of the web UI")
        self.job.cancel()

    def class_loaders(self, jar):
        """Each way out that the JVM could hold a job by: a lake, a mirror with its driver, metrics."""
        self.demo.make_database("mirror")
        pipeline = self.write_pipeline("all-sinks.yaml", self.demo.kafka, RUN / "lake-of-all-sinks")
        login = f"url: '{self.demo.jdbc('mirror')}', user: tributary, password: '{self.demo.password()}'"
        more = f"  warehouse: {{{login}}}\nmetrics:\n  amount: {{table: public.transactions, amount: amount}}\n"
        pipeline.write_text(pipeline.read_text() + more)
        for _ in range(SUBMISSIONS):
            job = self.cluster.run_jar(jar, pipeline, 2).await_running()
            job.await_checkpoints(1, 30)
            job.cancel()
        pids = {name: process.pid for name, process in self.cluster.task_managers.items()}
        pids["jobmanager"] = self.cluster.jobmanager.pid
        for name, pid in pids.items():
            loaders = []

            def few():
                jcmd(pid, "GC.run")
                loaders[:] = user_loaders(pid)
                return len(loaders) <= LOADERS_LEFT

            with contextlib.suppress(Failed):
                until("class loaders go", few, 15, 1.5)
            if len(loaders) > LOADERS_LEFT:
                jcmd(pid, f"GC.heap_dump -overwrite {LOG / name}.hprof")  # the roots of its ChildFirstClassLoader say why
            expect(
                len(loaders) <= LOADERS_LEFT,
                f"{name}: {len(loaders)} user class loaders left after {SUBMISSIONS} submissions; metaspace {metaspace(pid)}",
                "; ".join(loaders[:3]),
            )

    def refusals(self):
        wrong = self.write_pipeline("wrong.yaml", self.demo.kafka, self.lake.path)
        wrong.write_text(wrong.read_text().replace("topics:", "topic:"))
        self.refuses("a wrong pipeline file", wrong, "source.topic")
        nobody = self.write_pipeline("nobody.yaml", f"127.0.0.1:{free_port()}", self.lake.path)
        self.refuses("a Kafka that is not there", nobody, "source.bootstrap")
        self.refuses("a pipeline file that is not there", RUN / "none.yaml", "none.yaml")

    def refuses(self, what, pipeline, setting):
        code, output = self.cluster.flink("run", "-d", self.cluster.jar, "--config", pipeline)
        lines = [line for line in output.splitlines() if "tributary: " in line]
        trace = re.search(r"^\s+at \S+\(|Exception", output, re.MULTILINE)
        expect(
            code != 0 and len(lines) == 1 and setting in lines[0] and not trace,
            f"{what}: {lines[0] if lines else 'no word'}",
            f"exit {code}\n{output[-1500:]}",
        )


def body(demo):
    cluster = Cluster()
    extension.put_into_lib()
    cluster.start()
    checks = Checks(demo, cluster)
    uploaded = []
    in_order(
        ("the jar", expect_lean),
        (
            "a provider in Flink's lib",
            lambda: extension.expect_found(cluster, checks.write_pipeline("extension.yaml", demo.kafka, sinks=extension.SINKS)),
        ),
        ("a first submission", checks.arrival),
        ("metrics", checks.metrics),
        ("a killed TaskManager", checks.killed_task_manager),
        ("a fresh job over an old lake", checks.resubmission_without_state),
        ("an old savepoint at another parallelism", checks.old_savepoint),
        ("the REST interface", lambda: uploaded.append(checks.rest_interface())),
        ("the web UI", checks.web_interface),
        ("class loaders", lambda: checks.class_loaders(uploaded[0] if uploaded else cluster.upload())),
        ("refusals", checks.refusals),
        ("the end", lambda: expect_exact(checks.lake, checks.reference, "in the end")),
    )


def main(arguments):
    return with_demo(900, lambda: Demo(300), body)
