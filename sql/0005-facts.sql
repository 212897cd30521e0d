-- Who was written down at an event that was cancelled then, and a rating of
-- it, do not count: the event is no figure either.

DROP VIEW fact_attendance;
DROP VIEW fact_ratings;
DROP VIEW fact_waits;
DROP VIEW fact_order_times;

CREATE VIEW fact_attendance AS
SELECT e.id, a.person, e.course, e.unit, e.path, e.at_ms, e.month, e.year,
       e.quarter
FROM attendance a
JOIN fact_events e ON e.id = a.event
WHERE e.status = 'published';

-- A rating stays with the unit that the event had when it was rated.

CREATE VIEW fact_ratings AS
SELECT e.id, r.score, e.course, r.path, e.at_ms, e.month, e.year, e.quarter
FROM ratings r
JOIN fact_events e ON e.id = r.event
WHERE e.status = 'published';

-- When an order came, was taken up by who kept it, got its time, and was
-- done.  What a later step took back has not lasted: "lost" is the last one.

CREATE VIEW fact_order_times AS
SELECT o.id, o.course, o.path, o.at_ms, o.month, o.year, o.quarter,
       MIN(CASE WHEN s.action = 'submit' THEN s.at_ms END) AS submitted_ms,
       MAX(CASE WHEN s.action = 'accept' AND s.step > l.lost
           THEN s.at_ms END) AS accepted_ms,
       MAX(CASE WHEN s.action = 'schedule' AND s.step > l.lost
           THEN s.at_ms END) AS scheduled_ms,
       MIN(CASE WHEN s.action = 'complete' OR s.action = 'rate'
           THEN s.at_ms END) AS done_ms
FROM fact_orders o
JOIN order_steps s ON s.order_id = o.id
JOIN (SELECT order_id, MAX(CASE WHEN action IN ('decline', 'reassign',
             'unschedule') THEN step ELSE -1 END) AS lost
      FROM order_steps
      GROUP BY order_id) l ON l.order_id = o.id
GROUP BY o.id, o.course, o.path, o.at_ms, o.month, o.year, o.quarter;

-- A row for each way from one of these to the next, and for the whole.

CREATE VIEW fact_waits AS
SELECT id, course, path, at_ms, month, year, quarter, 'accept' AS step,
       accepted_ms - submitted_ms AS ms
FROM fact_order_times WHERE accepted_ms >= submitted_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'schedule' AS step,
       scheduled_ms - accepted_ms AS ms
FROM fact_order_times WHERE scheduled_ms >= accepted_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'done' AS step,
       done_ms - scheduled_ms AS ms
FROM fact_order_times WHERE done_ms >= scheduled_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'whole' AS step,
       done_ms - submitted_ms AS ms
FROM fact_order_times WHERE done_ms >= submitted_ms;
