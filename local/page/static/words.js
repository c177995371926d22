// How things are said on the page.

export const number = (n) => n.toLocaleString('en');

export const time = (text) => new Date(text).toLocaleTimeString('en-GB');

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return clock(ms);
}

// clock is a countdown or an age: 0:07, 12:30.
export function clock(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export const update = (chat, reader, read) => `${chat} ${read ? 'read' : 'unread'} by ${reader}`;

// dispositions are what a function did with a message.
const dispositions = { delete: 'deleted', hold: 'held', 'dead-letter': 'dead-lettered', release: 'released' };

export const disposition = (action) => dispositions[action] ?? action;

// answers are the statuses that the HTTP API answers with by outcome, as the README lists them.
const answers = { rate_limited: 429, invalid_request: 400, chat_not_found: 404, key_unavailable: 503, timed_out: 504 };

export const answerOf = ({ outcome, status }) => (outcome === 'applied' ? status : answers[outcome] ?? 502);

// tone is the colour of an outcome: made, to be tried again, or hopeless.
export function tone(outcome) {
  if (outcome === 'applied') return 'good';
  return outcome === 'invalid_request' || outcome === 'chat_not_found' ? 'bad' : 'wait';
}
