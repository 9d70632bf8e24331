# For PostgreSQL's image, after role.sql.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password CDC_PASSWORD
alter role tributary_cdc login password :'password';
SQL
