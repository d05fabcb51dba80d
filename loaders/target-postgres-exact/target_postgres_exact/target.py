"""The target: the plain one with another sink."""

from __future__ import annotations

from target_postgres.target import TargetPostgres

from target_postgres_exact.sink import ExactSink


class TargetPostgresExact(TargetPostgres):
    """Takes the settings of target-postgres; `use_copy` has no effect, COPY is always used."""

    name = "target-postgres-exact"
    package_name = "target-postgres-exact"
    default_sink_class = ExactSink


if __name__ == "__main__":
    TargetPostgresExact.cli()
