{# A table of the loader. Staging models name their table by this macro only. #}
{% macro raw_table(name) -%}
    {{ return(adapter.dispatch('raw_table', 'spacex_etl')(name)) }}
{%- endmacro %}

{% macro default__raw_table(name) -%}
    {{ return(source('raw', name)) }}
{%- endmacro %}

{# DuckDB calls a database after its file and keeps that name inside a view: a copied, renamed or attached warehouse
   would have broken views. Without it, a view looks in the database that it is in. Only in a database that is called
   like the schema would that be ambiguous. #}
{% macro duckdb__raw_table(name) -%}
    {%- set table = source('raw', name) -%}
    {{ return(table.include(database=(table.database == table.schema))) }}
{%- endmacro %}
