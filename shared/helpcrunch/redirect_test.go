package helpcrunch_test

import (
	"fmt"
	"testing"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

func TestRedirectsAreNeverFollowed(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 304, 307, 308} {
		for name, location := range map[string]string{
			"another host": "", // see below
			"none":         "-",
			"nonsense":     "http://[::1/%zz",
			"a script":     "javascript:alert(1)",
		} {
			t.Run(fmt.Sprintf("%d to %s", status, name), func(t *testing.T) {
				elsewhere := fake.New(t, fake.Answer(200, "{}"))
				headers := []string{"Location", location}
				switch location {
				case "":
					headers[1] = elsewhere.URL + "/chats/readByAgent"
				case "-":
					headers = nil
				}
				if a := mustAnswer(t, fake.Answer(status, "", headers...)); a.Status != status {
					t.Errorf("status %d, want %d", a.Status, status)
				}
				if n := len(elsewhere.Requests()); n > 0 {
					t.Errorf("the other host was called %d times", n)
				}
			})
		}
	}
}
