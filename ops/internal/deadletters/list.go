package deadletters

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// maxRows bounds the summary: codes are HelpCrunch's, and there could be any number of them.
const maxRows = 500

// Row is what letters with the same outcome and codes have in common.
type Row struct {
	Outcome string    `json:"outcome"`
	Codes   string    `json:"codes"` // comma-separated, as on the letters
	Letters int       `json:"letters"`
	Oldest  time.Time `json:"oldest"` // when the first of them died
	Newest  time.Time `json:"newest"`
	Example string    `json:"example"` // the message id of the oldest
	Mark    string    `json:"mark"`    // of the example; empty when its body is none
}

// Summary counts letters by outcome and codes. Its zero value is empty.
type Summary struct {
	Letters int
	rows    map[[2]string]*Row
}

// Add counts a letter.
func (s *Summary) Add(l *Letter) {
	s.Letters++
	if s.rows == nil {
		s.rows = map[[2]string]*Row{}
	}
	key := [2]string{l.Outcome, strings.Join(l.Codes, ",")}
	if _, ok := s.rows[key]; !ok && len(s.rows) >= maxRows {
		key = [2]string{"(others)", ""}
	}
	row, ok := s.rows[key]
	if !ok {
		row = &Row{Outcome: key[0], Codes: key[1]}
		s.rows[key] = row
	}
	row.add(l)
}

func (r *Row) add(l *Letter) {
	if r.Letters++; r.Letters == 1 || l.Died.Before(r.Oldest) {
		r.Oldest, r.Example, r.Mark = l.Died, l.ID, ""
		if l.Fault == nil {
			r.Mark = l.Mark.Message()
		}
	}
	if l.Died.After(r.Newest) {
		r.Newest = l.Died
	}
}

// Rows gives the rows, the most letters first.
func (s *Summary) Rows() []Row {
	rows := make([]Row, 0, len(s.rows))
	for _, row := range s.rows {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Codes, b.Codes))
	})
	return rows
}

// List counts the letters that the filter chooses. Memory does not grow with the letters' size, and by less than a
// kilobyte for each. With ErrTooMany the summary holds what was seen; what wasn't is in Unseen.
func List(ctx context.Context, box *Box, filter Filter, progress func(looked int)) (Summary, Unseen, error) {
	var summary Summary
	looked := 0
	err := box.Each(ctx, func(l *Letter) bool {
		looked++
		progress(looked)
		if filter.Match(l) {
			summary.Add(l)
		}
		return false
	})
	if err != nil && !errors.Is(err, ErrTooMany) {
		return summary, Unseen{}, err
	}
	unseen, err := box.Unseen(ctx)
	return summary, unseen, err
}

// Find gives the first chosen letters, at most so many, the oldest of those looked at first. It takes out no more letters than
// it must when they are named by id.
func Find(ctx context.Context, box *Box, filter Filter, most int) ([]*Letter, Unseen, error) {
	var found []*Letter
	err := box.Each(ctx, func(l *Letter) bool {
		if filter.Match(l) {
			found = keepOldest(append(found, l), most)
		}
		return len(filter.IDs) > 0 && len(found) == min(most, len(filter.IDs))
	})
	if err != nil && !errors.Is(err, ErrTooMany) {
		return found, Unseen{}, err
	}
	unseen, err := box.Unseen(ctx)
	return found, unseen, err
}

func keepOldest(letters []*Letter, most int) []*Letter {
	slices.SortStableFunc(letters, func(a, b *Letter) int { return a.Died.Compare(b.Died) })
	return letters[:min(len(letters), most)]
}
