select
    -- ids
    id as payload_id,
    launch as launch_id,
    dragon_capsule as capsule_id,

    -- values
    name,
    type,
    reused,
    mass_kg,
    mass_lbs,
    orbit,
    reference_system,
    regime,
    longitude,
    semi_major_axis_km,
    eccentricity,
    periapsis_km,
    apoapsis_km,
    inclination_deg,
    period_min,
    lifespan_years,
    epoch,
    mean_motion,
    raan,
    arg_of_pericenter,
    mean_anomaly,
    dragon_mass_returned_kg,
    dragon_mass_returned_lbs,
    dragon_flight_time_sec,
    dragon_manifest,
    dragon_water_landing,
    dragon_land_landing,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('payloads') }}
