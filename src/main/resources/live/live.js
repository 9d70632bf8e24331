// Reads the job's Prometheus endpoint and /api/now once a second, and shows them.
const SECONDS = 180;
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b'];
const $ = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en');
const rate = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const money = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** The samples of Prometheus's text format: name, labels and value. */
export function parse(text) {
  const samples = [];
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, name, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = value.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
    }
    samples.push({ name: match[1], labels, value: Number(match[3]) });
  }
  return samples;
}

class Readings {
  constructor(samples) { this.samples = samples; }

  of(name, labels = {}) {
    return this.samples.filter((s) => s.name.endsWith('_' + name) && Object.entries(labels).every(([k, v]) => s.labels[k] === v));
  }

  sum(name, labels) { return this.of(name, labels).reduce((sum, s) => sum + s.value, 0); }
}

/** A number that says which metric it is of, so that a test can hold it against the endpoint. */
function number(readings, metric, labels = {}, format = whole) {
  const data = document.createElement('data');
  data.value = String(readings.sum(metric, labels));
  data.textContent = format.format(readings.sum(metric, labels));
  data.dataset.metric = metric;
  data.dataset.labels = JSON.stringify(labels);
  return data;
}

function cell(content, kind = '') {
  const td = document.createElement('td');
  if (kind) td.className = kind;
  td.append(content);
  return td;
}

function row(...cells) {
  const tr = document.createElement('tr');
  tr.append(...cells);
  return tr;
}

function heading(text) {
  const th = document.createElement('th');
  th.scope = 'row';
  th.textContent = text;
  return th;
}

function bar(share) {
  const span = document.createElement('span');
  span.className = 'bar';
  span.setAttribute('aria-hidden', 'true');
  span.style.width = `${Math.max(0, Math.min(100, share * 100))}%`;
  return span;
}

function rooms(readings, now) {
  const room = (title, value, note) => {
    const li = document.createElement('li');
    const strong = document.createElement('strong');
    strong.append(value);
    const small = document.createElement('small');
    small.append(...note);
    li.append(title, strong, small);
    return li;
  };
  const of = (metric, labels, format) => number(readings, metric, labels, format);
  const flow = (metric, operator) => {
    const span = document.createElement('span');
    span.append(of(metric, { operator_name: operator }, rate), ' / s');
    return span;
  };
  $('rooms').replaceChildren(
    room('PostgreSQL', of('cdc_tps'), ['changes in the last second; ', whole.format(now.changed), ' by the demo']),
    room('Kafka', of('pendingRecords'), ['records not read yet']),
    room('decode', flow('numRecordsOutPerSecond', 'decode'), [of('cdc_read_total'), ' records read, ', of('cdc_ignored_total'), ' ignored']),
    room('changelog', flow('numRecordsInPerSecond', 'changelog'), [of('cdc_transactions_total'), ' changes applied, ', of('cdc_duplicates_total'), ' duplicates']),
    room('lake', of('cdc_lake_files_total'), ['files in ', of('cdc_lake_commits_total'), ' commits']),
    room('rejected', of('cdc_rejected_total'), ['dead letters']));
}

function amounts(readings) {
  const countries = readings.of('cdc_amount_eur_by_country').sort((a, b) => b.value - a.value).slice(0, 12);
  const most = Math.max(1, ...countries.map((s) => s.value));
  $('amounts').replaceChildren(...countries.map((s) => row(
    heading(s.labels.country),
    cell(number(readings, 'cdc_amount_eur_by_country', { country: s.labels.country }, money), 'number'),
    cell(bar(s.value / most)))));
  const buckets = readings.of('cdc_transaction_amount_euro_bucket')
    .sort((a, b) => Number(a.labels.le.replace('+Inf', 'Infinity')) - Number(b.labels.le.replace('+Inf', 'Infinity')));
  const sizes = buckets.map((s, i) => ({ le: s.labels.le, rows: s.value - (i ? buckets[i - 1].value : 0) }));
  const largest = Math.max(1, ...sizes.map((s) => s.rows));
  $('sizes').replaceChildren(...sizes.map((s) => row(
    heading(s.le === '+Inf' ? 'more' : s.le), cell(whole.format(s.rows), 'number'), cell(bar(s.rows / largest)))));
}

function tables(readings, now) {
  $('tables').replaceChildren(...now.tables.map((t) => {
    const labels = { table: t.table };
    const age = readings.of('cdc_freshness_seconds', labels)[0];
    return row(
      heading(t.table),
      cell(number(readings, 'cdc_tps', labels), 'number'),
      cell(age ? `${age.value.toFixed(1)} s` : '–', 'number'),
      cell(whole.format(t.source), 'number'),
      cell(t.counted ? whole.format(t.lake) : 'counting …', 'number'),
      cell(t.counted ? whole.format(t.history) : 'counting …', 'number'),
      cell(number(readings, 'cdc_lake_files_total', labels), 'number'));
  }));
}

const time = (millis) => new Date(millis).toISOString().slice(11, 23);

function lists(now) {
  if (!$('hold').checked) {
    $('changes').replaceChildren(...now.changes.map((c) => {
      const op = document.createElement('span');
      op.className = `op op-${c.op}`;
      op.textContent = c.op;
      return row(cell(time(c.at)), cell(op), cell(c.table), cell(c.row, 'row'));
    }));
  }
  $('letters').replaceChildren(...now.letters.map((l) => row(cell(time(l.at)), cell(l.table), cell(l.reason), cell(l.detail, 'row'))));
  $('no-letters').hidden = now.letters.length > 0;
}

/** Changes a second of each table, over the last three minutes. */
class Chart {
  constructor(element) {
    this.element = element;
    this.names = [];
    this.data = [[]];
  }

  add(seconds, values) {
    if (Object.keys(values).some((name) => !this.names.includes(name))) {
      this.names = [...new Set([...this.names, ...Object.keys(values)])].sort();
      this.data = [this.data[0], ...this.names.map(() => this.data[0].map(() => null))];
      this.build();
    }
    this.data[0].push(seconds);
    this.names.forEach((name, i) => this.data[i + 1].push(values[name] ?? null));
    while (this.data[0].length > SECONDS) this.data.forEach((line) => line.shift());
    this.plot?.setData(this.data);
  }

  build() {
    this.plot?.destroy();
    const text = getComputedStyle(document.body).color;
    const axis = { stroke: text, grid: { stroke: 'rgba(128, 128, 128, .25)' }, ticks: { stroke: 'rgba(128, 128, 128, .25)' } };
    this.plot = new uPlot({
      width: this.element.clientWidth || 400,
      height: 240,
      scales: { y: { range: (_, __, most) => [0, Math.max(10, most * 1.1)] } },
      axes: [axis, axis],
      series: [{}, ...this.names.map((label, i) => ({ label, stroke: COLOURS[i % COLOURS.length], width: 2 }))],
    }, this.data, this.element);
  }

  resize() { this.plot?.setSize({ width: this.element.clientWidth, height: 240 }); }
}

const chart = new Chart($('tps'));
addEventListener('resize', () => chart.resize());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => chart.names.length && chart.build());

function state(text, bad) {
  if ($('state').textContent !== text) $('state').textContent = text; // else a screen reader says it every second
  $('state').className = bad ? 'bad' : '';
}

async function fetched(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} is answered ${answer.status}`);
  return answer;
}

async function look() {
  try {
    const [metrics, now] = await Promise.all([
      fetched('/job/metrics').then((a) => a.text()), fetched('/api/now').then((a) => a.json())]);
    const readings = new Readings(parse(metrics));
    $('flink').href = now.flink;
    $('connect').href = now.connect;
    rooms(readings, now);
    amounts(readings);
    tables(readings, now);
    lists(now);
    chart.add(Date.now() / 1000, Object.fromEntries(readings.of('cdc_tps').map((s) => [s.labels.table, s.value])));
    state(now.trouble || 'running', Boolean(now.trouble));
  } catch (e) {
    state(`the demo does not answer: ${e.message}`, true);
  } finally {
    setTimeout(look, 1000);
  }
}
look();
