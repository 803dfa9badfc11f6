-- device_model: to be filled
select 1;
