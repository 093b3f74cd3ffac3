"""Alembic's environment: runs on the connection that `octolab.catalog.opening` hands over."""

from __future__ import annotations

from alembic import context

from octolab.catalog.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
