"""How catalogs of older versions become today's (Alembic; run by `Catalog.open`)."""
