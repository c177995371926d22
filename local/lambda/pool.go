package lambda

import (
	"slices"
	"sync"
)

// pool keeps a function's environments. Its zero value is ready for use.
type pool struct {
	mu     sync.Mutex
	all    []*environment // oldest first
	idle   []*environment // most recently used last
	closed bool
}

// warm takes the most recently used idle environment whose process lives, as Lambda prefers; nil if there is none.
func (p *pool) warm() *environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		e := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if e.process.alive() {
			return e
		}
		p.remove(e)
	}
	return nil
}

// add is false when the pool is closed: the process would outlive the function.
func (p *pool) add(e *environment) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.all = append(p.all, e)
	}
	return !p.closed
}

// release keeps a living environment for the next invocation and forgets a dead one.
func (p *pool) release(e *environment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.process.alive() {
		p.idle = append(p.idle, e)
		return
	}
	p.remove(e)
}

// remove needs the lock.
func (p *pool) remove(e *environment) {
	p.all = slices.DeleteFunc(p.all, func(other *environment) bool { return other == e })
	e.api.close()
}

// close lets nothing in any more and returns what is still there.
func (p *pool) close() []*environment {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	return p.members()
}

func (p *pool) members() []*environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all)
}
