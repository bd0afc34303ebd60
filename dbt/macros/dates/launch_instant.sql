{#
    The start of the period that a launch date means. The API writes a full instant even if only the month, quarter, half
    year or year is known, and says so in `date_precision`. `hour` and `day` differ in this alone: with `hour` the time
    of day is real.
#}
{% macro launch_instant(date_utc, date_precision) -%}
    case {{ date_precision }}
        when 'hour' then {{ date_utc }}
        when 'day' then {{ timestamp_start('day', date_utc) }}
        when 'month' then {{ timestamp_start('month', date_utc) }}
        when 'quarter' then {{ timestamp_start('quarter', date_utc) }}
        when 'half' then
            case
                when extract(month from {{ date_utc }}) <= 6
                    then {{ timestamp_start('year', date_utc) }}
                else cast(
                    {{ dbt.dateadd('month', 6, timestamp_start('year', date_utc)) }}
                    as {{ logical_type('timestamp') }}
                )
            end
        when 'year' then {{ timestamp_start('year', date_utc) }}
        else {{ date_utc }}
    end
{%- endmacro %}

{# `date_trunc` gives a date or a timestamp, depending on target and argument. #}
{% macro timestamp_start(part, instant) -%}
    cast({{ dbt.date_trunc(part, instant) }} as {{ logical_type('timestamp') }})
{%- endmacro %}
