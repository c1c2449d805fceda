"""trails are append-only, also for whoever holds the database's password by mistake"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TRAILS = ("event", "cycle_event")


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the trail % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for trail in TRAILS:
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {trail}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
            """
        )


def downgrade() -> None:
    for trail in TRAILS:
        op.execute(f"DROP TRIGGER append_only ON {trail}")
    op.execute("DROP FUNCTION refuse_change()")
