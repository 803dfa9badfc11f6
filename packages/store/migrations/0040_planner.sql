-- What batches look up lies in memory or on a flash disk. To the planner, which takes a look-up for the seek of a disk
-- that turns, a batch of fifty stations is worth reading ten thousand. Whoever may not set it leaves it as it was.
do $$ begin
  execute format('alter database %I set random_page_cost = 1.1', current_database());
exception when insufficient_privilege then
  raise notice 'random_page_cost was not set: only the owner of the database may';
end $$;
