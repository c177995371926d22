package bulk

import (
	"fmt"
	"time"
)

// maxAge is how old a mark may become before functions/queue dead-letters it the first time that anything delays it.
const maxAge = 7 * 24 * time.Hour

// Limits are how long marks may wait.
type Limits struct {
	Window    time.Duration // RETRY_WINDOW
	Retention time.Duration // the queue's; 0 when it is not known
}

// Warning says what becomes of the last of marks that wait for so long; it is empty when nothing does.
func (l Limits) Warning(wait time.Duration) string {
	switch {
	case l.Retention > 0 && wait > l.Retention:
		return fmt.Sprintf("longer than the queue keeps a message (%s): SQS deletes what is not made by then, and it is lost", l.Retention)
	case wait > maxAge:
		return fmt.Sprintf("longer than %s: a mark of that age becomes a dead letter as soon as anything delays it", maxAge)
	case wait > l.Window:
		return fmt.Sprintf("longer than the retry window (%s): a mark that has waited for longer and then fails gets no second try", l.Window)
	}
	return ""
}
