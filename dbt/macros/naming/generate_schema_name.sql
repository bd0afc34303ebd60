{# Schemas are named `staging` and `marts` on every target, without the prefix that dbt puts before them by default. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
