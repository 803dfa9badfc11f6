/** Devices around a point. */
import { createRoute } from '@hono/zod-openapi';
import { nearbyStations } from '@sigec/store';
import { permissionsHeld } from '../auth/callers.js';
import type { Services } from '../context.js';
import { answer } from '../http/answer.js';
import { DEFAULT_LIMIT, json, problems, SECURED } from '../wire/common.js';
import * as wire from '../wire/nearby.js';
import type { App } from './application.js';

const nearby = createRoute({
  method: 'get',
  path: '/api/v1/devices/nearby',
  tags: ['devices'],
  security: SECURED,
  summary: 'Devices around a point, the nearest first',
  description:
    'A device without a place of its own stands where its site does. Drivers are shown what is published and not blocked, ' +
    'at sites that are published, and as much of it as they need.',
  request: { query: wire.NearbyQuery },
  responses: { 200: json('By distance; one page.', wire.NearbyList), ...problems(400, 401, 403, 503) },
});

export function nearbyRoutes(app: App, { db, clock }: Services): void {
  app.openapi(nearby, async (c) => {
    const actor = c.get('actor');
    const { lat, lon: lng, radius: radiusM = wire.DEFAULT_RADIUS, limit = DEFAULT_LIMIT } = c.req.valid('query');
    // Drivers, and keys that have no more to do with devices.
    const published = !permissionsHeld(actor).has('devices:read');
    const found = await nearbyStations(db, actor, { lat, lng, radiusM, limit, published });
    const now = clock.now();
    const shown = published ? wire.toPublicDevice : wire.toNearbyDevice;
    return answer(c, { items: found.map((row) => shown(row, now)), next_cursor: null }, 200);
  });
}
