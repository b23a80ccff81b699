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
INSERT INTO "event" VALUES(1,1795238943416000,'anna','run-1','step_finished','{"number":0}','36b65e5625d28399f9cdcf2f8910514725cfac66ee82941d766da5b90de63893');
INSERT INTO "event" VALUES(2,1795238943418000,'anna','run-1','step_finished','{"number":1}','04f0fd4d4140cabfd0393fda25c0b10e07bae24e32748cff9ab8d4733adfb900');
CREATE TABLE head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_head PRIMARY KEY (id), 
	CONSTRAINT ck_head_one_row CHECK (id = 1)
);
INSERT INTO "head" VALUES(1,2,'04f0fd4d4140cabfd0393fda25c0b10e07bae24e32748cff9ab8d4733adfb900');
CREATE TABLE ledger_schema (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num)
);
INSERT INTO "ledger_schema" VALUES('0001');
CREATE INDEX ix_event_about_seq ON event (about, seq);
CREATE INDEX ix_event_at ON event (at);
