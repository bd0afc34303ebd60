select
    -- ids
    _parent_id as launch_id,
    _ordinal as ordinal,
    value as payload_id,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at
from {{ raw_table('launches__payloads') }}
