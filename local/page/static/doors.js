import { act } from './actions.js';
import { find, setText, syncList } from './dom.js';

export function openDoors() {
  find('#mark').addEventListener('submit', (event) => event.preventDefault());
  for (const door of document.querySelectorAll('.door')) {
    for (const button of door.querySelectorAll('[data-action]')) {
      button.addEventListener('click', () => send(door, button));
    }
  }
}

async function send(door, button) {
  const input = { ...wish(), door: button.dataset.door ?? door.dataset.door };
  const answer = await act(button.dataset.action, input, find('.said', door));
  const details = find('.answer', door);
  if (!details) return;
  details.hidden = !answer?.answer;
  setText(find('pre', details), answer?.answer ?? '');
}

function wish() {
  const form = new FormData(find('#mark'));
  return { chat: Number(find('#chat').value), reader: form.get('reader'), read: form.get('read') === 'true' };
}

export function showChoice(chats) {
  syncList(find('#chat'), chats, (chat) => chat.id,
    (chat) => new Option(`${chat.id} ${chat.customer}`, chat.id), () => {});
}
