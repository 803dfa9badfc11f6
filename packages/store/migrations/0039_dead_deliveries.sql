-- Dead letters are few among what arrived, and asked for by themselves: to show them, and to send them again.
create index webhook_delivery_dead on webhook_delivery (webhook_id, id) where state = 'dead';
