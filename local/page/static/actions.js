import { setText } from './dom.js';

// act does what a button says and shows in an output element what came of it. It returns the answer, or null.
export async function act(name, input, output) {
  setText(output, 'Waiting for the answer ...');
  delete output.dataset.state;
  const answer = await post(name, input);
  if (answer.error) {
    output.dataset.state = 'failed';
    setText(output, answer.error);
    return null;
  }
  output.dataset.state = answer.failed ? 'failed' : 'done';
  setText(output, answer.text);
  return answer;
}

async function post(name, input) {
  try {
    const response = await fetch(`actions/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
    });
    return await response.json();
  } catch {
    return { error: 'The local stack does not answer.' };
  }
}
