-- A charger that connects, boots, is heard and leaves changes its row four times. With room on its page and no index over
-- what changes, each is a heap-only update: a tenth of the cost. Which stations an edge holds is asked every few seconds
-- for all edges at once, which reads the table once whatever the index.
drop index station_online;
--> statement-breakpoint
alter table station set (fillfactor = 60);
