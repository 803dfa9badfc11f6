-- authorisation: to be filled
select 1;
