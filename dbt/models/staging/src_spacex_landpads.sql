select
    -- ids
    id as landpad_id,

    -- values
    name,
    full_name,
    status,
    type,
    locality,
    region,
    latitude,
    longitude,
    landing_attempts,
    landing_successes,
    wikipedia,
    details,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('landpads') }}
