select
    -- ids
    _parent_id as payload_id,
    _ordinal as ordinal,

    -- values
    value as customer,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at
from {{ raw_table('payloads__customers') }}
