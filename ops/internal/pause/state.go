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
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// The tags of the mapping that record a pause. Until and reason are empty where there is none.
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

// The kinds. Disabled is without a record: somebody else did it. Of Stopped the record can't be read. Unfinished is a record of
// a mapping that is enabled.
const (
	Running    Kind = "running"
	Paused     Kind = "paused"
	Overdue    Kind = "overdue" // still paused, though it should have been resumed
	Unfinished Kind = "unfinished"
	Disabled   Kind = "disabled"
	Stopped    Kind = "stopped"
)

// State is whether the queue is worked on.
type State struct {
	Kind    Kind      `json:"kind"`
	Mapping string    `json:"mapping"`        // Lambda's word: Enabled, Disabling, Disabled, ...
	Since   time.Time `json:"since,omitzero"` // when the pause began, or when somebody disabled the mapping
	Until   time.Time `json:"until,omitzero"` // zero when the pause has no end
	Reason  string    `json:"reason,omitempty"`

	arn string // of the mapping
}

// Read reads the mapping and its record. With an error there can be a state all the same: what is known without the record.
func (s *Switch) Read(ctx context.Context) (*State, error) {
	mapping, err := s.lambda().GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: s.mappingID()})
	if err != nil {
		return nil, err
	}
	state := &State{Kind: Running, Mapping: aws.ToString(mapping.State), arn: aws.ToString(mapping.EventSourceMappingArn)}
	tags, err := s.lambda().ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(state.arn)})
	if err != nil {
		if state.Stopped() {
			state.Kind = Stopped
		}
		return state, err
	}
	since, _ := time.Parse(time.RFC3339, tags.Tags[tagSince])
	until, _ := time.Parse(time.RFC3339, tags.Tags[tagUntil])
	now := time.Now()
	switch recorded := !since.IsZero(); {
	case state.Stopped() && !recorded:
		state.Kind, state.Since = Disabled, aws.ToTime(mapping.LastModified)
		return state, nil
	case state.Stopped() && !until.IsZero() && now.After(until.Add(late)):
		state.Kind = Overdue
	case state.Stopped():
		state.Kind = Paused
	case recorded && (until.IsZero() || now.Before(until)):
		state.Kind = Unfinished
	default:
		return state, nil // the record of a pause that ended by itself may still be there
	}
	state.Since, state.Until, state.Reason = since, until, decode(tags.Tags[tagReason])
	return state, nil
}

// Stopped reports whether nothing leaves the queue.
func (s *State) Stopped() bool { return s.Mapping == "Disabled" || s.Mapping == "Disabling" }

// record is the tags that record a pause. What it has not is left empty, so that nothing of an earlier pause stays.
func (s *State) record() map[string]string {
	record := map[string]string{tagSince: s.Since.UTC().Format(time.RFC3339), tagUntil: "", tagReason: encode(s.Reason)}
	if !s.Until.IsZero() {
		record[tagUntil] = s.Until.UTC().Format(time.RFC3339)
	}
	return record
}

const maxValue = 256 // how many characters Lambda allows in a tag's value

// CheckReason reports whether a reason fits into a tag.
func CheckReason(reason string) error {
	if len(encode(reason)) > maxValue {
		return fmt.Errorf("the reason is too long: %d characters at most, where one outside of A-Z a-z 0-9 and + - . _ : / @ counts for three or more", maxValue)
	}
	return nil
}

var notInATag = regexp.MustCompile(`[^A-Za-z0-9 +._:/@-]`)

// encode writes a text with the characters that AWS allows in a tag's value; any other byte becomes =XX, as in
// quoted-printable text.
func encode(text string) string {
	return notInATag.ReplaceAllStringFunc(text, func(c string) string { return strings.ReplaceAll(fmt.Sprintf(" % X", c), " ", "=") })
}

// decode reads what encode wrote, and leaves what somebody else wrote as it is.
func decode(value string) string {
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
	if err != nil {
		return value
	}
	return string(text)
}
