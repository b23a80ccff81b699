"""Events and their head, the anchor of a pruned chain, the brakes; looks and episodes of problems."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
    )
    op.create_index("ix_event_about_seq", "event", ["about", "seq"])
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_head_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_head"),
    )
    op.execute(f"INSERT INTO head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")
    op.create_table(
        "anchor",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_anchor"),
    )
    op.create_table(
        "brakes",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_brakes_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_brakes"),
    )
    op.create_table(
        "look",
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("breadth", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "number", name="pk_look"),
    )
    op.create_index("ix_look_cluster_at", "look", ["cluster", "at"])
    op.create_table(
        "episode",
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("horizon", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("touched", sa.Text, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "problem", "number", name="pk_episode"),
    )
    op.create_index("ix_episode_cluster_ended_at", "episode", ["cluster", "ended_at"])
