-- firmware: to be filled
select 1;
