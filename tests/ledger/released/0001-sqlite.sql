CREATE TABLE anchor (
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_anchor PRIMARY KEY (seq)
);
CREATE TABLE approval (
	run TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	name TEXT NOT NULL, 
	person TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	why TEXT NOT NULL, 
	CONSTRAINT pk_approval PRIMARY KEY (run, digest, name)
);
CREATE TABLE attempt (
	run TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	token INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	request TEXT, 
	generation BIGINT, 
	resource_version TEXT NOT NULL, 
	outcome TEXT, 
	CONSTRAINT pk_attempt PRIMARY KEY (run, stage, number)
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
INSERT INTO "event" VALUES(1,1795239731173000,'anna','run-1','step_finished','{"number":0}','687ab197520b7fba6ca10d080ade9025c3c4fe8c461f8b16233dc71411aa856a');
INSERT INTO "event" VALUES(2,1795239731176000,'anna','run-1','step_finished','{"number":1}','c816b5abcf0d605afb9e207812839af67babba9f0552a354e1d19e31b84a7c22');
CREATE TABLE head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_head PRIMARY KEY (id), 
	CONSTRAINT ck_head_one_row CHECK (id = 1)
);
INSERT INTO "head" VALUES(1,2,'c816b5abcf0d605afb9e207812839af67babba9f0552a354e1d19e31b84a7c22');
CREATE TABLE ledger_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "ledger_schema" VALUES('0001');
CREATE TABLE lock (
	target TEXT NOT NULL, 
	run TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	CONSTRAINT pk_lock PRIMARY KEY (target)
);
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
CREATE TABLE run (
	id TEXT NOT NULL, 
	cluster TEXT NOT NULL, 
	cluster_name TEXT NOT NULL, 
	context TEXT NOT NULL, 
	title TEXT NOT NULL, 
	why TEXT NOT NULL, 
	undoes TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	deadline_at BIGINT, 
	finished_at BIGINT, 
	state TEXT NOT NULL, 
	waits_for TEXT, 
	waiting TEXT, 
	owner TEXT NOT NULL, 
	token INTEGER NOT NULL, 
	wake_at BIGINT, 
	CONSTRAINT pk_run PRIMARY KEY (id)
);
CREATE TABLE signal (
	run TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	reply TEXT, 
	person TEXT NOT NULL, 
	why TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	taken_at BIGINT, 
	CONSTRAINT pk_signal PRIMARY KEY (run, number)
);
CREATE TABLE stage (
	run TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	stage TEXT NOT NULL, 
	target TEXT NOT NULL, 
	is_withheld BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	due_at BIGINT, 
	finished_at BIGINT, 
	CONSTRAINT pk_stage PRIMARY KEY (run, number)
);
CREATE INDEX ix_event_about_seq ON event (about, seq);
CREATE INDEX ix_event_at ON event (at);
CREATE INDEX ix_look_cluster_at ON look (cluster, at);
CREATE INDEX ix_episode_cluster_ended_at ON episode (cluster, ended_at);
CREATE INDEX ix_run_wake_at ON run (wake_at);
CREATE INDEX ix_run_state_wake_at ON run (state, wake_at);
CREATE INDEX ix_run_waits_for ON run (waits_for);
CREATE INDEX ix_run_created_at ON run (created_at);
CREATE INDEX ix_stage_target ON stage (target);
CREATE INDEX ix_lock_run ON lock (run);
