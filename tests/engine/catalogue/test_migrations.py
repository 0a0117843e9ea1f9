from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from foureyes.engine.catalogue import Catalogue, schema


def test_the_migrations_make_the_tables_of_the_schema(catalogue: Catalogue) -> None:
    with catalogue._store.database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


ROWS = (
    "INSERT INTO series_name VALUES (1, 'S-1', 'n', 'o', 't', '')",
    "INSERT INTO decision VALUES (1, 'k', '[]', '', '', 'o', 't', 'r', '')",
    "INSERT INTO withdrawal VALUES (1, 1, 'o', 't', 'r', '')",
)


@pytest.mark.parametrize("table", [table.name for table in schema.APPEND_ONLY])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET officer = 'someone else'"])
def test_the_database_refuses_to_change_what_people_ruled(
    catalogue: Catalogue, table: str, statement: str
) -> None:
    database = catalogue._store.database
    with database.writing() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
        connection.exec_driver_sql(statement.format(table))
