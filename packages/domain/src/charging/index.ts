/** Smart charging: profiles, what may be sent, what should come of it. */
export * from './clear.js';
export * from './composite.js';
export * from './message.js';
export * from './needs.js';
export * from './profile.js';
export * from './validate.js';
