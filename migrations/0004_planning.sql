-- Timetables that the machine plans for a campaign.

CREATE TABLE plan (
    id UUID NOT NULL PRIMARY KEY,
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    unit_id UUID NOT NULL REFERENCES unit (id),  -- whose plan it is: decides who sees and changes it
    from_id UUID REFERENCES plan (id),           -- the plan it was made from; none for a first one
    purpose TEXT NOT NULL,             -- first, again, repair, what_if
    change TEXT NOT NULL,              -- JSON of what changed since from_id
    state TEXT NOT NULL,               -- queued, running, done, stopped, interrupted, failed, accepted, replaced
    brief TEXT NOT NULL,               -- JSON: what was asked for
    ground TEXT NOT NULL,              -- JSON: the problem with the names of its parts, as of its making
    best TEXT NOT NULL,                -- JSON: the best timetable so far
    locks TEXT NOT NULL,               -- JSON: numbers of the sessions that must stay
    bill TEXT NOT NULL,                -- JSON: what the best costs
    course TEXT NOT NULL,              -- JSON: [milliseconds, cost] of each better plan
    iterations BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    accepted_at BIGINT
);
CREATE INDEX plan_campaign ON plan (campaign_id, created_at);
CREATE INDEX plan_state ON plan (state);

-- What of an accepted plan stands on the calendar. Sessions are known by hamlet and number, runs
-- by vehicle and day, so that accepting again changes the same activities and never adds twins.
CREATE TABLE plan_activity (
    campaign_id UUID NOT NULL REFERENCES campaign (id),
    activity_id UUID NOT NULL PRIMARY KEY REFERENCES activity (id),
    plan_id UUID NOT NULL REFERENCES plan (id),  -- the plan that last wrote it
    unit_id UUID,                      -- the hamlet, for a session
    number BIGINT NOT NULL,            -- which of the hamlet's sessions, or of the vehicle's runs that day, from 1
    asset_id UUID,                     -- the vehicle; none for a group that travels without one
    crew BIGINT,                       -- which group that travels without a vehicle
    day TEXT                           -- the day, for a run
);
CREATE INDEX plan_activity_campaign ON plan_activity (campaign_id);
