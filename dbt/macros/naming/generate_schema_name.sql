{# Schemas are named `staging` and `marts` on every target, without the prefix that dbt puts before them by default; with
   `schema_prefix`, which keeps those of several raw schemas in one database or project apart. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix') ~ ((custom_schema_name or target.schema) | trim) }}
{%- endmacro %}
