import { act } from './actions.js';
import { find, make, setAttribute, setText, syncList } from './dom.js';
import { clock, mark, number, plural, tone } from './words.js';

export function openQueues() {
  find('#redrive-all').addEventListener('click', () => act('redrive', {}, find('#dead-said')));
}

// showQueues shows both queues. now is the server's clock, by which messages come back.
export function showQueues({ queue, dead }, now) {
  showQueue('queue', queue, createMessage, (row, message) => updateMessage(row, message, now));
  showQueue('dead', dead, createLetter, updateLetter);
  find('#redrive-all').hidden = dead.total < 2;
}

function showQueue(name, queue, create, update) {
  setText(find(`#${name}-count`), number(queue.total));
  syncList(find(`#${name}`), queue.messages, (message) => message.id, create, update);
  find(`#${name}-empty`).hidden = queue.total > 0;
  const hidden = queue.total - queue.messages.length;
  find(`#${name}-more`).hidden = hidden === 0;
  setText(find(`#${name}-more`), `and ${plural(hidden, 'more message')}`);
}

function createMessage(message) {
  return make('li', 'message', make('span', 'wish', mark(message.body)), make('span', 'tries'), make('span', 'where'));
}

function updateMessage(row, message, now) {
  setAttribute(row, 'data-in-flight', message.inFlight);
  setText(find('.tries', row), message.receives > 1 ? `received ${message.receives} times` : '');
  const where = message.inFlight ? `in flight, back in ${clock(Date.parse(message.visibleAt) - now)}` : 'waiting';
  setText(find('.where', row), where);
}

function createLetter(letter) {
  const wish = mark(letter.body);
  const button = make('button', '', 'Redrive');
  button.setAttribute('aria-label', `Redrive ${wish}`);
  button.addEventListener('click', () => act('redrive', { letterId: letter.id }, find('#dead-said')));
  const outcome = make('span', `pill ${tone(letter.outcome)}`, letter.outcome || 'no outcome given');
  const details = [letter.status && `HTTP ${letter.status}`, letter.codes, letter.reason].filter(Boolean).join(' · ');
  return make('li', 'letter', make('span', 'wish', wish), outcome, make('p', 'reason', details), button);
}

function updateLetter(row, letter) {
  setAttribute(row, 'data-in-flight', letter.inFlight);
}
