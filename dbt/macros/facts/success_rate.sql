{# Share of successes, from 0 to 1, among launches whose outcome is known; null if there is none. #}
{% macro success_rate(successes, failures) -%}
    cast({{ successes }} as {{ logical_type('float64') }})
        / nullif({{ successes }} + {{ failures }}, 0)
{%- endmacro %}
