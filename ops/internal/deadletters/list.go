package deadletters

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

const maxRows = 500 // bounds the summary: codes are HelpCrunch's, and there could be any number of them

// Row is what dead letters with the same outcome and codes have in common.
type Row struct {
	Outcome string    `json:"outcome"`
	Codes   string    `json:"codes"` // comma-separated, as on the dead letters
	Count   int       `json:"letters"`
	Oldest  time.Time `json:"oldest"` // when the first of them was dead-lettered
	Newest  time.Time `json:"newest"`
	Example string    `json:"example"` // the message id of the oldest
	Mark    string    `json:"mark"`    // of the example; empty when its body is none
}

// Summary counts dead letters by outcome and codes. Its zero value is empty.
type Summary struct {
	Count int
	rows  map[[2]string]*Row
}

// Add counts a dead letter.
func (s *Summary) Add(l *DeadLetter) {
	s.Count++
	if s.rows == nil {
		s.rows = map[[2]string]*Row{}
	}
	key := [2]string{l.Outcome, strings.Join(l.Codes, ",")}
	if _, known := s.rows[key]; !known && len(s.rows) >= maxRows {
		key = [2]string{"(others)", ""}
	}
	row, ok := s.rows[key]
	if !ok {
		row = &Row{Outcome: key[0], Codes: key[1]}
		s.rows[key] = row
	}
	if row.Count++; row.Count == 1 || l.DeadLetteredAt.Before(row.Oldest) {
		row.Oldest, row.Example, row.Mark = l.DeadLetteredAt, l.ID, ""
		if l.Fault == nil {
			row.Mark = l.Mark.Message()
		}
	}
	if l.DeadLetteredAt.After(row.Newest) {
		row.Newest = l.DeadLetteredAt
	}
}

// Rows returns the rows, the most dead letters first.
func (s *Summary) Rows() []Row {
	rows := make([]Row, 0, len(s.rows))
	for _, row := range s.rows {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Codes, b.Codes))
	})
	return rows
}

// ByOutcome counts by outcome alone.
func (s *Summary) ByOutcome() map[string]int {
	counts := map[string]int{}
	for _, row := range s.rows {
		counts[row.Outcome] += row.Count
	}
	return counts
}

// List counts the dead letters that the filter chooses. Memory does not grow with the dead letters' size, and by less than a
// kilobyte for each. With ErrTooMany the summary holds what was seen; what wasn't is in Unseen.
func List(ctx context.Context, box *Box, filter Filter) (Summary, Unseen, error) {
	var summary Summary
	unseen, err := box.look(ctx, func(l *DeadLetter) bool {
		if filter.Match(l) {
			summary.Add(l)
		}
		return false
	})
	return summary, unseen, err
}

// Find returns at most so many chosen dead letters, the oldest first. Where they are named by id it takes out no more than it must.
func Find(ctx context.Context, box *Box, filter Filter, most int) ([]*DeadLetter, Unseen, error) {
	var found []*DeadLetter
	unseen, err := box.look(ctx, func(l *DeadLetter) bool {
		if filter.Match(l) {
			found = append(found, l)
			slices.SortStableFunc(found, func(a, b *DeadLetter) int { return a.DeadLetteredAt.Compare(b.DeadLetteredAt) })
			found = found[:min(len(found), most)]
		}
		return len(filter.IDs) > 0 && len(found) == min(most, len(filter.IDs))
	})
	return found, unseen, err
}

// look is a walk, and what it could not show: there may be too many dead letters to see all.
func (b *Box) look(ctx context.Context, visit func(*DeadLetter) (enough bool)) (Unseen, error) {
	if err := b.Each(ctx, visit); err != nil && !errors.Is(err, ErrTooMany) {
		return Unseen{}, err
	}
	return b.unseen(ctx)
}

// Counts is what SQS says of a queue; it calls the numbers approximate.
type Counts struct {
	Visible, InFlight, Delayed int
	Retention                  time.Duration // how long the queue keeps a message
}

// Total is the number of all messages.
func (c Counts) Total() int { return c.Visible + c.InFlight + c.Delayed }

// Count asks SQS how many messages a queue has.
func Count(ctx context.Context, api *sqs.Client, queueURL string) (Counts, error) {
	output, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queueURL), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return Counts{}, err
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(output.Attributes[name])
		return n
	}
	const messages = "ApproximateNumberOfMessages"
	return Counts{number(messages), number(messages + "NotVisible"), number(messages + "Delayed"), time.Duration(number("MessageRetentionPeriod")) * time.Second}, nil
}

// Unseen says what a walk could not show.
type Unseen struct {
	Behind    int      `json:"behindOthers"` // about how many dead letters SQS did not give out
	Chats     []string `json:"chats"`        // groups of which as many are out as SQS returns: dead letters may lie behind theirs
	Elsewhere int      `json:"outElsewhere"` // about how many are out, but not with this command
	Lost      int      `json:"lostAnswers"`  // of SQS's answers to this command: up to ten dead letters each are out for that reason
}

// unseen asks SQS what is left after a walk.
func (b *Box) unseen(ctx context.Context) (Unseen, error) {
	u := Unseen{Chats: []string{}, Lost: b.lost}
	counts, err := Count(ctx, b.api, b.url)
	if err != nil {
		return u, err
	}
	u.Behind, u.Elsewhere = counts.Visible, max(0, counts.InFlight-b.holding())
	for name, out := range b.groups() {
		if b.FIFO() && u.Behind > 0 && out >= sqsbatch.Most {
			u.Chats = append(u.Chats, name)
		}
	}
	slices.SortFunc(u.Chats, func(a, c string) int { return cmp.Or(cmp.Compare(len(a), len(c)), cmp.Compare(a, c)) })
	return u, nil
}
