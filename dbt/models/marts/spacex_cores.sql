{{
    config(
        unique_key='core_id',
        post_hook="{{ delete_gone_keys('core_id', ref('src_spacex_cores')) }}"
    )
}}

with

inputs as (
    select
        core_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_cores') }}
    where not is_deleted

    union all

    select
        cores.core_id,
        launches.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_cores') }} as cores
    inner join {{ ref('src_spacex_launches__cores') }} as launch_cores
        on launch_cores.core_id = cores.core_id
    inner join {{ ref('src_spacex_launches') }} as launches
        on launches.launch_id = launch_cores.launch_id
    where
        not cores.is_deleted
        and not launches.is_deleted
),

changed as (
    {{ changed_keys('inputs', 'core_id') }}
),

planned_and_past_flights as (
    select
        launch_cores.core_id,
        launches.launch_id,
        launches.name as launch_name,
        {{ launch_instant('launches.date_utc', 'launches.date_precision') }} as launch_at,
        launches.upcoming,
        launches.success,
        launch_cores.landing_attempt,
        launch_cores.landing_success,
        launch_cores.landing_type
    from changed
    inner join {{ ref('src_spacex_launches__cores') }} as launch_cores
        on launch_cores.core_id = changed.core_id
    inner join {{ ref('src_spacex_launches') }} as launches
        on launches.launch_id = launch_cores.launch_id
        and not launches.is_deleted
),

-- The id breaks ties, so that the same input gives the same row.
flights as (
    select
        core_id,
        launch_id,
        launch_name,
        launch_at,
        success,
        landing_attempt,
        landing_success,
        landing_type,
        lag(launch_at) over (partition by core_id order by launch_at, launch_id) as previous_launch_at,
        row_number() over (partition by core_id order by launch_at, launch_id) as flight_from_first,
        row_number() over (partition by core_id order by launch_at desc, launch_id desc) as flight_from_last
    from planned_and_past_flights
    where not upcoming
),

flight_facts as (
    select
        core_id,
        count(*) as flight_count,
        count(case when success then 1 end) as successful_flight_count,
        min(launch_at) as first_flight_at,
        max(launch_at) as last_flight_at,
        min(case when flight_from_first = 1 then launch_id end) as first_launch_id,
        min(case when flight_from_first = 1 then launch_name end) as first_launch_name,
        min(case when flight_from_last = 1 then launch_id end) as last_launch_id,
        min(case when flight_from_last = 1 then launch_name end) as last_launch_name,
        min({{ dbt.datediff('previous_launch_at', 'launch_at', 'day') }}) as shortest_turnaround_days,
        count(case when landing_attempt then 1 end) as landing_attempt_count,
        count(case when landing_success then 1 end) as landing_success_count,
        count(case when landing_success and landing_type = 'RTLS' then 1 end) as rtls_landing_count,
        count(case when landing_success and landing_type = 'ASDS' then 1 end) as asds_landing_count,
        count(case when landing_success and landing_type = 'Ocean' then 1 end) as ocean_landing_count
    from flights
    group by core_id
),

upcoming_facts as (
    select
        core_id,
        count(*) as upcoming_flight_count
    from planned_and_past_flights
    where upcoming
    group by core_id
)

select
    -- ids
    cores.core_id,
    flight_facts.first_launch_id,
    flight_facts.last_launch_id,

    -- core
    cores.serial,
    cores.block,
    cores.status,
    cores.reuse_count as stated_reuse_count,

    -- flights
    coalesce(flight_facts.flight_count, 0) as flight_count,
    coalesce(upcoming_facts.upcoming_flight_count, 0) as upcoming_flight_count,
    coalesce(flight_facts.successful_flight_count, 0) as successful_flight_count,
    flight_facts.first_flight_at,
    flight_facts.first_launch_name,
    flight_facts.last_flight_at,
    flight_facts.last_launch_name,
    cast(
        flight_facts.shortest_turnaround_days as {{ logical_type('int64') }}
    ) as shortest_turnaround_days,

    -- landings
    coalesce(flight_facts.landing_attempt_count, 0) as landing_attempt_count,
    coalesce(flight_facts.landing_success_count, 0) as landing_success_count,
    coalesce(flight_facts.rtls_landing_count, 0) as rtls_landing_count,
    coalesce(flight_facts.asds_landing_count, 0) as asds_landing_count,
    coalesce(flight_facts.ocean_landing_count, 0) as ocean_landing_count,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join {{ ref('src_spacex_cores') }} as cores
    on cores.core_id = changed.core_id
left join flight_facts
    on flight_facts.core_id = changed.core_id
left join upcoming_facts
    on upcoming_facts.core_id = changed.core_id
