"""teams with their leaders, what peers and leaders say of somebody's work, and what the public says of a unit"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "team",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("name", WORD(), nullable=False),
        sa.Column("leader_id", WORD(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("recorded_by", WORD(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("team_of_leader", "team", ["leader_id"])
    op.create_index("team_of_recorder", "team", ["recorded_by"])
    op.create_table(
        "team_member",
        sa.Column("team_id", WORD(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("team_id", "person_id"),
    )
    op.create_index("ix_team_member_person_id", "team_member", ["person_id"])
    op.create_table(
        "feedback_request",
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("asked_by", WORD(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("appraisal_id", "person_id"),
    )
    op.create_index("ix_feedback_request_person_id", "feedback_request", ["person_id"])
    op.create_table(
        "feedback",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("author_id", WORD(), nullable=False),
        sa.Column("standing", WORD(), nullable=False),
        sa.Column("team_id", WORD(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appraisal_id", "author_id"),
    )
    op.create_index("feedback_of_author", "feedback", ["author_id"])
    op.create_table(
        "remark",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("unit_id", WORD(), nullable=False),
        sa.Column("kind", WORD(), nullable=False),
        sa.Column("service", WORD(), nullable=True),
        sa.Column("programme", WORD(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", WORD(), nullable=True),
        sa.Column("address", WORD(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", WORD(), nullable=False),
        sa.Column("decided_by", WORD(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_id", WORD(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"]),
        sa.ForeignKeyConstraint(["reason_id"], ["text.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("remark_of_cycle", "remark", ["cycle_id", "state", "day", "id"])
    op.create_index("remark_of_unit", "remark", ["unit_id", "state"])
    op.create_index("remark_of_address", "remark", ["address"], postgresql_where=sa.text("address IS NOT NULL"))
    op.create_table(
        "day_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", WORD(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )


def downgrade() -> None:
    for table in ("day_salt", "remark", "feedback", "feedback_request", "team_member", "team"):
        op.drop_table(table)
