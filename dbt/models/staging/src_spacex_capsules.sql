select
    -- ids
    id as capsule_id,
    dragon as dragon_id,

    -- values
    serial,
    status,
    type,
    reuse_count,
    water_landings,
    land_landings,
    last_update,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('capsules') }}
