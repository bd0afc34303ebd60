select
    -- ids
    id as history_id,

    -- values
    title,
    event_date_utc,
    event_date_unix,
    details,
    links_article,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('history') }}
