package simulator

import (
	"encoding/json"
	"errors"
	"time"
)

// plainFault is a Fault without its methods, so that encoding/json takes its fields.
type plainFault Fault

// faultJSON writes the delay as a person would: "2s".
type faultJSON struct {
	*plainFault
	Delay string `json:"delay,omitempty"`
}

// MarshalJSON writes the delay as a string such as "2s".
func (f Fault) MarshalJSON() ([]byte, error) {
	out := faultJSON{plainFault: (*plainFault)(&f)}
	if f.Delay != 0 {
		out.Delay = f.Delay.String()
	}
	return json.Marshal(out)
}

// UnmarshalJSON refuses names that a fault does not have: a misspelt one would be a fault that is not met.
func (f *Fault) UnmarshalJSON(body []byte) error {
	read := Fault{}
	in := faultJSON{plainFault: (*plainFault)(&read)}
	if err := strictJSON(body, &in); err != nil {
		return err
	}
	if in.Delay != "" {
		var err error
		if read.Delay, err = time.ParseDuration(in.Delay); err != nil {
			return errors.New(`delay must be a duration such as "2s" or "500ms"`)
		}
	}
	*f = read
	return nil
}
