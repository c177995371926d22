import { find, make, setAttribute, setText, syncList } from './dom.js';
import { answerOf, disposition, duration, number, time, tone, update } from './words.js';

// showAttempts shows the newest one first.
export function showAttempts(recent) {
  const attempts = recent.toReversed();
  find('#attempts-empty').hidden = attempts.length > 0;
  syncList(find('#attempts'), attempts, ({ number, time }) => `${time} ${number}`, createRow, () => {});
  const [last] = attempts;
  setText(find('#strip-last'), last ? `${subject(last)}: ${last.overtaken ? 'overtaken' : last.outcome}` : 'no attempt yet');
}

const subject = ({ chat, reader, read }) => (chat === '0' ? 'invalid message' : update(chat, reader, read));

function createRow(attempt) {
  const cell = (className, ...children) => make('td', className, ...children);
  const outcome = cell('', make('span', `pill ${tone(attempt.outcome)}`, attempt.outcome));
  if (attempt.overtaken) outcome.append(' ', make('span', 'pill wait', 'overtaken'));
  return make('tr', '',
    cell('time', time(attempt.time)),
    cell('', make('span', `function ${attempt.function}`, attempt.function === 'http' ? 'HTTP' : attempt.function)),
    cell('update', subject(attempt)),
    outcome,
    cell('status', attempt.status ? String(attempt.status) : 'none'),
    cell('then', then(attempt)),
    cell('reason', attempt.reason ?? (attempt.overtaken ? 'a message came after asOf' : '')),
    cell('number', duration(attempt.durationMs)));
}

function then(attempt) {
  if (!attempt.action) return `answered ${answerOf(attempt)}`;
  const notes = [disposition(attempt.action)];
  if (attempt.coalesced) notes.push(`${number(attempt.coalesced)} older merged`);
  if (attempt.receiveCount > 1) notes.push(`receive ${attempt.receiveCount}`);
  return notes.join(', ');
}

export function showTotals(totals) {
  const list = Object.entries(totals.byOutcome).sort(([, a], [, b]) => b - a);
  for (const extra of ['merged', 'overtaken']) if (totals[extra]) list.push([extra, totals[extra]]);
  syncList(find('#totals'), list, ([outcome]) => outcome,
    ([outcome]) => make('li', `pill ${outcome === 'merged' ? '' : tone(outcome)}`, `${outcome} `, make('b')),
    (element, [outcome, n]) => {
      setAttribute(element, 'data-outcome', outcome);
      setText(element.lastChild, number(n));
    });
}
