import { act } from './actions.js';
import { find, make, setAttribute, setText, syncList } from './dom.js';
import { number } from './words.js';

export function openControls() {
  const said = find('#control-said');
  find('#condition').addEventListener('change', (event) => act('condition', { condition: event.target.value }, said));
  find('#limit').addEventListener('change', (event) => act('limit', { limit: Number(event.target.value) }, said));
  for (const button of document.querySelectorAll('.controls [data-action]')) {
    button.addEventListener('click', () => act(button.dataset.action, {}, said));
  }
}

export function showHelpCrunch({ helpcrunch, condition }) {
  choose('condition', condition);
  choose('limit', helpcrunch.limit.requestsPerMinute);
  const key = find('#key');
  setText(key, helpcrunch.acceptedKeys > 0 ? 'accepted' : 'revoked');
  setAttribute(key, 'data-state', helpcrunch.acceptedKeys > 0 ? 'good' : 'bad');
  showBudget(helpcrunch.limit);
  showFigures(helpcrunch.counts);
}

// choose shows what is switched on, also when it was switched on elsewhere; nothing when there is no button for it.
function choose(name, value) {
  for (const radio of document.querySelectorAll(`input[name=${name}]`)) {
    const checked = radio.value === String(value);
    if (radio.checked !== checked) radio.checked = checked;
  }
}

// showBudget shows what HelpCrunch's limit counts, and beside it what it does not: calls that were refused or failed.
function showBudget({ used, seen, requestsPerMinute }) {
  const limited = requestsPerMinute > 0;
  const others = seen > used ? `; ${number(seen - used)} more were refused or failed, which the limit does not count` : '';
  const text = `Last minute: ${number(used)} ${limited ? `of ${number(requestsPerMinute)} ` : ''}requests let through${others}`;
  const meter = find('#budget');
  setText(find('#budget-text'), text);
  setAttribute(meter, 'aria-valuemax', limited ? requestsPerMinute : Math.max(used, 1));
  setAttribute(meter, 'aria-valuenow', used);
  setAttribute(meter, 'aria-valuetext', text);
  setAttribute(meter, 'data-full', limited && used >= requestsPerMinute);
  meter.firstElementChild.style.width = `${limited ? Math.min(100, (100 * used) / requestsPerMinute) : 0}%`;
}

function showFigures(counts) {
  const figures = [
    ['seen', 'requests seen', counts.requests],
    ['writes', 'marks made', counts.writes],
    ['rejected', 'key rejected', counts.keyRejected],
    ['throttled', 'throttled', counts.byStatus[429] ?? 0],
    ['inFlight', 'in flight', counts.inFlight],
  ];
  syncList(find('#figures'), figures, ([key]) => key,
    ([, name]) => make('div', '', make('dt', '', name), make('dd')),
    (element, [key, , n]) => {
      element.id = `figure-${key}`;
      setText(element.lastChild, number(n));
    });
}
