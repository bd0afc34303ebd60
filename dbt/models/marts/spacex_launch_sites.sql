{{
    config(
        unique_key='launchpad_id',
        post_hook="{{ delete_gone_keys('launchpad_id', ref('src_spacex_launchpads')) }}"
    )
}}

with

inputs as (
    select
        launchpad_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_launchpads') }}
    where not is_deleted

    union all

    select
        launchpads.launchpad_id,
        launches.source_loaded_at as loaded_at,
        launches.source_rows as input_rows
    from {{ ref('src_spacex_launchpads') }} as launchpads
    inner join {{ ref('spacex_launches') }} as launches
        on launches.launchpad_id = launchpads.launchpad_id
    where not launchpads.is_deleted
),

changed as (
    {{ changed_keys('inputs', 'launchpad_id') }}
),

past_facts as (
    select
        launches.launchpad_id,
        count(*) as launch_count,
        count(case when launches.success then 1 end) as success_count,
        count(case when not launches.success then 1 end) as failure_count,
        min(launches.launch_at) as first_launch_at,
        max(launches.launch_at) as last_launch_at,
        {{ total_kg('launches.payload_mass_kg') }} as payload_mass_kg,
        sum(launches.crew_count) as crew_count,
        count(distinct launches.rocket_id) as rocket_count
    from changed
    inner join {{ ref('spacex_launches') }} as launches
        on launches.launchpad_id = changed.launchpad_id
    where not launches.upcoming
    group by launches.launchpad_id
),

upcoming_facts as (
    select
        launches.launchpad_id,
        count(*) as upcoming_launch_count
    from changed
    inner join {{ ref('spacex_launches') }} as launches
        on launches.launchpad_id = changed.launchpad_id
    where launches.upcoming
    group by launches.launchpad_id
)

select
    -- ids
    launchpads.launchpad_id,

    -- site
    launchpads.name as launch_site_name,
    launchpads.full_name as launch_site_full_name,
    launchpads.status,
    launchpads.locality,
    launchpads.region,
    launchpads.timezone,
    launchpads.latitude,
    launchpads.longitude,
    launchpads.launch_attempts as stated_launch_count,
    launchpads.launch_successes as stated_success_count,

    -- launches
    coalesce(past_facts.launch_count, 0) as launch_count,
    coalesce(upcoming_facts.upcoming_launch_count, 0) as upcoming_launch_count,
    coalesce(past_facts.success_count, 0) as success_count,
    coalesce(past_facts.failure_count, 0) as failure_count,
    {{ success_rate('past_facts.success_count', 'past_facts.failure_count') }} as success_rate,
    past_facts.first_launch_at,
    past_facts.last_launch_at,
    coalesce(past_facts.rocket_count, 0) as rocket_count,
    past_facts.payload_mass_kg,
    cast(coalesce(past_facts.crew_count, 0) as {{ logical_type('int64') }}) as crew_count,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join {{ ref('src_spacex_launchpads') }} as launchpads
    on launchpads.launchpad_id = changed.launchpad_id
left join past_facts
    on past_facts.launchpad_id = changed.launchpad_id
left join upcoming_facts
    on upcoming_facts.launchpad_id = changed.launchpad_id
