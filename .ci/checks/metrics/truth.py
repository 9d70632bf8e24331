"""What SQL says the metrics must be, and the names and labels of the contract."""

import yaml

from ..kit.paths import HOME

TABLE = "public.transactions"
BUCKETS = (10, 50, 100, 250, 500, 1000, 5000)
DEMO = yaml.safe_load((HOME / "pipelines" / "demo.yaml").read_text())
RATES = DEMO["metrics"]["transactions"]["currency"]["rates"]
METRICS = f"""metrics:
  payments:
    table: public.transactions
    amount: amount
    currency: {{column: currency, to: EUR, rates: {{{", ".join(f"{c}: {r}" for c, r in RATES.items())}}}}}
    labels: [country, city, merchant_name]
    buckets: {list(BUCKETS)}
    label-limit: 10000
"""

# Each side of each change with its amount in euro; null where there is none.
SIDES = f"""
with rates(currency, rate) as (values ('EUR', 1.0), {", ".join(f"('{c}', {r})" for c, r in RATES.items())}),
sides as (
  select id, op, -1 as sign, b_amount * rate as euro, b_amount as amount, coalesce(b_currency, 'none') as currency,
    coalesce(nullif(b_country, ''), case b_country when '' then 'empty' else 'none' end) as country,
    coalesce(b_city, 'none') as city, coalesce(b_merchant, 'none') as merchant, null as was
  from tributary.log left join rates on b_currency = rates.currency where b
  union all
  select id, op, 1, a_amount * rate, a_amount, coalesce(a_currency, 'none'),
    coalesce(nullif(a_country, ''), case a_country when '' then 'empty' else 'none' end),
    coalesce(a_city, 'none'), coalesce(a_merchant, 'none'),
    case when b then coalesce(nullif(b_country, ''), case b_country when '' then 'empty' else 'none' end) end
  from tributary.log left join rates on a_currency = rates.currency where a)
"""

TRUTH = {
    "cdc_transactions_total": (("op",), "select op, count(*) from tributary.log where op <> 'gone' group by op"),
    "cdc_rows": ((), f"select count(*) from {TABLE}"),
    "cdc_transactions_by_country_total": (
        ("country",),
        SIDES + "select country, count(*) from sides where sign = 1 and was is distinct from country group by 1",
    ),
    "cdc_amount_eur_by_country": (("country",), SIDES + "select country, sum(sign * euro) from sides where euro is not null group by 1"),
    "cdc_amount_eur_sum": (
        ("city", "merchant"),
        SIDES + "select city, merchant, sum(sign * euro) from sides where euro is not null group by 1, 2",
    ),
    "cdc_amount_eur_count": (
        ("city", "merchant"),
        SIDES + "select city, merchant, sum(sign) from sides where euro is not null group by 1, 2",
    ),
    "cdc_current_amount_eur": (
        ("city", "merchant"),
        SIDES + "select distinct on (city, merchant) city, merchant, euro from sides"
        " where sign = 1 and euro is not null order by city, merchant, id desc",
    ),
    "cdc_transaction_amount_euro_bucket": (
        ("le",),
        SIDES + f"select le, (select sum(sign) from sides where euro <= le::numeric) from unnest(array{[str(b) for b in BUCKETS]}) le"
        " union all select '+Inf', sum(sign) from sides where euro is not null",
    ),
    "cdc_transaction_amount_euro_sum": ((), SIDES + "select sum(sign * euro) from sides where euro is not null"),
    "cdc_transaction_amount_euro_count": ((), SIDES + "select sum(sign) from sides where euro is not null"),
    "cdc_amount_unusable_total": (
        ("reason",),
        SIDES + "select case when amount is null then 'no-amount' else 'unknown-currency' end, count(*) from sides"
        " where sign = 1 and euro is null group by 1",
    ),
    "cdc_unknown_currency_total": (
        ("currency",),
        SIDES + "select currency, count(*) from sides where sign = 1 and euro is null and amount is not null group by 1",
    ),
}

COUNTERS = (
    "cdc_transactions_total",
    "cdc_transactions_by_country_total",
    "cdc_amount_unusable_total",
    "cdc_unknown_currency_total",
    "cdc_read_total",
    "cdc_rejected_total",
    "cdc_ignored_total",
    "cdc_duplicates_total",
    "cdc_late_total",
    "cdc_lake_files_total",
    "cdc_lake_commits_total",
)

# The contract, and what is beside it.
LABELS = {
    "cdc_transactions_total": {"table", "op"},
    "cdc_rows": {"table"},
    "cdc_tps": {"table"},
    "cdc_current_amount_eur": {"city", "merchant"},
    "cdc_amount_eur_sum": {"city", "merchant"},
    "cdc_amount_eur_count": {"city", "merchant"},
    "cdc_transaction_amount_euro_bucket": {"le"},
    "cdc_transaction_amount_euro_sum": set(),
    "cdc_transaction_amount_euro_count": set(),
    "cdc_transactions_by_country_total": {"country"},
    "cdc_rejected_total": {"table", "reason"},
    "cdc_duplicates_total": {"table"},
    "cdc_freshness_seconds": {"table"},
    "cdc_lake_files_total": {"table"},
    "cdc_lake_commits_total": {"table"},
    "cdc_amount_eur_by_country": {"country"},
    "cdc_window_changes": {"table", "window"},
    "cdc_heartbeat_age_seconds": {"connector"},
    "cdc_late_total": {"table"},
    "cdc_sink_waiting_seconds": {"sink", "table"},
    "cdc_read_total": {"table"},
    "cdc_ignored_total": {"table", "kind"},
    "cdc_amount_unusable_total": {"reason"},
    "cdc_unknown_currency_total": {"currency"},
}
ALWAYS = {"__name__", "job", "pipeline"}
# By the demo's page.
SOURCE = {
    "cdc_connector_running": {"connector"},
    "cdc_replication_slot_active": {"slot"},
    "cdc_replication_slot_lag_bytes": {"slot"},
    "cdc_source_up": {"component"},
}
