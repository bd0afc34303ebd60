select
    -- ids
    id as ship_id,

    -- values
    name,
    legacy_id,
    model,
    type,
    active,
    imo,
    mmsi,
    abs,
    class,
    mass_kg,
    mass_lbs,
    year_built,
    home_port,
    status,
    speed_kn,
    course_deg,
    latitude,
    longitude,
    last_ais_update,
    link,
    image,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('ships') }}
