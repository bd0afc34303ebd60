select
    -- ids
    id as launch_id,
    rocket as rocket_id,
    launchpad as launchpad_id,

    -- values
    flight_number,
    name,
    date_utc,
    date_unix,
    date_local,
    date_precision,
    static_fire_date_utc,
    static_fire_date_unix,
    tbd,
    net,
    window_sec,
    success,
    upcoming,
    details,
    fairings_reused,
    fairings_recovery_attempt,
    fairings_recovered,
    links_patch_small,
    links_patch_large,
    links_reddit_campaign,
    links_reddit_launch,
    links_reddit_media,
    links_reddit_recovery,
    links_presskit,
    links_webcast,
    links_youtube_id,
    links_article,
    links_wikipedia,
    auto_update,
    launch_library_id,

    -- load
    _run_id as run_id,
    _loaded_at as loaded_at,
    _deleted_at as deleted_at,
    _deleted_at is not null as is_deleted
from {{ raw_table('launches') }}
