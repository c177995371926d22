// Package pause stops and starts the work on the queue: it disables and enables the event source mapping, remembers why and
// until when, mutes the alarms about age meanwhile, and has AWS resume by itself.
//
// The record of a pause stands in tags of the mapping: they are where the pause itself is, they are read and written with
// Lambda's own permissions, a deployment keeps them, and they go when the mapping goes.
package pause

import (
	"context"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// The tags of the mapping that record a pause. Until and reason are left out where there is none.
const (
	tagSince  = "helpcrunch-mark-read:paused-since"
	tagUntil  = "helpcrunch-mark-read:paused-until"
	tagReason = "helpcrunch-mark-read:pause-reason"
)

// late is how long after its time a resume may still come: EventBridge Scheduler starts within a minute, and Lambda takes
// about as long to enable a mapping.
const late = 5 * time.Minute

// Kind is what a mapping's state and its record together mean.
type Kind string

// The kinds. Disabled is without a record: somebody else did it. Unfinished is a record of a mapping that is enabled.
const (
	Running    Kind = "running"
	Paused     Kind = "paused"
	Overdue    Kind = "overdue" // still paused, though it should have been resumed
	Unfinished Kind = "unfinished"
	Disabled   Kind = "disabled"
)

// State is the mapping as Lambda has it, and the record of a pause.
type State struct {
	Mapping string    // Lambda's word: Enabled, Disabling, Disabled, ...
	ARN     string    // of the mapping
	Changed time.Time // when Lambda last changed the mapping
	Since   time.Time // zero without a record
	Until   time.Time // zero when the pause has no end
	Reason  string
}

// Read reads the mapping and its record.
func (s *Switch) Read(ctx context.Context) (*State, error) {
	mapping, err := s.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: aws.String(s.MappingID)})
	if err != nil {
		return nil, err
	}
	state := &State{
		Mapping: aws.ToString(mapping.State), ARN: aws.ToString(mapping.EventSourceMappingArn), Changed: aws.ToTime(mapping.LastModified),
	}
	tags, err := s.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(state.ARN)})
	if err != nil {
		return state, err
	}
	state.Since, _ = time.Parse(time.RFC3339, tags.Tags[tagSince])
	state.Until, _ = time.Parse(time.RFC3339, tags.Tags[tagUntil])
	state.Reason = decode(tags.Tags[tagReason])
	return state, nil
}

// Kind is what the state means at a time.
func (s *State) Kind(now time.Time) Kind {
	recorded := !s.Since.IsZero()
	switch {
	case !s.stopped() && recorded && (s.Until.IsZero() || now.Before(s.Until)):
		return Unfinished
	case !s.stopped():
		return Running // the record of a pause that ended by itself may still be there
	case !recorded:
		return Disabled
	case !s.Until.IsZero() && now.After(s.Until.Add(late)):
		return Overdue
	}
	return Paused
}

func (s *State) stopped() bool { return s.Mapping == "Disabled" || s.Mapping == "Disabling" }

func (s *State) tags() map[string]string {
	tags := map[string]string{tagSince: s.Since.UTC().Format(time.RFC3339)}
	if !s.Until.IsZero() {
		tags[tagUntil] = s.Until.UTC().Format(time.RFC3339)
	}
	if s.Reason != "" {
		tags[tagReason] = encode(s.Reason)
	}
	return tags
}

const maxValue = 256 // how many characters Lambda allows in a tag's value

// CheckReason reports whether a reason fits into a tag.
func CheckReason(reason string) error {
	if len(encode(reason)) > maxValue {
		return fmt.Errorf("the reason is too long: %d characters at most, where one outside of A-Z a-z 0-9 and + - . _ : / @ counts for three or more", maxValue)
	}
	return nil
}

// encode writes a text with the characters that AWS allows in a tag's value; any other byte becomes =XX, as in
// quoted-printable text.
func encode(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte(" +-._:/@", b) >= 0 {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "=%02X", b)
		}
	}
	return out.String()
}

// decode reads what encode wrote, and leaves what somebody else wrote as it is.
func decode(value string) string {
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
	if err != nil {
		return value
	}
	return string(text)
}
