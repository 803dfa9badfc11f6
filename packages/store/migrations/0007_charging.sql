-- charging: to be filled
select 1;
