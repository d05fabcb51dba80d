"""A dashboard on the tables that dbt/ makes.

It has an environment of its own (requirements.txt); `queries` needs psycopg alone.
"""
