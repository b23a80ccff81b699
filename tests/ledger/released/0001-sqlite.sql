CREATE TABLE anchor (
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_anchor PRIMARY KEY (seq)
);
CREATE TABLE brakes (
	id INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_brakes PRIMARY KEY (id), 
	CONSTRAINT ck_brakes_one_row CHECK (id = 1)
);
CREATE TABLE episode (
	cluster TEXT NOT NULL, 
	problem TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	first_seen_at BIGINT NOT NULL, 
	began_at BIGINT NOT NULL, 
	last_seen_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	subject TEXT NOT NULL, 
	title TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	horizon TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	touched TEXT NOT NULL, 
	checks TEXT NOT NULL, 
	CONSTRAINT pk_episode PRIMARY KEY (cluster, problem, number)
);
CREATE TABLE event (
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	about TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	data TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (seq)
);
INSERT INTO "event" VALUES(1,1795239373125000,'anna','run-1','step_finished','{"number":0}','c5079bce9c204f3c71bad37304c59e6f34cf15a86b0bcc773d236028525b1772');
INSERT INTO "event" VALUES(2,1795239373127000,'anna','run-1','step_finished','{"number":1}','a745e12cbc35d801998b069480661b175cdbcb77d51b5802e24c894a3367ca8c');
CREATE TABLE head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_head PRIMARY KEY (id), 
	CONSTRAINT ck_head_one_row CHECK (id = 1)
);
INSERT INTO "head" VALUES(1,2,'a745e12cbc35d801998b069480661b175cdbcb77d51b5802e24c894a3367ca8c');
CREATE TABLE ledger_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "ledger_schema" VALUES('0001');
CREATE TABLE look (
	cluster TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	times INTEGER NOT NULL, 
	"by" TEXT NOT NULL, 
	breadth TEXT NOT NULL, 
	problems TEXT NOT NULL, 
	CONSTRAINT pk_look PRIMARY KEY (cluster, number)
);
CREATE INDEX ix_event_about_seq ON event (about, seq);
CREATE INDEX ix_event_at ON event (at);
CREATE INDEX ix_look_cluster_at ON look (cluster, at);
CREATE INDEX ix_episode_cluster_ended_at ON episode (cluster, ended_at);
