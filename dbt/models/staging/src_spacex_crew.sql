select
    -- ids
    id as crew_id,

    -- values
    name,
    status,
    agency,
    image,
    wikipedia,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('crew') }}
