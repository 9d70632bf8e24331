-- One change of public.transactions: pgbench runs this LOAD_RATE times a second.
\set place random(0, 5)
\set what random(1, 100)
\set cents random(99, 500000)
\if :what <= 45
insert into public.transactions (transaction_id, user_id, "timestamp", amount, currency, city, country, merchant_name, payment_method)
select gen_random_uuid(), (random() * 2000)::int, now(), :cents / 100.0, p.currency, p.city, p.country,
       'Merchant ' || (random() * 30)::int, 'card'
from (values (0, 'Warszawa', 'Poland', 'PLN'), (1, 'Berlin', 'Germany', 'EUR'), (2, 'Paris', 'France', 'EUR'),
             (3, 'London', 'United Kingdom', 'GBP'), (4, 'Oslo', 'Norway', 'NOK'), (5, 'Austin', 'United States', 'USD'))
     as p (place, city, country, currency)
where p.place = :place;
\elif :what <= 85
update public.transactions set amount = :cents / 100.0
where transaction_id = (select transaction_id from public.transactions where transaction_id >= gen_random_uuid()::text order by transaction_id limit 1);
\else
delete from public.transactions
where transaction_id = (select transaction_id from public.transactions where transaction_id >= gen_random_uuid()::text order by transaction_id limit 1);
\endif
