select
    -- ids
    id as core_id,

    -- values
    serial,
    block,
    status,
    reuse_count,
    rtls_attempts,
    rtls_landings,
    asds_attempts,
    asds_landings,
    last_update,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('cores') }}
