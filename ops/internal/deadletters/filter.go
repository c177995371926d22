package deadletters

import (
	"slices"
	"strconv"
	"time"
)

// Filter chooses dead letters. What is empty chooses nothing away; of a list, one match is enough.
type Filter struct {
	Outcomes []string
	Codes    []string // of HelpCrunch's
	Chats    []int64
	After    time.Time // dead-lettered at this time or later
	Before   time.Time // dead-lettered before it
	IDs      []string  // of the dead letter, or of the message it was
}

// Match says whether the filter chooses the dead letter.
func (f Filter) Match(l *DeadLetter) bool {
	switch {
	case len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, l.Outcome),
		len(f.Codes) > 0 && !slices.ContainsFunc(f.Codes, func(c string) bool { return slices.Contains(l.Codes, c) }),
		len(f.Chats) > 0 && !slices.ContainsFunc(f.Chats, l.isOf),
		len(f.IDs) > 0 && !slices.Contains(f.IDs, l.ID) && !slices.Contains(f.IDs, l.Source.MessageID),
		!f.After.IsZero() && l.DeadLetteredAt.Before(f.After),
		!f.Before.IsZero() && !l.DeadLetteredAt.Before(f.Before):
		return false
	}
	return true
}

// isOf says whether the dead letter is a chat's. An invalid body does not say; then the group does, which is the chat's id.
func (l *DeadLetter) isOf(chat int64) bool {
	if l.Fault != nil {
		return l.Group == strconv.FormatInt(chat, 10)
	}
	return l.Mark.ID == chat
}
