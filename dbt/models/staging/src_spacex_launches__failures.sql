select
    -- ids
    _parent_id as launch_id,
    _ordinal as ordinal,

    -- values
    time,
    altitude,
    reason,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at
from {{ raw_table('launches__failures') }}
