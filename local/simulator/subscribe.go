package simulator

import "sync"

// Subscribe reports changes: the channel holds a value whenever something has changed since it was last received from.
// Changes that come close together are reported once, so a slow reader never holds up the simulator and never misses the
// last state. Call stop when done; the channel is not closed.
func (s *Simulator) Subscribe() (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscribers[c] = struct{}{}
	return c, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subscribers, c)
	})
}

// changed is called with the lock held.
func (s *Simulator) changed() {
	for c := range s.subscribers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
