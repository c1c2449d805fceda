"""what was brought from another agency is put right by another version of it"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString
TABLE = "service_elsewhere"
PART = "service_elsewhere_part_fkey"
VERSION = "service_elsewhere_version"
PUT_RIGHT = sa.text("SELECT EXISTS (SELECT FROM service_elsewhere WHERE number > 1)")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("part", WORD(), nullable=True))
    op.add_column(TABLE, sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(TABLE, sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(f"UPDATE {TABLE} SET part = id")
    op.alter_column(TABLE, "part", nullable=False)
    op.create_foreign_key(PART, TABLE, TABLE, ["part"], ["id"])
    op.create_unique_constraint(VERSION, TABLE, ["part", "number"])
    for column in ("number", "withdrawn"):
        op.alter_column(TABLE, column, server_default=None)
    op.execute(
        f"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    if op.get_bind().execute(PUT_RIGHT).scalar_one():
        raise RuntimeError(
            "service in another agency was corrected or withdrawn here: the schema before would count each version of it as another part"
        )
    op.execute(f"DROP TRIGGER append_only ON {TABLE}")
    for column in ("withdrawn", "number", "part"):
        op.drop_column(TABLE, column)
