{{
    config(
        unique_key='rocket_id',
        post_hook="{{ delete_gone_keys('rocket_id', ref('src_spacex_rockets')) }}"
    )
}}

with

inputs as (
    select
        rocket_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_rockets') }}
    where not is_deleted

    union all

    select
        rockets.rocket_id,
        launches.source_loaded_at as loaded_at,
        launches.source_rows as input_rows
    from {{ ref('src_spacex_rockets') }} as rockets
    inner join {{ ref('spacex_launches') }} as launches
        on launches.rocket_id = rockets.rocket_id
    where not rockets.is_deleted
),

changed as (
    {{ changed_keys('inputs', 'rocket_id') }}
),

past_facts as (
    select
        launches.rocket_id,
        count(*) as launch_count,
        count(case when launches.success then 1 end) as success_count,
        count(case when not launches.success then 1 end) as failure_count,
        min(launches.launch_at) as first_launch_at,
        max(launches.launch_at) as last_launch_at,
        {{ total_kg('launches.payload_mass_kg') }} as payload_mass_kg,
        sum(launches.crew_count) as crew_count,
        sum(launches.reused_core_count) as reused_core_count,
        sum(launches.landing_attempt_count) as landing_attempt_count,
        sum(launches.landing_success_count) as landing_success_count
    from changed
    inner join {{ ref('spacex_launches') }} as launches
        on launches.rocket_id = changed.rocket_id
    where not launches.upcoming
    group by launches.rocket_id
),

upcoming_facts as (
    select
        launches.rocket_id,
        count(*) as upcoming_launch_count
    from changed
    inner join {{ ref('spacex_launches') }} as launches
        on launches.rocket_id = changed.rocket_id
    where launches.upcoming
    group by launches.rocket_id
)

select
    -- ids
    rockets.rocket_id,

    -- rocket
    rockets.name as rocket_name,
    rockets.active,
    rockets.stages,
    rockets.boosters,
    rockets.cost_per_launch as cost_per_launch_usd,
    rockets.country,
    rockets.height_meters as height_m,
    rockets.mass_kg,
    rockets.first_flight as stated_first_flight,
    rockets.success_rate_pct as stated_success_rate_pct,

    -- launches
    coalesce(past_facts.launch_count, 0) as launch_count,
    coalesce(upcoming_facts.upcoming_launch_count, 0) as upcoming_launch_count,
    coalesce(past_facts.success_count, 0) as success_count,
    coalesce(past_facts.failure_count, 0) as failure_count,
    {{ success_rate('past_facts.success_count', 'past_facts.failure_count') }} as success_rate,
    past_facts.first_launch_at,
    past_facts.last_launch_at,

    -- payloads, crew, cores
    past_facts.payload_mass_kg,
    cast(coalesce(past_facts.crew_count, 0) as {{ logical_type('int64') }}) as crew_count,
    cast(coalesce(past_facts.reused_core_count, 0) as {{ logical_type('int64') }}) as reused_core_count,
    cast(coalesce(past_facts.landing_attempt_count, 0) as {{ logical_type('int64') }}) as landing_attempt_count,
    cast(coalesce(past_facts.landing_success_count, 0) as {{ logical_type('int64') }}) as landing_success_count,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join {{ ref('src_spacex_rockets') }} as rockets
    on rockets.rocket_id = changed.rocket_id
left join past_facts
    on past_facts.rocket_id = changed.rocket_id
left join upcoming_facts
    on upcoming_facts.rocket_id = changed.rocket_id
