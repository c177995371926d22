// How things are said on the page.

export const number = (n) => n.toLocaleString('en');

export const time = (text) => new Date(text).toLocaleTimeString('en-GB');

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return clock(ms);
}

// clock is a countdown: 0:07, 12:30.
export function clock(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

// mark says what a message's body wishes for; a body that is no mark stands as it is.
export function mark(body) {
  try {
    const { id, reader, read } = JSON.parse(body);
    if (Number.isInteger(id) && typeof reader === 'string' && typeof read === 'boolean') return wish(id, reader, read);
  } catch {
    // It is shown as it is.
  }
  return body;
}

export const wish = (chat, reader, read) => `${chat} ${read ? 'read' : 'unread'} by ${reader}`;

// fates are what a function did with a message.
const fates = { delete: 'done', hold: 'held', 'dead-letter': 'dead letter', release: 'released' };

export const fate = (action) => fates[action] ?? action;

// tone is the colour of an outcome: made, to be tried again, or hopeless.
export function tone(outcome) {
  if (outcome === 'applied') return 'good';
  return outcome === 'invalid_request' || outcome === 'chat_not_found' ? 'bad' : 'wait';
}
