-- energy: to be filled
select 1;
