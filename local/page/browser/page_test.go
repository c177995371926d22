//go:build browser

package browser

import (
	"fmt"
	"testing"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// badge finds the badge of a chat, which shows what the simulator holds.
func badge(chat int64, reader string) string {
	return fmt.Sprintf(`.chat[data-key="%d"] [data-reader=%s]`, chat, reader)
}

func (b *tab) waitForBadge(chat int64, reader string, read bool) {
	b.t.Helper()
	b.wait(fmt.Sprintf("chat %d, %s: read %t", chat, reader, read),
		fmt.Sprintf(`document.querySelector('%s')?.dataset.read === '%t'`, badge(chat, reader), read))
}

// choose makes a mark's form say something.
func (b *tab) choose(chat int64, reader string, read bool) {
	b.t.Helper()
	b.evaluate(fmt.Sprintf(`document.querySelector('#chat').value = '%d'`, chat))
	b.click(fmt.Sprintf(`#mark input[name=reader][value=%s]`, reader))
	b.click(fmt.Sprintf(`#mark input[name=read][value="%t"]`, read))
}

func (b *tab) press(via, action string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`.way[data-via=%s] [data-action=%s]`, via, action))
}

func (b *tab) waitForEmptyQueue() {
	b.t.Helper()
	b.wait("the queue is empty", `document.querySelector('#queue-count').textContent === '0'`)
}

// checkFigures compares the page with the simulator's own account.
func (b *tab) checkFigures(s *stack.Stack) {
	b.t.Helper()
	counts := s.Simulator.Counts()
	b.wait(fmt.Sprintf("the figures are the simulator's: %+v", counts), fmt.Sprintf(
		`document.querySelector('#figure-seen dd').textContent === (%d).toLocaleString('en') &&
		document.querySelector('#figure-writes dd').textContent === (%d).toLocaleString('en')`, counts.Requests, counts.Writes))
	for _, chat := range s.Simulator.Chats() {
		b.waitForBadge(chat.ID, simulator.Agent, chat.ReadByAgent)
		b.waitForBadge(chat.ID, simulator.Customer, chat.ReadByCustomer)
	}
}

func TestMarkEachWay(t *testing.T) {
	s, url := startStack(t)
	b := open(t, url)
	b.choose(5208, simulator.Agent, true)
	b.press("http", "mark")
	b.waitForBadge(5208, simulator.Agent, true)
	b.wait("the answer is shown", `document.querySelector('.way[data-via=http] .said').textContent.startsWith('HTTP 200 in')`)

	b.choose(5209, simulator.Customer, true)
	b.press("queue", "mark")
	b.waitForBadge(5209, simulator.Customer, true)
	b.waitForEmptyQueue()

	b.press("http", "burst")
	b.wait("the burst is answered", `document.querySelector('.way[data-via=http] .said').textContent === '20 of 20 marks made.'`)
	b.click(badge(5210, simulator.Agent)) // the badges themselves are buttons
	b.wait("the badge's mark is answered", `document.querySelector('#inbox-said').textContent.startsWith('HTTP 200 in')`)
	b.checkFigures(s)
}

func TestMarkByKeyboard(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.evaluate(fmt.Sprintf(`document.querySelector('%s').focus()`, badge(5208, simulator.Agent)))
	b.key("\r")
	b.waitForBadge(5208, simulator.Agent, true)
	b.key("\t")
	b.key(" ")
	b.waitForBadge(5208, simulator.Customer, true)
}

func TestContradictionEndsAsMarkedLast(t *testing.T) {
	s, url := startStack(t)
	b := open(t, url)
	b.choose(5211, simulator.Agent, true)
	b.press("queue", "contradict")
	b.waitForBadge(5211, simulator.Agent, true)
	b.waitForEmptyQueue()
	if chat, _ := s.Simulator.Chat(5211); !chat.ReadByAgent || chat.Writes > 3 {
		t.Errorf("chat = %+v, want read after three writes at most", chat)
	}
}

func TestOutageHoldsAndDrains(t *testing.T) {
	s, url := startStack(t)
	b := open(t, url)
	b.click(`#condition input[value=down]`)
	b.wait("HelpCrunch is down", `document.querySelector('#condition input[value=down]').checked`)
	b.choose(5212, simulator.Agent, true)
	b.press("queue", "mark")
	b.wait("the mark is held", `document.querySelector('#attempts').textContent.includes('held')`)
	b.wait("it is in the queue", `document.querySelector('#queue .where')?.textContent?.startsWith('in flight')`)
	if chat, _ := s.Simulator.Chat(5212); chat.ReadByAgent {
		t.Error("the mark was made during the outage")
	}
	b.click(`#condition input[value=up]`)
	b.waitForBadge(5212, simulator.Agent, true)
	b.waitForEmptyQueue()
	if n := b.text("#dead-count"); n != "0" {
		t.Errorf("%s dead letters, want none", n)
	}
	b.checkFigures(s)
}

func TestDeadLetterShowsItsReasonAndTheCommand(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.press("queue", "unknown")
	b.wait("the dead letter shows its reason", `document.querySelector('#dead .dead .pill')?.textContent === 'chat_not_found' &&
		document.querySelector('#dead .reason')?.textContent?.includes('404')`)
	if command := b.text("#dead .command"); command != "go run ./ops dead redrive --local --outcome chat_not_found --chat 404404" {
		t.Errorf("the command is %q", command)
	}
}

func TestEveryRowHasItsStatusAndReason(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.press("http", "invalid")
	b.wait("the invalid message is a row with 400 and the reason", `(() => {
		const row = document.querySelector('#attempts tr');
		return row?.querySelector('.update').textContent === 'invalid message' && row.querySelector('.then').textContent === 'answered 400' &&
			row.querySelector('.reason').textContent.includes('read');
	})()`)
	b.press("http", "unknown")
	b.wait("so is the unknown chat", `document.querySelector('#attempts tr .then')?.textContent === 'answered 404' &&
		document.querySelector('#attempts tr .status')?.textContent === '404' && document.querySelector('#attempts tr .reason')?.textContent !== ''`)
}

func TestPauseAndResume(t *testing.T) {
	s, url := startStack(t)
	b := open(t, url)
	b.click(`#pause`)
	b.wait("the queue is paused", `document.querySelector('#queue-state').textContent.startsWith('Paused')`)
	b.press("queue", "burst") // receives that wait now may take some of it
	b.click(`#pause`)
	b.wait("the queue runs", `document.querySelector('#queue-state').textContent.startsWith('Running')`)
	b.waitForEmptyQueue()
	b.checkFigures(s)
}

func TestLargestId(t *testing.T) {
	s, url := startStack(t)
	if err := s.Simulator.SetChat(1<<63-1, false, false); err != nil {
		t.Fatal(err)
	}
	b := open(t, url)
	b.wait("the inbox has it", `document.querySelector('#chats').textContent.includes('9223372036854775807')`)
	b.choose(1<<63-1, simulator.Agent, true)
	b.press("queue", "mark")
	b.waitForBadge(1<<63-1, simulator.Agent, true)
	b.wait("the attempt has it", `document.querySelector('#attempts .update')?.textContent === '9223372036854775807 read by agent'`)
}

func TestOvertakenMarkIsShown(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.choose(5212, simulator.Agent, true)
	b.click(`#as-of`)
	b.press("http", "mark")
	b.waitForBadge(5212, simulator.Agent, true)
	b.click(`#writing [data-when=next]`)
	b.wait("the message is announced", `document.querySelector('#writing-said').textContent.includes('5212')`)
	b.press("http", "mark")
	b.wait("the mark is overtaken", `document.querySelector('#attempts tr')?.textContent?.includes('overtaken') &&
		document.querySelector('.way[data-via=http] .said').textContent.includes('overtaken')`)
	b.wait("the badge comes back", `document.querySelector('.chat[data-key="5212"] [data-reader=agent]').dataset.read === 'false'`)
}

func TestKeyRevokedAndRotated(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.click(`[data-action=revoke]`)
	b.wait("the key is revoked", `document.querySelector('#key').textContent === 'revoked'`)
	b.choose(5208, simulator.Agent, true)
	b.press("http", "mark")
	b.wait("the caller sees it", `document.querySelector('.way[data-via=http] .said').textContent.startsWith('HTTP 502')`)
	b.click(`[data-action=rotate]`)
	b.wait("the key is accepted", `document.querySelector('#key').textContent === 'accepted'`)
}
