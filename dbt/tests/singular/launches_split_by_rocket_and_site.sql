-- A launch counts once in its rocket and once in its site; launches that name none, or one that is not there, in none.
with

launches as (
    select
        count(rocket_name) as with_rocket,
        count(launch_site_name) as with_site
    from {{ ref('spacex_launches') }}
),

rockets as (
    select coalesce(sum(launch_count + upcoming_launch_count), 0) as launches
    from {{ ref('spacex_rockets') }}
    where rocket_name is not null
),

sites as (
    select coalesce(sum(launch_count + upcoming_launch_count), 0) as launches
    from {{ ref('spacex_launch_sites') }}
    where launch_site_name is not null
)

select
    launches.with_rocket,
    rockets.launches as launches_of_rockets,
    launches.with_site,
    sites.launches as launches_of_sites
from launches
cross join rockets
cross join sites
where
    launches.with_rocket <> rockets.launches
    or launches.with_site <> sites.launches
