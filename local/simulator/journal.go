package simulator

import "time"

// Request is one request that HelpCrunch saw, with no key in it and no body. Control requests are not among them.
type Request struct {
	Number      int64     `json:"number"` // from 1, in the order in which their bodies were read; starts again after a reset
	Time        time.Time `json:"time"`   // when its body was read
	Method      string    `json:"method"`
	Path        string    `json:"path"`             // without the query; cut to 200 bytes
	Reader      string    `json:"reader,omitempty"` // Agent, Customer, or "" for another endpoint
	Chat        int64     `json:"chat,omitempty"`   // 0 when the body names none
	Read        *bool     `json:"read,omitempty"`   // nil when the body does not say
	KeyAccepted bool      `json:"keyAccepted"`      // when the request arrived
	Fault       Kind      `json:"fault,omitempty"`  // the fault it met
	Status      int       `json:"status"`           // 0 while it is served, and when it got no answer
	Done        bool      `json:"done"`
}

// Counts are taken from the start, or from the last reset.
type Counts struct {
	Requests     int         `json:"requests"`
	InFlight     int         `json:"inFlight"`
	Writes       int         `json:"writes"`       // marks made
	KeyRejected  int         `json:"keyRejected"`  // requests without an accepted key
	UnknownNames int         `json:"unknownNames"` // bodies of marks with a name beside id and read: the functions never send one
	MostIn60s    int         `json:"mostIn60s"`    // the most requests seen in any 60 seconds, refused ones included
	ByStatus     map[int]int `json:"byStatus"`     // ended with this status, whatever became of the body; 0: no answer
}

// journalSize is how many requests are remembered one by one; the counts go on for ever.
const journalSize = 10_000

// journal is the account of what was seen.
type journal struct {
	last   int64
	recent []*Request // the newest at the end
	counts Counts
	seen   window
}

func newJournal() *journal { return &journal{counts: Counts{ByStatus: make(map[int]int)}} }

func (j *journal) begin(r *Request) {
	j.last++
	r.Number = j.last
	j.recent = append(j.recent, r)
	if len(j.recent) > journalSize {
		j.recent = j.recent[1:]
	}
	j.counts.Requests++
	j.counts.InFlight++
	j.counts.MostIn60s = max(j.counts.MostIn60s, j.seen.add(r.Time))
	if !r.KeyAccepted {
		j.counts.KeyRejected++
	}
}

// Requests returns the remembered requests whose number is greater than since, oldest first.
func (s *Simulator) Requests(since int64) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0)
	for _, r := range s.journal.recent {
		if r.Number > since {
			requests = append(requests, *r)
		}
	}
	return requests
}
