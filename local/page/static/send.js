import { act } from './actions.js';
import { find, setText, syncList } from './dom.js';

let chats = []; // as they were shown last

export function openSending() {
  find('#mark').addEventListener('submit', (event) => event.preventDefault());
  for (const card of document.querySelectorAll('.way')) {
    for (const button of card.querySelectorAll('[data-action]')) {
      button.addEventListener('click', () => send(card, button));
    }
  }
  for (const button of document.querySelectorAll('#writing [data-from]')) {
    const beforeNextCall = button.dataset.when === 'next';
    button.addEventListener('click', () => act('message', { chat: chosen(), from: button.dataset.from, beforeNextCall }, find('#writing-said')));
  }
}

async function send(card, button) {
  const form = new FormData(find('#mark'));
  const input = { chat: chosen(), reader: form.get('reader'), read: form.get('read') === 'true', asOf: bound(chosen()) };
  const answer = await act(button.dataset.action, { ...input, via: button.dataset.via ?? card.dataset.via }, find('.said', card));
  const details = find('.answer', card);
  if (!details) return;
  details.hidden = !answer?.answer;
  setText(find('pre', details), answer?.answer ?? '');
}

const chosen = () => find('#chat').value;

// bound is the time of a chat's newest message that is shown, where marks are to carry it; 0 for none.
export function bound(id) {
  if (!find('#as-of').checked) return 0;
  const chat = chats.find((chat) => chat.id === id);
  return chat ? Math.max(chat.lastMessageAt, chat.lastCustomerMessageAt) : 0;
}

export function showChoice(all) {
  chats = all;
  syncList(find('#chat'), chats, (chat) => chat.id,
    (chat) => new Option(`${chat.id} ${chat.customer}`, chat.id), () => {});
}
