import { type ConnectItem, type DisconnectItem, passwordProof, passwordVerifier, UPLINK } from '@sigec/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerConnects, answerDisconnects } from './sessions.js';
import { addStations, countOf, openWatched, type Watched } from './testing/database.js';
import { from, memoryLogger } from './testing/fixtures.js';

const SALT = new Uint8Array([1, 2, 3]);
const proof = (password: string) => passwordProof('pepper', new TextEncoder().encode(password));

let seq = 0;
const attempt = (identity: string, more: Partial<ConnectItem> = {}): ConnectItem => ({
  kind: UPLINK.connect,
  seq: ++seq,
  identity,
  proof: null,
  version: 'ocpp1.6',
  address: '127.0.0.9',
  profile: 1,
  certificate: '',
  at: Date.now() + seq / 1000,
  ...more,
});

describe('in the database', () => {
  let db: Watched;
  beforeAll(async () => {
    db = await openWatched();
  });
  afterAll(() => db.close());
  afterEach(() => db.reset());

  const tripped: string[] = [];
  const connect = async (batch: ConnectItem[], registerUnknownIn: number | null = null, edgeId = 'e1') =>
    answerConnects(
      {
        ...{ db, registerUnknownIn, flap: { limit: 4, blockMs: 900_000 }, logger: memoryLogger().logger },
        tripped: (identity) => tripped.push(identity),
      },
      batch.map((item) => from(item, edgeId)),
    );
  const disconnect = (stationId: number, epoch: number): DisconnectItem => ({
    kind: UPLINK.disconnect,
    seq: ++seq,
    stationId,
    epoch,
    code: 1006,
    at: Date.now(),
  });
  const stateOf = async (identity: string) =>
    (
      await db.query<{ online: boolean; edge: string | null; epoch: number }>(
        'select online, edge_id as edge, session_epoch as epoch from station where identity = $1::text',
        [identity],
      )
    )[0];

  it('answers each attempt of a batch in its order; the same station twice gets two sessions, the later the newer', async () => {
    const [id = 0] = await addStations(db, 'A', 1);
    const batch = [attempt('A1'), attempt('nobody'), attempt('A1', { version: 'ocpp2.0.1' })];
    const replies = await connect(batch);
    expect(replies.map(({ seq: n, status, epoch, stationId }) => [n, status, epoch, stationId])).toEqual([
      [batch[0]?.seq, 'accepted', 2, id],
      [batch[1]?.seq, 'unknown', 0, 0],
      [batch[2]?.seq, 'accepted', 3, id],
    ]);
    expect(await stateOf('A1')).toEqual({ online: true, edge: 'e1', epoch: 3 });
    expect(replies[0]).toMatchObject({ booted: false, pingSeconds: -1, version: 'ocpp1.6' });
    expect(replies[1]?.reason).toBe('station unknown');
    const [next] = await connect([attempt('A1')], null, 'e2');
    expect(next).toMatchObject({ status: 'accepted', epoch: 4 });
    expect(await stateOf('A1')).toEqual({ online: true, edge: 'e2', epoch: 4 });
  });

  it('a refused attempt changes nothing of the session there is', async () => {
    const [id = 0] = await addStations(db, 'B', 1);
    await connect([attempt('B1')]);
    await db.query('update station set secret_salt = $1::bytea, secret_verifier = $2::bytea where id = $3::int8', [
      SALT,
      passwordVerifier(SALT, proof('right')),
      id,
    ]);
    expect(await connect([attempt('B1', { proof: proof('wrong') })], null, 'thief')).toMatchObject([
      { status: 'unauthorized', epoch: 0, stationId: 0 },
    ]);
    expect(await stateOf('B1')).toEqual({ online: true, edge: 'e1', epoch: 2 });
    expect(await connect([attempt('B1', { proof: proof('right') })])).toMatchObject([{ status: 'accepted', epoch: 3 }]);
  });

  it('tells what the station itself has set: its boot, its pings, its version', async () => {
    const [id = 0] = await addStations(db, 'C', 1);
    await db.query(
      `update station set registration = 'accepted', ping_seconds = 0, default_version = 'ocpp2.0.1' where id = $1::int8`,
      [id],
    );
    expect(await connect([attempt('C1', { version: '' })])).toMatchObject([
      { status: 'accepted', booted: true, pingSeconds: 0, version: 'ocpp2.0.1' },
    ]);
  });

  it('47: unknown stations are an answer, or are registered where that is wanted', async () => {
    expect(await connect([attempt('new')])).toMatchObject([{ status: 'unknown' }]);
    expect(await countOf(db, 'station', `identity = 'new'`)).toBe(0);
    const replies = await connect([attempt('new'), attempt('new'), attempt('newer')], 1);
    expect(replies.map((reply) => reply.status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await countOf(db, 'station', `identity in ('new', 'newer') and tenant_id = 1`)).toBe(2);
  });

  it('3: the close of an old session changes nothing, whatever comes in the same batch', async () => {
    const [id = 0] = await addStations(db, 'D', 1);
    await connect([attempt('D1')]);
    await connect([attempt('D1')], null, 'e2');
    await answerDisconnects(db, [from(disconnect(id, 2))]);
    expect(await stateOf('D1')).toMatchObject({ online: true, edge: 'e2' });
    await answerDisconnects(db, [from(disconnect(id, 3)), from(disconnect(id, 2))]);
    expect(await stateOf('D1')).toEqual({ online: false, edge: null, epoch: 3 });
    await answerDisconnects(db, [from(disconnect(id, 3))]);
    expect(await countOf(db, 'outbox', `kind = 'station.offline' and payload->>'device_id' = '${id}'`)).toBe(1);
    expect(await countOf(db, 'outbox', `kind = 'station.online' and payload->>'device_id' = '${id}'`)).toBe(2);
  });

  it('a new password is one beside the old one until it was used, also within a batch', async () => {
    const [id = 0] = await addStations(db, 'F', 1);
    await db.query(
      `update station set secret_salt = $1::bytea, secret_verifier = $2::bytea, pending_secret_salt = $1::bytea,
         pending_secret_verifier = $3::bytea where id = $4::int8`,
      [SALT, passwordVerifier(SALT, proof('old')), passwordVerifier(SALT, proof('new')), id],
    );
    const by = (password: string) => attempt('F1', { proof: proof(password) });
    const statuses = async (...passwords: string[]) => (await connect(passwords.map(by))).map((reply) => reply.status);
    expect(await statuses('old', 'wrong')).toEqual(['accepted', 'unauthorized']);
    expect(await statuses('new', 'old')).toEqual(['accepted', 'unauthorized']);
    expect(await statuses('old', 'new')).toEqual(['unauthorized', 'accepted']);
  });

  it('a station that came by the profile it was told to is not taken by a lower one', async () => {
    const [id = 0] = await addStations(db, 'G', 1);
    await db.query(
      `update station set secret_salt = $1::bytea, secret_verifier = $2::bytea, desired_security_profile = 2 where id = $3::int8`,
      [SALT, passwordVerifier(SALT, proof('right')), id],
    );
    const by = async (profile: 1 | 2 | 3, certificate = '') => {
      const [reply] = await connect([
        attempt('G1', { profile, certificate, proof: profile === 3 ? null : proof('right') }),
      ]);
      return [reply?.status, reply?.reason];
    };
    expect(await by(1)).toEqual(['accepted', '']);
    expect(await by(2)).toEqual(['accepted', '']);
    expect(await by(1)).toEqual(['forbidden', 'security profile too low']);
    expect(await by(3)).toEqual(['unauthorized', 'no password, or another user name']);
    expect(await by(3, 'ab'.repeat(32))).toEqual(['accepted', '']);
    expect(await countOf(db, 'station', `identity = 'G1' and security_profile = 3 and min_security_profile = 2`)).toBe(
      1,
    );
  });

  it('8: a flapping station is held back, told when to come again, and seen', async () => {
    await addStations(db, 'H', 2);
    const once = async () => (await connect([attempt('H1')]))[0];
    for (let n = 0; n < 5; n++) expect((await once())?.status).toBe('accepted');
    expect(tripped.splice(0)).toEqual(['H1']);
    const epoch = (await stateOf('H1'))?.epoch;
    const held = await connect([attempt('H1'), attempt('H2'), attempt('H1')]);
    expect(held.map((reply) => reply.status)).toEqual(['throttled', 'accepted', 'throttled']);
    expect(held[0]?.retryAfter).toBeGreaterThan(800);
    expect(held[0]?.retryAfter).toBeLessThanOrEqual(900);
    // What is refused opens no session, and does not make it longer.
    expect((await stateOf('H1'))?.epoch).toBe(epoch);
    await db.query(`update station set flap_until = now() - interval '1 s' where identity = 'H1'`);
    expect((await once())?.status).toBe('accepted');
    expect(await countOf(db, 'station', `identity = 'H1' and connects = 1 and flap_until is null`)).toBe(1);
    expect(await countOf(db, 'outbox', `kind = 'station.flapping'`)).toBe(1);
    expect(tripped).toEqual([]);
  });

  it('7: a storm of logins costs as many statements as a few', async () => {
    await addStations(db, 'E', 300);
    const cost = async (count: number) => {
      db.reset();
      const replies = await connect(Array.from({ length: count }, (_, n) => attempt(`E${n + 1}`)));
      expect(replies.every((reply) => reply.status === 'accepted')).toBe(true);
      return db.statements;
    };
    expect(await cost(300)).toBe(await cost(3));
    expect(await cost(300)).toBe(4);
  });
});
