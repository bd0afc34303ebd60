select
    -- ids
    _parent_id as launch_id,
    _ordinal as ordinal,
    crew as crew_id,

    -- values
    role,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at
from {{ raw_table('launches__crew') }}
