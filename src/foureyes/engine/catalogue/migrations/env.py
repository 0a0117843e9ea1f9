"""What Alembic runs: the steps of `versions/` over the connection that `migrations.upgrade` hands in."""

from __future__ import annotations

from alembic import context

from foureyes.engine.catalogue.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
