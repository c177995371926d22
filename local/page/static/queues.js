import { act } from './actions.js';
import { find, make, setAttribute, setText, syncList } from './dom.js';
import { clock, number, plural, tone, update } from './words.js';

export function openQueues() {
  const button = find('#pause');
  button.addEventListener('click', () => act(button.dataset.action, {}, find('#queue-said')));
}

// showQueues shows both queues. now is the server's clock, by which messages come back.
export function showQueues({ queue, dead, paused, opsFlags }, now) {
  showQueue('queue', queue, createMessage, (row, message) => updateMessage(row, message, now));
  showQueue('dead', dead, (message) => createDead(message, opsFlags), updateDead);
  const age = queue.oldest ? `, oldest sent ${clock(now - Date.parse(queue.oldest))} ago` : '';
  setText(find('#queue-state'), `${paused ? 'Paused' : 'Running'}: ${number(queue.total - queue.inFlight)} waiting, ${number(queue.inFlight)} in flight${age}`);
  setAttribute(find('#queue-state'), 'data-paused', paused);
  const button = find('#pause');
  button.dataset.action = paused ? 'resume' : 'pause';
  setText(button, paused ? 'Resume' : 'Pause');
  setText(find('#strip-queue'), number(queue.total));
  setText(find('#strip-dead'), number(dead.total));
}

function showQueue(name, queue, create, update) {
  setText(find(`#${name}-count`), number(queue.total));
  syncList(find(`#${name}`), queue.messages, (message) => message.id, create, update);
  find(`#${name}-empty`).hidden = queue.total > 0;
  const hidden = queue.total - queue.messages.length;
  find(`#${name}-more`).hidden = hidden === 0;
  setText(find(`#${name}-more`), `and ${plural(hidden, 'more message')}`);
}

const subject = ({ mark, body }) => (mark ? update(mark.chat, mark.reader, mark.read) : body);

function createMessage(message) {
  return make('li', 'message', make('span', 'update', subject(message)), make('span', 'tries'), make('span', 'where'));
}

function updateMessage(row, message, now) {
  setAttribute(row, 'data-in-flight', message.inFlight);
  setText(find('.tries', row), message.receives > 1 ? `received ${message.receives} times` : '');
  const where = message.inFlight ? `in flight, back in ${clock(Date.parse(message.visibleAt) - now)}` : 'waiting';
  setText(find('.where', row), where);
}

// createDead shows a dead letter with the command that sends it, and those like it, back to the queue.
function createDead(message, opsFlags) {
  const outcome = make('span', `pill ${tone(message.outcome)}`, message.outcome || 'no outcome');
  const details = [message.status && `HTTP ${message.status}`, message.codes, message.reason].filter(Boolean).join(' · ');
  const chat = message.mark ? ` --chat ${message.mark.chat}` : '';
  const command = `go run ./ops dead redrive ${opsFlags} --outcome ${message.outcome || 'none'}${chat}`;
  return make('li', 'dead', make('span', 'update', subject(message)), outcome, make('p', 'reason', details), make('code', 'command', command));
}

function updateDead(row, message) {
  setAttribute(row, 'data-in-flight', message.inFlight);
}
