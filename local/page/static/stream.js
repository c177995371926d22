import { find, setText } from './dom.js';

const states = { live: 'Live', connecting: 'Connecting', lost: 'Connection lost, trying again' };

// listen shows how the connection is, and hands over every event.
export function listen(receive) {
  const live = find('#live');
  const show = (state) => {
    live.dataset.state = state;
    setText(live, states[state]);
  };
  const stream = new EventSource('stream');
  stream.addEventListener('open', () => show('live'));
  stream.addEventListener('error', () => show('lost'));
  stream.addEventListener('message', (message) => receive(JSON.parse(message.data)));
}
