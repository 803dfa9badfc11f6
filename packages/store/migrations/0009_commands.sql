-- commands: to be filled
select 1;
