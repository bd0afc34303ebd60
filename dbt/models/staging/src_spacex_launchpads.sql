select
    -- ids
    id as launchpad_id,

    -- values
    name,
    full_name,
    status,
    locality,
    region,
    timezone,
    latitude,
    longitude,
    launch_attempts,
    launch_successes,
    details,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('launchpads') }}
