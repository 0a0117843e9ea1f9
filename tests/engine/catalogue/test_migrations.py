from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.catalogue import made_lists, made_up
from foureyes.engine.catalogue import Catalogue, Workspace, schema
from foureyes.engine.settings import EngineSettings


def test_the_migrations_make_the_tables_of_the_schema(catalogue: Catalogue) -> None:
    with catalogue._store.database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []


ROWS = (
    "INSERT INTO series_name VALUES (1, 'S-1', 'n', 'o', 't', '')",
    "INSERT INTO decision VALUES (1, 'k', '[]', '', '', 'o', 't', 'r', '')",
    "INSERT INTO withdrawal VALUES (1, 1, 'o', 't', 'r', '')",
    "INSERT INTO decision_hold VALUES (1, 1, 't', '')",
    "INSERT INTO decision_release VALUES (1, 1, 't', '')",
    "INSERT INTO hash_list VALUES (1, 'n', 'known', 'vics', '', 'H1', '', '', 1, 0, 0, '', 'o', 't', '')",
    "INSERT INTO list_withdrawal VALUES (1, 1, 'o', 't', 'r', '')",
    "INSERT INTO hash_list_file VALUES (1, 'raw', '000001-raw', 1, 1, '')",
    "INSERT INTO hidden_region VALUES (1, 1, 0, 0, 9, 9, NULL, 'person', '', 'o', 't', '')",
    "INSERT INTO hidden_region_withdrawal VALUES (1, 1, 'o', 't', 'r', '')",
    "INSERT INTO change VALUES (1, 1, 1, NULL, NULL, NULL, '')",
)


@pytest.mark.parametrize("table", [table.name for table in schema.APPEND_ONLY])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_database_refuses_to_change_what_people_ruled(
    catalogue: Catalogue, table: str, statement: str
) -> None:
    database = catalogue._store.database
    catalogue.commit(catalogue.source("s", "/s", "folder"), [made_up.taken("a.jpg", 1)])
    with database.writing() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    column = next(iter(schema.metadata.tables[table].columns)).name
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
        connection.exec_driver_sql(statement.format(table, column, column))


def test_a_workspace_made_before_there_were_lists_is_brought_up(
    workspace: Workspace, settings: EngineSettings
) -> None:
    """Its rows are those that it had, and a list can be added to it."""
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        catalogue.commit(catalogue.source("s", "/s", "folder"), [made_up.taken("a.jpg", 1)])
        before = list(catalogue.canonical())
        _back_to_the_first_tables(catalogue)
    (workspace.path / "lists").rmdir()
    with Catalogue.open(Workspace.open(workspace.path), settings, write=True) as catalogue:
        assert list(catalogue.canonical()) == before
        with catalogue._store.database.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        catalogue.add_list(made_lists.meta(), [made_lists.batch(made_lists.of_media(1))])
        assert list(catalogue.verify()) == []


def _back_to_the_first_tables(catalogue: Catalogue) -> None:
    lists = ("change", "list_hit", "list_checked", "hash_list_file", "list_withdrawal", "hash_list")
    hidden = ("hidden_region_withdrawal", "hidden_region")
    newer = (*hidden, "comparison", *lists, "decision_hold", "decision_release")
    with catalogue._store.database.writing() as connection:
        for table in newer:
            connection.exec_driver_sql(f"DROP TABLE {table}")
            if not catalogue._store.database.is_sqlite:
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {table}_append_only()")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
