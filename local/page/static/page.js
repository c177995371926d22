import { openControls, showHelpCrunch } from './helpcrunch.js';
import { showInbox } from './inbox.js';
import { showAttempts, showTotals } from './outcomes.js';
import { openQueues, showQueues } from './queues.js';
import { openSending, showChoice } from './send.js';
import { listen } from './stream.js';

let state = null; // the last one that the server sent
let ahead = 0; // how far the server's clock is ahead of this one, in milliseconds

function receive(event) {
  ahead = event.at - Date.now();
  state = event.state;
  showChoice(state.helpcrunch.chats);
  showHelpCrunch(state);
  showInbox(state.helpcrunch.chats);
  showQueues(state, event.at);
  showAttempts(state.attempts);
  showTotals(state.totals);
}

openSending();
openControls();
openQueues();
listen(receive);
// The countdowns run on while nothing else changes.
setInterval(() => state && showQueues(state, Date.now() + ahead), 1000);
