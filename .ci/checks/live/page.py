"""The demo's page in a real Chromium: its numbers are the endpoint's, it is accessible, and the console is quiet."""

import json
import re
import urllib.error
import urllib.request

from ..kit.account import expect, in_order, until
from ..kit.chromium import chromium
from ..kit.paths import NODE

SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")


class Page:
    def __init__(self, demo, screenshots=None):
        self.demo, self.screenshots = demo, screenshots
        self.url = f"http://127.0.0.1:{demo.ports['page']}"
        self.browser = chromium()
        self.wrong = []

    def endpoint(self):
        """The job's samples, from the endpoint itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.demo.ports['metrics']}/metrics", timeout=10) as answer:
            samples = []
            for line in answer.read().decode().splitlines():
                match = SAMPLE.fullmatch(line)
                if match and not line.startswith("#"):
                    samples.append((match[1], dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")), float(match[3])))
            return samples

    def shown(self):
        """Each number of a metric on the page: its name, labels and value."""
        return self.browser.execute_script("""
            return [...document.querySelectorAll('data[data-metric]')].map(d =>
              [d.dataset.metric, JSON.parse(d.dataset.labels), Number(d.value), d.textContent]);""")

    def opens(self):
        self.browser.get(self.url)
        until("the page says that it runs", lambda: self.text("#state") == "running", 30)
        until("its tables are filled", lambda: len(self.shown()) > 15, 30)
        expect(self.browser.title == "Tributary", "the page opens")

    def text(self, selector):
        return self.browser.execute_script("return document.querySelector(arguments[0])?.textContent.trim() ?? ''", selector)

    def numbers(self):
        """Nothing changes: what the page has must be what the endpoint has."""
        self.demo.sql(
            "insert into public.transactions (transaction_id, amount, currency, city, country, merchant_name) "
            "select 'page' || n, n, 'EUR', 'Oslo', 'Norway', 'M' from generate_series(1, 250) n",
            "delete from public.transactions where transaction_id in (select 'page' || n from generate_series(1, 50) n)",
        )
        rows = self.demo.sql("select count(*) from public.transactions")[0][0]

        def equal():
            samples = self.endpoint()
            wrong = []
            shown = self.shown()
            for name, labels, value, text in shown:
                expected = sum(v for n, each, v in samples if n.endswith("_" + name) and labels.items() <= each.items())
                if value != expected or not text:
                    wrong.append(f"{name} {labels}: page {value}, endpoint {expected}")
            self.wrong = wrong
            return not wrong and {tuple(each.values()): v for n, each, v, _ in shown if n == "cdc_amount_eur_by_country"}.get(("Norway",))

        try:
            until("the page has what the endpoint has", equal, 40)
            expect(True, f"{len(self.shown())} numbers equal the endpoint's")
        finally:
            if self.wrong:
                expect(False, "numbers equal the endpoint's", "; ".join(self.wrong[:3]))

        def counted():
            cells = self.browser.execute_script("""
                return [...document.querySelectorAll('#tables tr')].map(r => [...r.children].map(c => c.textContent));""")
            self.cells = {c[0]: c for c in cells}
            row = self.cells.get("public.transactions", [""] * 6)
            return row[3] == row[4] == f"{rows:,}"

        until("source and lake agree", counted, 30)
        expect(True, f"source and lake: {rows:,} rows each")
        newest = self.browser.execute_script("return [...document.querySelectorAll('#changes tr')].map(r => r.textContent)")
        expect(len(newest) == 25 and "public.transactions" in newest[0], "the newest changes are there", str(newest[:2]))

    def letters(self):
        from kafka import KafkaProducer

        expect(self.text("#no-letters") == "None.", "no dead letter yet")
        producer = KafkaProducer(bootstrap_servers=self.demo.kafka)
        producer.send("cdc.public.transactions", b"<b>no JSON</b>").get(30)
        producer.close()
        letter = until("it is on the page", lambda: self.text("#letters tr"), 40)
        expect("not-json" in letter and "public.transactions" in letter, "a record that is no JSON is there with its reason", letter)
        expect(self.browser.execute_script("return document.querySelectorAll('#letters b').length") == 0, "and is no markup")

    def links(self):
        flink = self.browser.execute_script("return document.getElementById('flink').href")
        with urllib.request.urlopen(flink, timeout=10) as answer:
            expect(answer.status == 200, f"the link to Flink's web UI opens ({flink})")

    def chart(self):
        expect(self.browser.execute_script("return document.querySelector('#tps canvas')?.width > 100"), "changes a second are drawn")

    def accessible(self):
        axe = (NODE / "node_modules/axe-core/axe.min.js").read_text()
        for scheme in ("light", "dark"):
            self.scheme(scheme)
            until("colours have changed over", lambda: self.browser.execute_script("return document.getAnimations().length === 0"), 10, 0.1)
            # the page's own policy lets no foreign script in: the driver's may
            self.browser.execute_script(axe)
            found = self.browser.execute_async_script(
                "const done = arguments[0]; axe.run().then(done, e => done({violations: [String(e)]}))"
            )
            problems = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" if isinstance(v, dict) else v for v in found["violations"]]
            expect(
                not problems and len(found.get("passes", [])) > 15,
                f"{scheme}: axe finds nothing in {len(found.get('passes', []))} rules",
                "; ".join(problems),
            )
            if self.screenshots:
                self.screenshots.mkdir(parents=True, exist_ok=True)
                self.browser.save_screenshot(str(self.screenshots / f"page-{scheme}.png"))

    def scheme(self, name):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def keyboard(self):
        """Everything that can be used is reached by Tab, in order."""
        from selenium.webdriver.common.by import By
        from selenium.webdriver.common.keys import Keys

        self.browser.execute_script("document.activeElement.blur()")
        reached = []
        for _ in range(12):
            self.browser.find_element(By.TAG_NAME, "body").send_keys(
                Keys.TAB
            ) if not reached else self.browser.switch_to.active_element.send_keys(Keys.TAB)
            reached.append(
                self.browser.execute_script(
                    "const e = document.activeElement; return e.id || e.getAttribute('aria-labelledby') || e.textContent.slice(0, 20)"
                )
            )
        wanted = ["flink", "connect", "hold", "tables-title", "changes-title", "letters-title"]
        expect(all(name in reached for name in wanted), "links, the check box and each table are reached by Tab", str(reached))

    def quiet(self):
        entries = [e for e in self.browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")]
        expect(not entries, "no error and no warning on the console", json.dumps(entries[:3]))

    def elsewhere(self):
        """Another name for this machine, as a page elsewhere could use, gets nothing."""
        request = urllib.request.Request(self.url + "/api/now", headers={"Host": "evil.example"})
        try:
            urllib.request.urlopen(request, timeout=10)
            expect(False, "a foreign Host is refused")
        except urllib.error.HTTPError as e:
            expect(e.code == 403, "a foreign Host is refused")

    def all(self):
        try:
            in_order(
                ("the page", self.opens),
                ("its numbers", self.numbers),
                ("a dead letter on the page", self.letters),
                ("links", self.links),
                ("the chart", self.chart),
                ("light and dark, for everybody", self.accessible),
                ("by keyboard", self.keyboard),
                ("another name", self.elsewhere),
                ("the console", self.quiet),
            )
        finally:
            self.browser.quit()
