-- What people look stations up by, as text without accents, beside the station: its row is written whenever the charger
-- comes and goes, this only where a name changes.
create extension if not exists pg_trgm;
--> statement-breakpoint
-- Small letters without accents, whatever way they were typed and whatever the locale of the database.
create function sigec_folded(text) returns text language sql immutable strict parallel safe as $$
  select lower(regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'))
$$;
--> statement-breakpoint
-- As it is written, and again as words with a space before each: a word of one or two letters is found by its beginning,
-- a longer one anywhere.
create function sigec_words(text) returns text language sql immutable strict parallel safe as $$
  select ' ' || f || ' ' || regexp_replace(f, '[^[:alnum:]]+', ' ', 'g') from sigec_folded($1) as f
$$;
--> statement-breakpoint
create table station_search (
  station_id bigint primary key references station (id) on delete cascade,
  words text not null
);
--> statement-breakpoint
create view station_text as
select s.id, sigec_words(concat_ws(' ', s.identity, s.name, s.vendor, s.model, s.serial_number, s.address, x.name,
  x.address)) as words
from station s left join site x on x.id = s.site_id;
--> statement-breakpoint
insert into station_search (station_id, words) select id, words from station_text;
--> statement-breakpoint
create index station_search_words on station_search using gin (words gin_trgm_ops);
--> statement-breakpoint
create function sigec_stations_added() returns trigger language plpgsql as $$
begin
  insert into station_search (station_id, words) select t.id, t.words from added a join station_text t on t.id = a.id;
  return null;
end $$;
--> statement-breakpoint
create trigger station_added after insert on station referencing new table as added
for each statement execute function sigec_stations_added();
--> statement-breakpoint
create function sigec_station_renamed() returns trigger language plpgsql as $$
begin
  update station_search q set words = t.words from station_text t where t.id = new.id and q.station_id = new.id;
  return null;
end $$;
--> statement-breakpoint
create trigger station_renamed
after update of identity, name, vendor, model, serial_number, address, site_id on station for each row
when ((old.identity, old.name, old.vendor, old.model, old.serial_number, old.address, old.site_id)
  is distinct from (new.identity, new.name, new.vendor, new.model, new.serial_number, new.address, new.site_id))
execute function sigec_station_renamed();
--> statement-breakpoint
create function sigec_site_renamed() returns trigger language plpgsql as $$
begin
  update station_search q set words = t.words
  from station s join station_text t on t.id = s.id where s.site_id = new.id and q.station_id = s.id;
  return null;
end $$;
--> statement-breakpoint
create trigger site_renamed after update of name, address on site for each row
when ((old.name, old.address) is distinct from (new.name, new.address))
execute function sigec_site_renamed();
