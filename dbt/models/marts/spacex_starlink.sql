{{
    config(
        unique_key='satellite_id',
        post_hook="{{ delete_gone_keys('satellite_id', ref('src_spacex_starlink')) }}"
    )
}}

with

inputs as (
    select
        satellite_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_starlink') }}
    where not is_deleted

    union all

    select
        satellites.satellite_id,
        launches.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_starlink') }} as satellites
    inner join {{ ref('src_spacex_launches') }} as launches
        on launches.launch_id = satellites.launch_id
    where
        not satellites.is_deleted
        and not launches.is_deleted
),

changed as (
    {{ changed_keys('inputs', 'satellite_id') }}
)

select
    -- ids
    satellites.satellite_id,
    satellites.space_track_norad_cat_id as norad_cat_id,
    satellites.launch_id,

    -- satellite
    satellites.space_track_object_name as object_name,
    satellites.space_track_object_id as international_designator,
    satellites.version,
    case satellites.space_track_decayed
        when 1 then 'decayed'
        when 0 then 'in orbit'
        else 'unknown'
    end as status,
    satellites.space_track_decay_date as decay_date,

    -- launch
    satellites.space_track_launch_date as launch_date,
    launches.name as launch_name,
    launches.success as launch_success,
    satellites.launch_id is not null and launches.launch_id is null as is_launch_missing,

    -- position
    satellites.latitude,
    satellites.longitude,
    satellites.height_km,
    satellites.velocity_kms as velocity_km_s,

    -- orbit
    satellites.space_track_epoch as orbit_epoch,
    satellites.space_track_period as period_min,
    satellites.space_track_inclination as inclination_deg,
    satellites.space_track_eccentricity as eccentricity,
    satellites.space_track_semimajor_axis as semi_major_axis_km,
    satellites.space_track_periapsis as periapsis_km,
    satellites.space_track_apoapsis as apoapsis_km,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join {{ ref('src_spacex_starlink') }} as satellites
    on satellites.satellite_id = changed.satellite_id
left join {{ ref('src_spacex_launches') }} as launches
    on launches.launch_id = satellites.launch_id
    and not launches.is_deleted
