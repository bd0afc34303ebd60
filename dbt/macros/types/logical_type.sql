{# DDL spelling of a logical type (string, int64, float64, boolean, timestamp, date) on the current target. #}
{% macro logical_type(name) -%}
    {{ return(var('types')[target.type][name]) }}
{%- endmacro %}
