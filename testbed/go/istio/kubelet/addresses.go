package main

import (
	"fmt"
	"net/netip"
	"sync"
)

// addresses hands out pod addresses in order, and comes back to a used one
// only after the whole range: an address that is free again may still be in
// some client's books for a moment.
type addresses struct {
	mutex  sync.Mutex
	prefix netip.Prefix
	next   netip.Addr
	used   map[netip.Addr]bool
}

func newAddresses(cidr string) (*addresses, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, err
	}
	return &addresses{prefix: prefix, next: prefix.Addr().Next(), used: map[netip.Addr]bool{}}, nil
}

// take returns a free address.
func (a *addresses) take() (string, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	start := a.next
	for {
		candidate := a.next
		a.next = a.next.Next()
		if !a.prefix.Contains(a.next) {
			a.next = a.prefix.Addr().Next()
		}
		if !a.used[candidate] {
			a.used[candidate] = true
			return candidate.String(), nil
		}
		if a.next == start {
			return "", fmt.Errorf("no free address in %s", a.prefix)
		}
	}
}

// reserve marks an address as used by a pod that was there before us.
func (a *addresses) reserve(address string) {
	a.mark(address, true)
}

// release gives an address back.
func (a *addresses) release(address string) {
	a.mark(address, false)
}

func (a *addresses) mark(address string, used bool) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if used {
		a.used[ip] = true
	} else {
		delete(a.used, ip)
	}
}
