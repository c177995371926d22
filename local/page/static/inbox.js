import { act } from './actions.js';
import { find, make, setAttribute, setText, syncList } from './dom.js';
import { bound } from './send.js';

const readers = [['agent', 'readByAgent'], ['customer', 'readByCustomer']];

export function showInbox(chats) {
  syncList(find('#chats'), chats, (chat) => chat.id, createChat, updateChat);
}

function createChat(chat) {
  const name = chat.customer || 'No name';
  const row = make('li', 'chat',
    make('span', `avatar hue-${chat.id.slice(-1) % 6}`, chat.customer ? [...name][0] : '?'),
    make('div', 'who', make('strong', '', name), ' ', make('span', 'id', chat.id)),
    make('p', 'last'));
  row.firstChild.setAttribute('aria-hidden', 'true');
  const badges = make('div', 'badges', ...readers.map(([reader]) => createBadge(chat.id, reader)));
  row.append(badges);
  return row;
}

function createBadge(id, reader) {
  const badge = make('button', 'badge', make('span', 'dot'), make('span', 'reader', reader), ' ', make('span', 'state'));
  badge.dataset.reader = reader;
  badge.addEventListener('click', () => {
    const via = find('#badge-via input:checked').value;
    act('mark', { via, chat: id, reader, read: badge.dataset.read !== 'true', asOf: bound(id) }, find('#inbox-said'));
  });
  return badge;
}

function updateChat(row, chat) {
  setAttribute(row, 'data-unread', !chat.readByAgent);
  setText(find('.last', row), chat.lastMessage || 'No message yet');
  for (const [reader, field] of readers) {
    updateBadge(find(`[data-reader=${reader}]`, row), chat, reader, chat[field]);
  }
}

function updateBadge(badge, chat, reader, read) {
  if (badge.dataset.read === String(read)) return;
  const first = badge.dataset.read === undefined;
  badge.dataset.read = read;
  const state = read ? 'read' : 'unread';
  setText(find('.state', badge), state);
  badge.setAttribute('aria-label', `${reader} ${state}, chat ${chat.id}: mark as ${read ? 'unread' : 'read'}`);
  if (!first) flash(badge);
}

// flash starts the animation again when it is still running; reduced motion takes it away in the style sheet.
function flash(element) {
  element.classList.remove('changed');
  requestAnimationFrame(() => element.classList.add('changed'));
}
