-- security: to be filled
select 1;
