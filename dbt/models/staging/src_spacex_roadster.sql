select
    -- ids
    id as roadster_id,

    -- values
    name,
    launch_date_utc,
    launch_date_unix,
    launch_mass_kg,
    launch_mass_lbs,
    norad_id,
    epoch_jd,
    orbit_type,
    apoapsis_au,
    periapsis_au,
    semi_major_axis_au,
    eccentricity,
    inclination,
    longitude,
    periapsis_arg,
    period_days,
    speed_kph,
    speed_mph,
    earth_distance_km,
    earth_distance_mi,
    mars_distance_km,
    mars_distance_mi,
    wikipedia,
    video,
    details,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('roadster') }}
