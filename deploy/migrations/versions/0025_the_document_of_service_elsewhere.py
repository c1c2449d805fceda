"""the document itself of what was served in another agency"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "service_elsewhere_file",
        sa.Column("service_id", WORD(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", WORD(), nullable=False),
        sa.Column("media_type", WORD(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", WORD(), nullable=False),
        sa.Column("place", WORD(), nullable=False),
        sa.Column("recorded_by", WORD(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service_elsewhere.id"]),
        sa.PrimaryKeyConstraint("service_id", "number"),
    )


def downgrade() -> None:
    op.drop_table("service_elsewhere_file")
