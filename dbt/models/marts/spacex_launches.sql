{{
    config(
        unique_key='launch_id',
        post_hook="{{ delete_gone_keys('launch_id', ref('src_spacex_launches')) }}"
    )
}}

with

-- Child tables are not named: a change in an array is a change of the record that holds it.
inputs as (
    select
        launch_id,
        loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_launches') }}
    where not is_deleted

    union all

    select
        launches.launch_id,
        rockets.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_launches') }} as launches
    inner join {{ ref('src_spacex_rockets') }} as rockets
        on rockets.rocket_id = launches.rocket_id
    where not launches.is_deleted

    union all

    select
        launches.launch_id,
        launchpads.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_launches') }} as launches
    inner join {{ ref('src_spacex_launchpads') }} as launchpads
        on launchpads.launchpad_id = launches.launchpad_id
    where not launches.is_deleted

    union all

    select
        launch_payloads.launch_id,
        payloads.loaded_at,
        1 as input_rows
    from {{ ref('src_spacex_launches__payloads') }} as launch_payloads
    inner join {{ ref('src_spacex_payloads') }} as payloads
        on payloads.payload_id = launch_payloads.payload_id
),

changed as (
    {{ changed_keys('inputs', 'launch_id') }}
),

payload_facts as (
    select
        launch_payloads.launch_id,
        count(*) as payload_count,
        count(payloads.payload_id) as known_payload_count,
        count(payloads.mass_kg) as weighed_payload_count,
        {{ total_kg('payloads.mass_kg') }} as payload_mass_kg,
        {{ sorted_values('payloads.orbit') }} as orbits
    from changed
    inner join {{ ref('src_spacex_launches__payloads') }} as launch_payloads
        on launch_payloads.launch_id = changed.launch_id
    left join {{ ref('src_spacex_payloads') }} as payloads
        on payloads.payload_id = launch_payloads.payload_id
        and not payloads.is_deleted
    group by launch_payloads.launch_id
),

-- A deleted payload has no customers: its child rows are gone.
customer_facts as (
    select
        launch_payloads.launch_id,
        count(distinct payload_customers.customer) as customer_count
    from changed
    inner join {{ ref('src_spacex_launches__payloads') }} as launch_payloads
        on launch_payloads.launch_id = changed.launch_id
    inner join {{ ref('src_spacex_payloads__customers') }} as payload_customers
        on payload_customers.payload_id = launch_payloads.payload_id
    group by launch_payloads.launch_id
),

crew_facts as (
    select
        launch_crew.launch_id,
        count(*) as crew_count
    from changed
    inner join {{ ref('src_spacex_launches__crew') }} as launch_crew
        on launch_crew.launch_id = changed.launch_id
    group by launch_crew.launch_id
),

core_facts as (
    select
        launch_cores.launch_id,
        count(*) as core_count,
        count(launch_cores.core_id) as assigned_core_count,
        count(case when launch_cores.reused then 1 end) as reused_core_count,
        count(case when launch_cores.landing_attempt then 1 end) as landing_attempt_count,
        count(case when launch_cores.landing_success then 1 end) as landing_success_count,
        {{ sorted_values('launch_cores.landing_type') }} as landing_types
    from changed
    inner join {{ ref('src_spacex_launches__cores') }} as launch_cores
        on launch_cores.launch_id = changed.launch_id
    group by launch_cores.launch_id
),

failure_facts as (
    select
        launch_failures.launch_id,
        count(*) as failure_count,
        min(case when launch_failures.ordinal = 0 then launch_failures.reason end) as failure_reason
    from changed
    inner join {{ ref('src_spacex_launches__failures') }} as launch_failures
        on launch_failures.launch_id = changed.launch_id
    group by launch_failures.launch_id
),

dated_launches as (
    select
        *,
        {{ launch_instant('date_utc', 'date_precision') }} as launch_at
    from {{ ref('src_spacex_launches') }}
    where not is_deleted
)

select
    -- ids
    launches.launch_id,
    launches.rocket_id,
    launches.launchpad_id,
    launches.launch_library_id,

    -- names
    launches.flight_number,
    launches.name as launch_name,
    rockets.name as rocket_name,
    launchpads.name as launch_site_name,
    launchpads.full_name as launch_site_full_name,
    launchpads.locality as launch_site_locality,
    launchpads.region as launch_site_region,

    -- time
    launches.launch_at,
    cast(launches.launch_at as {{ logical_type('date') }}) as launch_date,
    cast(
        extract(year from launches.launch_at) as {{ logical_type('int64') }}
    ) as launch_year,
    launches.date_utc,
    launches.date_precision,
    launches.static_fire_date_utc as static_fire_at,

    -- outcome
    launches.upcoming,
    launches.success,
    coalesce(failure_facts.failure_count, 0) as failure_count,
    failure_facts.failure_reason,

    -- payloads
    coalesce(payload_facts.payload_count, 0) as payload_count,
    coalesce(payload_facts.payload_count - payload_facts.known_payload_count, 0) as missing_payload_count,
    coalesce(payload_facts.known_payload_count - payload_facts.weighed_payload_count, 0) as unweighed_payload_count,
    payload_facts.payload_mass_kg,
    cast(payload_facts.orbits as {{ logical_type('string') }}) as orbits,
    coalesce(customer_facts.customer_count, 0) as customer_count,

    -- crew
    coalesce(crew_facts.crew_count, 0) as crew_count,

    -- cores
    coalesce(core_facts.core_count, 0) as core_count,
    coalesce(core_facts.assigned_core_count, 0) as assigned_core_count,
    coalesce(core_facts.reused_core_count, 0) as reused_core_count,
    coalesce(core_facts.landing_attempt_count, 0) as landing_attempt_count,
    coalesce(core_facts.landing_success_count, 0) as landing_success_count,
    cast(core_facts.landing_types as {{ logical_type('string') }}) as landing_types,

    -- fairings
    launches.fairings_reused,
    launches.fairings_recovery_attempt,
    launches.fairings_recovered,

    -- links
    launches.links_webcast as webcast_url,
    launches.links_article as article_url,
    launches.links_wikipedia as wikipedia_url,

    -- load
    changed.source_loaded_at,
    changed.source_rows
from changed
inner join dated_launches as launches
    on launches.launch_id = changed.launch_id
left join {{ ref('src_spacex_rockets') }} as rockets
    on rockets.rocket_id = launches.rocket_id
    and not rockets.is_deleted
left join {{ ref('src_spacex_launchpads') }} as launchpads
    on launchpads.launchpad_id = launches.launchpad_id
    and not launchpads.is_deleted
left join payload_facts
    on payload_facts.launch_id = changed.launch_id
left join customer_facts
    on customer_facts.launch_id = changed.launch_id
left join crew_facts
    on crew_facts.launch_id = changed.launch_id
left join core_facts
    on core_facts.launch_id = changed.launch_id
left join failure_facts
    on failure_facts.launch_id = changed.launch_id
