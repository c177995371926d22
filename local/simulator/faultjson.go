package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// plainFault is a Fault without its methods, so that encoding/json takes its fields.
type plainFault Fault

// faultJSON writes durations as a person would.
type faultJSON struct {
	*plainFault
	Delay          string `json:"delay,omitempty"`
	RetryAfterDate string `json:"retryAfterDate,omitempty"`
}

// MarshalJSON writes the durations as strings such as "2s".
func (f Fault) MarshalJSON() ([]byte, error) {
	out := faultJSON{plainFault: (*plainFault)(&f)}
	if f.Delay != 0 {
		out.Delay = f.Delay.String()
	}
	if f.RetryAfterDate != 0 {
		out.RetryAfterDate = f.RetryAfterDate.String()
	}
	return json.Marshal(out)
}

// UnmarshalJSON refuses names that a fault does not have: a misspelt one would be a fault that is not met.
func (f *Fault) UnmarshalJSON(body []byte) error {
	read := Fault{}
	in := faultJSON{plainFault: (*plainFault)(&read)}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return err
	}
	var err error
	if read.Delay, err = parseDuration("delay", in.Delay); err != nil {
		return err
	}
	if read.RetryAfterDate, err = parseDuration("retryAfterDate", in.RetryAfterDate); err != nil {
		return err
	}
	*f = read
	return nil
}

func parseDuration(name, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s must be a duration such as \"2s\" or \"500ms\"", name)
	}
	return d, nil
}
