/** What Redis does in one step, in Lua. Times come from the server: the clocks of processes differ. */

/** KEYS: key. ARGV: expected, 1 to set or 0 to delete, next, milliseconds or 0. */
export const COMPARE_AND_SET = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then redis.call('DEL', KEYS[1])
elseif ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[3])
else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return 1`;

/** KEYS: key. ARGV: milliseconds. A counter without an end gets one: it would count forever. */
export const INCREMENT = `
local sum = redis.call('INCR', KEYS[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum`;

/** KEYS: key. ARGV: wanted, most, milliseconds. Answers what was taken, what is left, milliseconds to the end. */
export const TAKE = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local ends = redis.call('PTTL', KEYS[1])
if ends < 0 then used = 0 end
local taken = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - used))
if ends < 0 then
  redis.call('SET', KEYS[1], taken, 'PX', ARGV[3])
  ends = tonumber(ARGV[3])
else redis.call('INCRBY', KEYS[1], taken) end
return { taken, math.max(0, tonumber(ARGV[2]) - used - taken), math.max(1, ends) }`;

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: ends (sorted set by time), infos (hash). ARGV: holder, info, milliseconds. Both keys go when the last lease ends. */
export const RENEW_LEASE = `${NOW}
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for i = 1, 2 do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
end
return 1`;

/** KEYS: ends, infos. ARGV: holder. */
export const RELEASE_LEASE = `
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1`;

/** KEYS: ends, infos. Answers holder, info, holder, info... */
export const LEASES = `${NOW}
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))) do
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[2], holder)
end
local found = {}
for _, holder in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  found[#found + 1] = holder
  found[#found + 1] = redis.call('HGET', KEYS[2], holder) or ''
end
return found`;
