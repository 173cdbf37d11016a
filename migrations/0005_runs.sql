-- Mobile loudspeaker runs: what is read out, and the stops in their order.
-- Times of stops are minutes after the start of the activity, so that a run that is moved to
-- another day or hour keeps its plan.

CREATE TABLE run (
    activity_id UUID NOT NULL PRIMARY KEY REFERENCES activity (id),
    script TEXT NOT NULL,
    pace BIGINT NOT NULL,              -- syllables read in a minute
    lead_id UUID REFERENCES member (id) -- who leads the crew and signs the run sheet
);

CREATE TABLE run_stop (
    id UUID NOT NULL PRIMARY KEY,
    activity_id UUID NOT NULL REFERENCES activity (id),
    position BIGINT NOT NULL,          -- 1 for the first
    kind TEXT NOT NULL,                -- pass: driven through while reading; stop: people are guided there
    unit_id UUID NOT NULL REFERENCES unit (id),
    venue_id UUID REFERENCES venue (id),
    road TEXT NOT NULL,                -- from where to where, in words
    after_start BIGINT NOT NULL,       -- planned arrival, minutes after the activity's start
    minutes BIGINT NOT NULL,           -- how long it takes there
    note TEXT NOT NULL,
    session_id UUID REFERENCES activity (id) -- the hamlet session that is held there
);
CREATE UNIQUE INDEX run_stop_order ON run_stop (activity_id, position);
CREATE INDEX run_stop_session ON run_stop (session_id);

CREATE TABLE run_stop_topic (
    stop_id UUID NOT NULL REFERENCES run_stop (id),
    topic_id UUID NOT NULL REFERENCES topic (id),
    PRIMARY KEY (stop_id, topic_id)
);
