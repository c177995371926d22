import { find, make, setAttribute, setText, syncList } from './dom.js';
import { duration, fate, number, time, tone, wish } from './words.js';

const mostRows = 60;

let attempts = []; // the newest first
let paused = false;

export function openOutcomes() {
  const button = find('#pause');
  button.addEventListener('click', () => {
    paused = !paused;
    button.setAttribute('aria-pressed', paused);
    setText(button, paused ? 'Go on' : 'Pause');
    show();
  });
}

export function forgetAttempts() {
  attempts = [];
  show();
}

export function addAttempts(fresh) {
  attempts = [...fresh.reverse(), ...attempts].slice(0, mostRows);
  show();
}

function show() {
  if (paused) return;
  find('#attempts-empty').hidden = attempts.length > 0;
  syncList(find('#attempts'), attempts, (attempt) => attempt.number, createRow, () => {});
}

function createRow(attempt) {
  const cell = (className, ...children) => make('td', className, ...children);
  return make('tr', '',
    cell('time', time(attempt.time)),
    cell('', make('span', `door-name ${attempt.door}`, attempt.door === 'http' ? 'HTTP' : attempt.door)),
    cell('wish', attempt.chat ? wish(attempt.chat, attempt.reader, attempt.read) : 'no mark'),
    cell('', make('span', `pill ${tone(attempt.outcome)}`, attempt.outcome), attempt.status ? make('span', 'status', ` ${attempt.status}`) : ''),
    cell('then', then(attempt)),
    cell('number', duration(attempt.durationMs)));
}

function then(attempt) {
  if (!attempt.action) return 'answered';
  const notes = [fate(attempt.action)];
  if (attempt.merged) notes.push(`${number(attempt.merged)} older merged`);
  if (attempt.receives > 1) notes.push(`try ${attempt.receives}`);
  return notes.join(', ');
}

export function showTotals(totals) {
  const list = Object.entries(totals.byOutcome).sort(([, a], [, b]) => b - a);
  if (totals.merged) list.push(['merged', totals.merged]);
  syncList(find('#totals'), list, ([outcome]) => outcome,
    ([outcome]) => make('li', `pill ${outcome === 'merged' ? '' : tone(outcome)}`, `${outcome} `, make('b')),
    (element, [outcome, n]) => {
      setAttribute(element, 'data-outcome', outcome);
      setText(element.lastChild, number(n));
    });
}
