import { type ConnectItem, type DisconnectItem, passwordProof, passwordVerifier, UPLINK } from '@sigec/contract';
import type { StationCredentials } from '@sigec/store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { admit, answerConnects, answerDisconnects } from './sessions.js';
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

describe('admit', () => {
  const open: StationCredentials = {
    id: 1,
    tenantId: 1,
    identity: 'CP',
    blocked: false,
    registration: 'none',
    defaultVersion: null,
    pingSeconds: null,
    secretSalt: null,
    secretVerifier: null,
    epoch: 1,
  };
  const secret = { ...open, secretSalt: SALT, secretVerifier: passwordVerifier(SALT, proof('right')) };
  const CASES: [string, StationCredentials | undefined, Partial<ConnectItem>, string][] = [
    ['a station without a secret', open, {}, 'accepted'],
    ['a password where none is asked for', open, { proof: proof('any') }, 'accepted'],
    ['the right password', secret, { proof: proof('right') }, 'accepted'],
    ['a wrong password', secret, { proof: proof('wrong') }, 'unauthorized'],
    ['no password', secret, {}, 'unauthorized'],
    ['an unknown station', undefined, {}, 'unknown'],
    ['a blocked station', { ...open, blocked: true }, {}, 'forbidden'],
    // Who does not know the password does not learn that the station is blocked.
    ['a wrong password of a blocked station', { ...secret, blocked: true }, { proof: proof('wrong') }, 'unauthorized'],
    ['no subprotocol', open, { version: '' }, 'unsupported'],
    ['no subprotocol where a version is set', { ...open, defaultVersion: 'ocpp1.6' }, { version: '' }, 'accepted'],
  ];
  it.each(CASES)('%s', (_name, station, more, status) => {
    expect(admit(attempt('CP', more), station).status).toBe(status);
  });
});

describe('in the database', () => {
  let db: Watched;
  beforeAll(async () => {
    db = await openWatched();
  });
  afterAll(() => db.close());
  afterEach(() => db.reset());

  const connect = async (batch: ConnectItem[], register: number | null = null, edgeId = 'e1') =>
    answerConnects(
      db,
      batch.map((item) => from(item, edgeId)),
      register,
      memoryLogger().logger,
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

  it('7: a storm of logins costs as many statements as a few', async () => {
    await addStations(db, 'E', 300);
    const cost = async (count: number) => {
      db.reset();
      const replies = await connect(Array.from({ length: count }, (_, n) => attempt(`E${n + 1}`)));
      expect(replies.every((reply) => reply.status === 'accepted')).toBe(true);
      return db.statements;
    };
    expect(await cost(300)).toBe(await cost(3));
  });
});
