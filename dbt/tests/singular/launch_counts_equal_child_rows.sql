-- Each count of spacex_launches, summed over all launches, against the rows of the child table that it counts.
with

mart as (
    select
        coalesce(sum(payload_count), 0) as payloads,
        coalesce(sum(core_count), 0) as cores,
        coalesce(sum(assigned_core_count), 0) as assigned_cores,
        coalesce(sum(landing_success_count), 0) as landings,
        coalesce(sum(crew_count), 0) as crew,
        coalesce(sum(failure_count), 0) as failures
    from {{ ref('spacex_launches') }}
),

payloads as (
    select count(*) as rows_found from {{ ref('src_spacex_launches__payloads') }}
),

cores as (
    select
        count(*) as rows_found,
        count(core_id) as assigned,
        count(case when landing_success then 1 end) as landings
    from {{ ref('src_spacex_launches__cores') }}
),

crew as (
    select count(*) as rows_found from {{ ref('src_spacex_launches__crew') }}
),

failures as (
    select count(*) as rows_found from {{ ref('src_spacex_launches__failures') }}
)

select
    mart.payloads,
    payloads.rows_found as payload_rows,
    mart.cores,
    cores.rows_found as core_rows,
    mart.crew,
    crew.rows_found as crew_rows,
    mart.failures,
    failures.rows_found as failure_rows
from mart
cross join payloads
cross join cores
cross join crew
cross join failures
where
    mart.payloads <> payloads.rows_found
    or mart.cores <> cores.rows_found
    or mart.assigned_cores <> cores.assigned
    or mart.landings <> cores.landings
    or mart.crew <> crew.rows_found
    or mart.failures <> failures.rows_found
