"""The only code that knows the database: models, queries, blobs, migrations."""
