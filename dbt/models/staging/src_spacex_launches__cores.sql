select
    -- ids
    _parent_id as launch_id,
    _ordinal as ordinal,
    core as core_id,
    landpad as landpad_id,

    -- values
    flight,
    gridfins,
    legs,
    reused,
    landing_attempt,
    landing_success,
    landing_type,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at
from {{ raw_table('launches__cores') }}
